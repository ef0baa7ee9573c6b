// The clock and perf events can be called; the event's result is 0.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<32> now = BPF_KTIME_GET_NS();
        bit<32> sent = BPF_PERF_EVENT_OUTPUT();
        h.data.a = now == now + 1 ? 8w1 : 8w2;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
