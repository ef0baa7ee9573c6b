// csum_replace2 and csum_replace4 follow RFC 1624.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.c = csum_replace2(h.data.c, (bit<16>)h.data.a, (bit<16>)h.data.b);
        h.data.e = (bit<64>)csum_replace4(h.data.e[15:0], h.data.d, 0x0a000001);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
