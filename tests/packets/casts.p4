// Casts between bit, int, bool and serializable enumerations.
#include "harness.p4"

enum bit<8> Color {
    RED   = 1,
    GREEN = 5,
    BLUE  = 9
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bool flag = (bool)h.data.a[0:0];
        h.data.a = (bit<8>)(bit<1>)!flag;
        Color color = (Color)h.data.b;
        h.data.b = color == Color.GREEN ? 8w0xaa : (bit<8>)color;
        h.data.c = (bit<16>)(bit<8>)Color.BLUE;
        h.data.d = (bit<32>)h.data.e;
        int<16> negative = (int<16>)(int<8>)h.data.e[7:0];
        h.data.e = (bit<64>)(int<64>)negative;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
