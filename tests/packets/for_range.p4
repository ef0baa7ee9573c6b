// `for (x in a..b)` runs over both ends; with a run-time end; nested.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<16> sum = 0;
        for (bit<8> i in 1 .. 5) {
            sum = sum + (bit<16>)i;
        }
        h.data.c = sum;
        bit<32> pairs = 0;
        for (bit<8> i in 0 .. 3) {
            for (bit<8> j in 0 .. 3) {
                if (i < j) {
                    pairs = pairs + 1;
                }
            }
        }
        h.data.d = pairs;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
