// Two instances of a control with constructor parameters have tables of their own.
#include "harness.p4"

control Stage(in bit<8> x, inout bit<8> sum)(bit<8> bonus) {
    action found(bit<8> v) { sum = sum + v; }
    table t {
        key = { x: exact @name("x"); }
        actions = { found; NoAction; }
    }
    apply {
        t.apply();
        sum = sum + bonus;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    Stage(8w1) first;
    Stage(8w2) second;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        first.apply(h.data.a, h.data.b);
        second.apply(h.data.a, h.data.b);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
