// `...` in a struct expression stands for the default values of the other fields.
#include "harness.p4"

struct S {
    bit<8> a;
    bit<8> b;
    bool   flag;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        S s = { b = h.data.b, ... };
        h.data.c = (bit<16>)(s.a ++ s.b);
        h.data.a = s.flag ? 8w1 : 8w2;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
