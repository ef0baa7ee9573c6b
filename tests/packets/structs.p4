// Structs nested in structs: assignment, comparison, initialisation by list and by name.
#include "harness.p4"

struct Inner {
    bit<8> first;
    bit<8> second;
}
struct Outer {
    Inner   inner;
    bit<16> third;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        Outer x = { { h.data.a, h.data.b }, h.data.c };
        Outer y = { inner = { first = 1, second = 2 }, third = 3 };
        if (x == y) {
            h.data.d = 1;
        }
        y.inner = x.inner;
        x.inner.first = 9;
        h.data.e = (bit<64>)(y.inner.first ++ y.inner.second ++ y.third ++ x.inner.first);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
