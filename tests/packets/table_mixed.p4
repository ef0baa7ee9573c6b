// All match kinds in one table; the priority decides, not the prefix.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    action miss() { h.data.b = 0xee; }
    table t {
        key = { h.data.a: exact @name("a"); h.data.d: lpm @name("d"); h.data.c: ternary @name("c"); h.data.e: range @name("e"); }
        actions = { set; miss; }
        default_action = miss();
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
