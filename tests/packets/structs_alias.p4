// Exchanging two fields in one assignment reads both before it writes.
#include "harness.p4"

struct S {
    bit<8> x;
    bit<8> y;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        S s = { h.data.a, h.data.b };
        s = { s.y, s.x };
        h.data.a = s.x;
        h.data.b = s.y;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
