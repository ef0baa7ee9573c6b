// Arguments of many widths arrive unharmed, those wider than 64 bits too.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> p, bit<48> q, bit<1> r, bit<96> s, bool t, int<8> u) {
        h.data.b = p;
        h.ethernet.dst = q;
        h.data.c = (bit<16>)r;
        h.data.e = s[95:32];
        h.data.d = s[31:0];
        if (t && u < 0) {
            h.data.a = (bit<8>)u;
        }
    }
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { set; NoAction; }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
