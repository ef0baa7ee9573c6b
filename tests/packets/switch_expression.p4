// `switch` on an expression: labels share a body, `default` takes the rest.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        switch (h.data.a) {
            1:
            2: { h.data.b = 12; }
            0x80: { h.data.b = 80; }
            default: { h.data.b = 99; }
        }
        switch (h.data.c) {
            16w7: { h.data.d = 7; }
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
