// `exit` leaves all enclosing blocks at once, from an action as well; what was written stays written.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action stop(in bit<8> x) {
        h.data.b = x;
        exit;
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        if (h.data.a == 1) {
            exit;
        }
        h.data.c = 1;
        if (h.data.a == 2) {
            stop(7);
            h.data.c = 2;
        }
        h.data.d = 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
