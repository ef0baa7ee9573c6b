// A value set over a struct with a struct in it: each of their fields is a key.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Pair {
    bit<8> a;
    bit<8> b;
}
struct Inner { bit<8> b; }
struct Both {
    bit<8> a;
    Inner  inner;
}
struct Headers {
    Ethernet ethernet;
    Pair     pair;
    Pair     more;
}

parser TestParser(packet_in packet, out Headers h) {
    value_set<Both>(4) known;
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.pair);
        transition select(h.pair.a, h.pair.b) {
            known: more;
            default: accept;
        }
    }
    state more {
        packet.extract(h.more);
        h.more.a = 0xcc;
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
