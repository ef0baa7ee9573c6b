// An action of a table with some arguments bound in the program and some given by the control plane.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action store(in bit<16> from_program, bit<8> from_entry) {
        h.data.c = from_program;
        h.data.b = from_entry;
    }
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { store(h.data.d[15:0]); NoAction; }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
