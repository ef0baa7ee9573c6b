// `for (x in {...})` over a list of values.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<8> sum = 0;
        for (bit<8> x in (list<bit<8>>){10, 20, 3}) {
            sum = sum + x;
        }
        h.data.a = sum;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
