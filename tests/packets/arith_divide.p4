// Division and remainder by powers of two at run time, and of compile-time integers.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    const int kBig = 1000000000000;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = h.data.a / 8;
        h.data.b = h.data.b % 16;
        h.data.c = h.data.c / 16;
        h.data.d = (bit<32>)(kBig / 1000000) + h.data.d % 1024;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
