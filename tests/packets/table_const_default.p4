// A constant default action, and a table without a key.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x, bit<16> y) {
        h.data.b = x;
        h.data.c = y;
    }
    table t {
        actions = { set; }
        const default_action = set(7, 0x1234);
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
