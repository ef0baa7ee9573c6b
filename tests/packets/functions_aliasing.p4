// An argument that is passed twice is copied in and out by value, in the order of the parameters (section 6.8).
#include "harness.p4"

// Both see the value from before; the last one written back wins; `sum` was read from the first as changed inside.
void change(inout bit<8> x, inout bit<8> y, out bit<8> sum) {
    x = x + 1;
    y = y + 10;
    sum = x + 5;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        change(h.data.a, h.data.a, h.data.b);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
