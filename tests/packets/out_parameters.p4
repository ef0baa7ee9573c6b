// An out parameter that nobody sets is 0 here, not what the argument was.
#include "harness.p4"

control Nothing(out bit<8> x) {
    apply {}
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        Nothing.apply(h.data.a);
        h.data.b = h.data.b + 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
