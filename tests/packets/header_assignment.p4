// Headers are assigned whole: from another header, from a list, from fields by name, and made invalid.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    Data saved;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        saved = h.data;
        h.data = { 1, 2, 3, 4, 5 };
        if (saved.a == 1) {
            h.data = saved;
            h.data.b = 0xbb;
        }
        if (saved.a == 2) {
            h.data = { a = 9, b = saved.b, c = 7, d = 8, e = 10 };
        }
        if (saved.a == 3) {
            h.data = {#};
        }
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
