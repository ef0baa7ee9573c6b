// An explicit reject drops the packet; accept behind a few states does not.
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
        transition select(h.first.v) {
            0: reject;
            1: more;
            default: accept;
        }
    }
    state more {
        packet.extract(h.second);
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
