// Shifts by constants, also by more than the width.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = h.data.a << 3;
        h.data.b = h.data.b >> 9;
        h.data.c = (h.data.c >> 4) << 4;
        h.data.e = h.data.e << 40;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
