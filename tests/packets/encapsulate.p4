// A new header before all others, and one between them.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Byte { bit<8> v; }
struct Headers {
    Ethernet ethernet;
    Byte     first;
    Byte     second;
    Byte     third;
    Ethernet outer;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.first);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        if (h.first.v == 5) {
            h.outer.setValid();
            h.outer = { 0x0a0000000001, 0x0a0000000002, 0x1234 };
            h.second.setValid();
            h.second.v = 7;
        }
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.outer);
        packet.emit(h.ethernet);
        packet.emit(h.second);
        packet.emit(h.first);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
