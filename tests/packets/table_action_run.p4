// `switch (t.apply().action_run)`: labels that share a body, default.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action one() {}
    action two(bit<8> x) { h.data.c = (bit<16>)x; }
    action three() {}
    action four() {}
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { one; two; three; four; NoAction; }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        switch (t.apply().action_run) {
            one: { h.data.b = 1; }
            two:
            three: { h.data.b = 23; }
            default: { h.data.b = 9; }
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
