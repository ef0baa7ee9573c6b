// && and || evaluate their right side only if it matters: its side effects show.
#include "harness.p4"

bool count(inout bit<8> calls, in bool result) {
    calls = calls + 1;
    return result;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    bit<8> calls = 0;
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bool both = h.data.a == 1 && count(calls, h.data.b == 1);
        bool either = h.data.a == 2 || count(calls, h.data.b == 2);
        h.data.c = (bit<16>)calls;
        h.data.d = (bit<32>)((bit<1>)both ++ (bit<1>)either);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
