// A table that is full takes no entry, and add_entry says so; a second add_entry for a key leaves the first.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action seen(bit<16> c) {
        h.data.b = 1;
        h.data.c = c;
    }
    action learn() {
        h.data.b = add_entry("seen", { h.data.c }) ? 8w2 : 3;
        if (h.data.d != 0) {
            h.data.d = add_entry("seen", { 16w0xdead }) ? 32w4 : 5;
        }
    }
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { seen; @defaultonly learn; }
        const default_action = learn();
        add_on_miss = true;
        size = 2;
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
