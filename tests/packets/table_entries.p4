// Entries that the program starts with, with written priorities, and others beside them.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    action miss() { h.data.b = 0xee; }
    table t {
        key = { h.data.a: ternary @name("a"); }
        actions = { set; miss; }
        default_action = miss();
        entries = {
            priority = 10: 0x10 &&& 0xf0: set(1);
            priority = 20: 0x12: set(2);
            priority = 5: 0x13: set(3);
        }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
