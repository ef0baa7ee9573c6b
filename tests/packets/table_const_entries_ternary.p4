// Constant entries of a ternary table: the first one that matches wins.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    action miss() { h.data.b = 0xee; }
    table t {
        key = { h.data.a: ternary @name("a"); h.data.c: range @name("c"); }
        actions = { set; miss; }
        default_action = miss();
        const entries = {
            (0x10 &&& 0xf0, _): set(1);
            (_, 50 .. 100): set(2);
            (0x25, 200): set(3);
            (0x15, _): set(4);
        }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
