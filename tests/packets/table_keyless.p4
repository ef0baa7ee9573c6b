// A table without a key runs its default action, which the control plane can change.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    table t {
        actions = { set; NoAction; }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
