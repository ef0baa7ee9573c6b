// All comparisons, unsigned, at the borders.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<8> r = 0;
        if (h.data.a < h.data.b)  { r = r | 1; }
        if (h.data.a <= h.data.b) { r = r | 2; }
        if (h.data.a > h.data.b)  { r = r | 4; }
        if (h.data.a >= h.data.b) { r = r | 8; }
        if (h.data.a == h.data.b) { r = r | 16; }
        if (h.data.a != h.data.b) { r = r | 32; }
        if (h.data.e > 0x8000000000000000) { r = r | 64; }
        if (h.data.c == 0x0800) { r = r | 128; }
        h.data.d = (bit<32>)r;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
