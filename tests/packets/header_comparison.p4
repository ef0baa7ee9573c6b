// Headers are equal if both are invalid, or both valid with equal fields.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    Data other; Data third;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        other = h.data;
        h.data.b = other == h.data ? 8w1 : 8w0;
        other.c = h.data.c + 1;
        h.data.c = other == h.data ? 16w1 : 16w2;
        other.setInvalid();
        third.a = 5;
        bool both_invalid = other == third;
        h.data.d = both_invalid ? 32w1 : 32w0;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
