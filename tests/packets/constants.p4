// Constants: arbitrary-precision integers, sizes of headers, conditions known at compile time.
#include "harness.p4"

const int kHuge = 0x7f << 96;
const bit<8> kSize = 16;
const int kMany = 3 * 4 + (7 - 6);

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = (bit<8>)(kHuge >> 96);
        h.data.b = kSize;
        h.data.c = kMany > 10 ? 16w1 : 16w0;
        h.data.d = (bit<32>)h.data.minSizeInBits();
        static_assert(kHuge > 1, "kHuge is large");
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
