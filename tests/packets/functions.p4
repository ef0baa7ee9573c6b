// Functions: in, out and inout parameters, early return, calls within calls, copy-in and copy-out.
#include "harness.p4"

bit<8> twice(in bit<8> x) {
    if (x > 100) {
        return 255;
    }
    return x + x;
}
void swap(inout bit<8> x, inout bit<8> y) {
    bit<8> saved = x;
    x = y;
    y = saved;
}
void split(in bit<32> x, out bit<32> high, out bit<8> low) {
    high = x >> 16;
    low = x[7:0];
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<8> out_value;
        h.data.c = (bit<16>)twice(twice(h.data.a));
        swap(h.data.a, h.data.b);
        split(h.data.d, h.data.e[31:0], out_value);
        h.data.d = (bit<32>)out_value;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
