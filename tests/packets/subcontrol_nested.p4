// Controls in controls, a control instance as constructor argument taken over, locals initialised at each application.
#include "harness.p4"

control Inner(inout bit<8> x) {
    bit<8> n = 1;
    apply {
        n = n + 2;
        x = x + n;
    }
}
control Outer(inout bit<8> x) {
    Inner() inner;
    apply {
        inner.apply(x);
        inner.apply(x);
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    Outer() outer;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        outer.apply(h.data.a);
        outer.apply(h.data.b);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
