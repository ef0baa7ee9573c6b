// Unsigned arithmetic wraps modulo 2^width (P4_16 section 8.6).
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = h.data.a + h.data.b;
        h.data.c = h.data.c - 3;
        h.data.d = h.data.d * 0x10001;
        h.data.e = -h.data.e;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
