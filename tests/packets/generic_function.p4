// Generic functions are made for each type that they are called with.
#include "harness.p4"

T pick<T>(in bool first, in T x, in T y) {
    if (first) {
        return x;
    }
    return y;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.a = pick(h.data.a > h.data.b, h.data.a, h.data.b);
        h.data.d = pick(h.data.d > 1000, h.data.d, 1000);
        h.data.e = pick<bit<64>>(h.data.e > 7, h.data.e, 7);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
