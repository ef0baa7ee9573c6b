// Signed values whose width is no power of two.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        int<5> x = (int<5>)h.data.a[4:0];
        int<5> y = (int<5>)h.data.b[4:0];
        int<33> w = (int<33>)h.data.e[32:0];
        h.data.a = (bit<8>)(bit<5>)(x + y);
        h.data.b = x < y ? 8w1 : 8w0;
        h.data.c = (bit<16>)(int<16>)(x |+| y);
        h.data.e = (bit<64>)(int<64>)(w >> 1);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
