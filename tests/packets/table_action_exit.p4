// `exit` in an action of a table leaves the control.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action stop() {
        h.data.b = 1;
        exit;
    }
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { stop; NoAction; }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
        h.data.c = 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
