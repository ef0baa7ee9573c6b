// Actions called directly: directions, and an action that calls an action.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    bit<8> total = 0;
    action add(in bit<8> x) { total = total + x; }
    action add_twice(in bit<8> x, inout bit<8> counted) {
        add(x);
        add(x);
        counted = counted + 2;
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        add(h.data.a);
        add_twice(h.data.b, h.data.a);
        h.data.c = (bit<16>)total;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
