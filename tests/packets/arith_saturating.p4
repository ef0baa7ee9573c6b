// Saturating addition and subtraction stop at the bounds of the type.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = h.data.a |+| h.data.b;
        h.data.b = h.data.b |-| 100;
        h.data.c = (bit<16>)((int<16>)h.data.c |+| 16s1000);
        h.data.d = h.data.d |-| 0x10;
        h.data.e = h.data.e |+| 0x100;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
