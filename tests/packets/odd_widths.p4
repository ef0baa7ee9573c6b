// Values of widths that no machine has wrap at their own width.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<5> five = h.data.a[4:0];
        five = five + 1;
        bit<13> thirteen = h.data.c[12:0] * 3;
        bit<33> wide = (bit<33>)h.data.d + (bit<33>)h.data.d;
        h.data.a = (bit<8>)five;
        h.data.c = (bit<16>)thirteen;
        h.data.e = (bit<64>)~wide;
        h.data.b = 1w1 ++ five ++ 2w0;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
