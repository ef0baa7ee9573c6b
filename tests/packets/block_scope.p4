// Declarations in blocks hide outer ones, and start anew each time.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<8> x = 1;
        {
            bit<8> x = 2;
            x = x + h.data.a;
            h.data.b = x;
        }
        h.data.a = x;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
