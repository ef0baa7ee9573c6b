// `exit` inside a sub-control copies its out and inout arguments back first (section 11.4).
#include "harness.p4"

control Inner(in bit<8> x, inout bit<8> y) {
    apply {
        y = 9;
        if (x == 1) {
            exit;
        }
        y = 5;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    Inner() inner;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        inner.apply(h.data.a, h.data.b);
        h.data.c = 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
