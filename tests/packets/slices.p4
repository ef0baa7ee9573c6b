// Slices as values and as l-values, with constant bounds.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a[3:0] = h.data.b[7:4];
        h.data.c[15:12] = 4w9;
        h.data.d[23:8] = h.data.c;
        h.data.e[63:32] = h.data.e[31:0];
        h.data.e[0:0] = 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
