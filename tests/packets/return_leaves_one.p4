// `return` leaves only the control or function that it stands in.
#include "harness.p4"

control Inner(in bit<8> x, out bit<8> y) {
    apply {
        y = 1;
        if (x == 1) {
            return;
        }
        y = 2;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    Inner() inner;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        inner.apply(h.data.a, h.data.b);
        h.data.c = 1;
        if (h.data.a == 2) {
            return;
        }
        h.data.d = 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
