// A table that learns: what its default action adds is found by the packets behind it, with the action and the values that it
// was added with.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action seen(bit<32> d, bit<12> c) {
        h.data.b = 1;
        h.data.d = d;
        h.data.c = 4w0 ++ c;
    }
    action passed() {
        h.data.b = 3;
    }
    action learn() {
        bit<32> d = h.data.d;
        // What the action does before it adds has no say in the key.
        bit<8> a = h.data.a;
        h.data.a = 0xff;
        h.data.b = 2;
        if (a[7:7] == 0) {
            add_entry("seen", { c = (bit<12>)h.data.c + 1, d = d });
        } else {
            add_entry("passed", {});
        }
        h.data.a = a;
    }
    table t {
        key = {
            h.data.a:       exact @name("a");
            h.ethernet.src: exact @name("src");
        }
        actions = { seen; passed; @defaultonly learn; }
        const default_action = learn();
        add_on_miss = true;
        size = 16;
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        t.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
