// Two tables that learn by the same action's call of another: each adds to itself, under the key of its own. One is applied
// twice, the second time for the key of the way back.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    bit<8> place = 0;
    bit<8> key = 0;

    action old() {
        h.data.b = h.data.b | place;
    }
    action remember() {
        add_entry("old", {});
    }
    action learn_here() {
        remember();
    }
    action learn_there(bit<8> which) {
        if (which != h.data.a) {
            remember();
        }
    }
    table here {
        key = { key: exact @name("key"); }
        actions = { old; @defaultonly learn_here; }
        default_action = learn_here();
        add_on_miss = true;
    }
    table there {
        key = { h.data.c: exact @name("c"); }
        actions = { old; @defaultonly learn_there; }
        default_action = learn_there(8);
        add_on_miss = true;
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        key = h.data.a;
        place = 1;
        here.apply();
        place = 2;
        if (there.apply().hit) {
            h.data.d = h.data.d + 1;
        }
        key = (bit<8>)h.data.c;
        place = 4;
        here.apply();
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
