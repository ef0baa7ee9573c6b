// Parse Ethernet and IPv4, swap the MAC addresses, send the packet back.
#include <core.p4>
#include <xdp_model.p4>
#include "ethernet_ipv4.p4"

control Swap(inout Headers headers, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        bit<48> dst = headers.ethernet.dst;
        headers.ethernet.dst = headers.ethernet.src;
        headers.ethernet.src = dst;
    }
}

xdp(ParseIpv4(), Swap(), DeparseIpv4()) main;
