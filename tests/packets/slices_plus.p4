// `[base +: width]` (P4_16 1.2.5): as a value and as an l-value, the base constant or known at run time only.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = h.data.d[8 +: 8];
        h.data.c[4 +: 8] = h.data.b;
        h.data.e = (bit<64>)h.data.e[h.data.b +: 16];
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
