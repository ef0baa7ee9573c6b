// Keys of type bool, enumeration with representation, signed, and validity.
#include "harness.p4"

enum bit<8> Color {
    RED   = 1,
    GREEN = 5
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    table t {
        key = {
            h.data.c == 1: exact @name("flag");
            (Color)h.data.a: exact @name("color");
            h.data.isValid(): exact @name("valid");
        }
        actions = { set; NoAction; }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
