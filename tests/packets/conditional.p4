// `?:` takes one side, nested too.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = h.data.b > 100 ? 8w1 : h.data.b > 50 ? 8w2 : 8w3;
        h.data.c = (h.data.a == 1 ? h.data.c : ~h.data.c) + 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
