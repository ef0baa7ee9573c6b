// Concatenation puts the left operand in the high bits.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.c = h.data.a ++ h.data.b;
        h.data.e = h.data.d[7:0] ++ h.data.a ++ 16w0xbeef ++ h.data.d;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
