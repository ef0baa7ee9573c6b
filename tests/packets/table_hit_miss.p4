// `t.apply().hit` and `.miss`.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action nop() {}
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { nop; NoAction; }
    }
    table u {
        key = { h.data.c: exact @name("c"); }
        actions = { nop; }
        const default_action = nop();
        const entries = { 5: nop(); }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        if (t.apply().hit) {
            h.data.b = 1;
        } else {
            h.data.b = 2;
        }
        if (!u.apply().miss) {
            h.data.d = 1;
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
