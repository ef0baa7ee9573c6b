// Signed values: wrapping, comparison, shifts that keep the sign, sign extension.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        int<8> a = (int<8>)h.data.a;
        int<8> b = (int<8>)h.data.b;
        if (a < b) {
            h.data.c = (bit<16>)(int<16>)a;
        } else {
            h.data.c = (bit<16>)(int<16>)(a >> 2);
        }
        h.data.d = (bit<32>)((int<32>)a * (int<32>)b);
        h.data.a = (bit<8>)(a - b);
        h.data.b = (bit<8>)(-b);
        int<64> e = (int<64>)h.data.e;
        if (e >= 0) {
            h.data.e = 1;
        } else {
            h.data.e = (bit<64>)(e >> 60);
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
