// Direct application of a control type: each place has an instance of its own.
#include "harness.p4"

control Double(inout bit<8> x) {
    apply { x = x + x; }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        Double.apply(h.data.a);
        Double.apply(h.data.b);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
