// A table that makes room: it is never too full for a new entry, which stays at least until the next packet.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action seen(bit<32> d) {
        h.data.b = 1;
        h.data.d = d;
    }
    action learn() {
        h.data.b = add_entry("seen", { d = h.data.d }) ? 8w2 : 3;
    }
    table t {
        key = { h.data.a: exact @name("a"); }
        actions = { seen; @defaultonly learn; }
        const default_action = learn();
        add_on_miss = true;
        implementation = lru_table(4);
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
