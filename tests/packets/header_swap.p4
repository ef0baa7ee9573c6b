// Two headers exchange their contents through a third.
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
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.first);
        packet.extract(h.second);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.third = h.first;
        h.first = h.second;
        h.second = h.third;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.first);
        packet.emit(h.second);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
