// A table of size 2 takes two entries.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    action miss() { h.data.b = 0xee; }
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { set; miss; }
        default_action = miss();
        size = 2;
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
