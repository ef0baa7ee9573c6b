// `for (init; condition; update)` with break and continue.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<8> found = 0xff;
        bit<16> skipped = 0;
        for (bit<8> i = 0; i < 16; i = i + 1) {
            if (h.data.c[0:0] == 0) {
                h.data.c = h.data.c >> 1;
                skipped = skipped + 1;
                continue;
            }
            found = i;
            break;
        }
        h.data.a = found;
        h.data.b = (bit<8>)skipped;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
