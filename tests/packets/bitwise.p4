// And, or, xor and complement.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = h.data.a & 0x0f;
        h.data.b = h.data.b | 0xf0;
        h.data.c = h.data.c ^ 0xffff;
        h.data.d = ~h.data.d;
        h.data.e = (h.data.e & 0xff00ff00ff00ff00) >> 8 | (h.data.e & 0x00ff00ff00ff00ff) << 8;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
