// Tuples: made from a list, elements by index, comparison, as an argument.
#include "harness.p4"

bit<16> second(in tuple<bit<8>, bit<16>> t) {
    return t[1];
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        tuple<bit<8>, bit<16>> t = { h.data.a, h.data.c };
        h.data.b = t[0] + 1;
        h.data.d = (bit<32>)t[1];
        if (t == { 8w7, h.data.c }) {
            h.data.e = (bit<64>)second(t);
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
