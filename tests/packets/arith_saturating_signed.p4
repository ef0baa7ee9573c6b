// Signed saturating subtraction at both bounds.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = (bit<8>)((int<8>)h.data.a |-| (int<8>)h.data.b);
        h.data.d = (bit<32>)((int<32>)h.data.d |-| 32s1);
        h.data.e = (bit<64>)((int<64>)h.data.e |+| (int<64>)h.data.e);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
