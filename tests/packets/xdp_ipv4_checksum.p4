// ebpf_ipv4_checksum over the fields of an IPv4 header.
#include "harness.p4"

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.data.c = ebpf_ipv4_checksum(4, 5, h.data.a, 0x0073, h.data.c, 2, 1, 0x40, h.data.b, h.data.d, h.data.e[31:0]);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
