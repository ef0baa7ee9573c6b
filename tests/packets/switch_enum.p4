// `switch` on an enumeration without representation.
#include "harness.p4"

enum Mode { NONE, LOW, HIGH }

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    Mode mode = Mode.NONE;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        if (h.data.a > 10) {
            mode = Mode.HIGH;
        } else if (h.data.a > 5) {
            mode = Mode.LOW;
        }
        switch (mode) {
            Mode.HIGH: { h.data.b = 2; }
            Mode.LOW: { h.data.b = 1; }
            Mode.NONE: { h.data.b = 0xff; }
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
