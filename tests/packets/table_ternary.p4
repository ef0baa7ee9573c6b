// Ternary keys: the larger priority wins, whatever the order of insertion.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    action miss() { h.data.b = 0xee; }
    table t {
        key = { h.data.a: ternary @name("a"); h.data.c: ternary @name("c"); }
        actions = { set; miss; }
        default_action = miss();
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
