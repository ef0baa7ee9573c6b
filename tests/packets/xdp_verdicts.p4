// What becomes of a packet follows output_action; one that is dropped is never deparsed.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        if (h.data.a == 0) {
            output.output_action = xdp_action.XDP_DROP;
        } else if (h.data.a == 1) {
            output.output_action = xdp_action.XDP_ABORTED;
        } else if (h.data.a == 2) {
            output.output_action = xdp_action.XDP_PASS;
        } else if (h.data.a == 4) {
            output.output_action = xdp_action.XDP_REDIRECT;
            output.output_port = (bit<32>)h.data.b;
        }
        h.data.c = input.input_port[15:0];
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
