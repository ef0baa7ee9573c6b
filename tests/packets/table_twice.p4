// One table applied at two places shares its entries; the key is evaluated at each.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    bit<8> k = 0;
    bit<8> got = 0;
    action give(bit<8> x) { got = got + x; }
    table t {
        key = { k: exact @name("k"); }
        actions = { give; NoAction; }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        k = h.data.a;
        t.apply();
        k = h.data.b;
        t.apply();
        h.data.c = (bit<16>)got;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
