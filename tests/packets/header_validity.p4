// setInvalid takes a header out of the packet; setValid brings it back with its fields.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        if (h.data.a == 1) {
            h.data.setInvalid();
        }
        if (h.data.a == 2) {
            h.data.setInvalid();
            h.data.setValid();
        }
        if (!h.data.isValid()) {
            h.ethernet.type = 0x1234;
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
