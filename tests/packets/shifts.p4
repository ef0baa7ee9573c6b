// Shifts by run-time amounts; a shift by the width or more leaves nothing (section 8.6).
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.c = h.data.c << h.data.a;
        h.data.d = h.data.d >> h.data.a;
        h.data.e = h.data.e << h.data.b;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
