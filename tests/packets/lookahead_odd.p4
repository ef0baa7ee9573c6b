// lookahead of a width that is no multiple of 8: the first bits of the packet.
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
        bit<4> version = packet.lookahead<bit<4>>();
        bit<12> twelve = packet.lookahead<bit<12>>();
        packet.extract(h.first);
        h.first.v = version ++ twelve[3:0];
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
