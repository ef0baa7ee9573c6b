// A switch that never sets output_action aborts the packet.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        h.data.a = 1;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
