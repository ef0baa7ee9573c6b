// What most packet tests share: a parser and a deparser around one header of test data behind Ethernet. A test brings the control
// `Test`, changes fields of `h.data`, and sends the packet back where it came from.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Data {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
    bit<64> e;
}

struct Headers {
    Ethernet ethernet;
    Data     data;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.data);
        transition accept;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.data);
    }
}
