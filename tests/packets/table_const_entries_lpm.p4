// Constant entries of an lpm table: the longest prefix wins, not the first entry.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    action miss() { h.data.b = 0xee; }
    table t {
        key = { h.data.d: lpm @name("d"); }
        actions = { set; miss; }
        default_action = miss();
        const entries = {
            0x0a000000 &&& 0xff000000: set(1);
            0x0a010000 &&& 0xffff0000: set(2);
            _: set(3);
        }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
