// Parse Ethernet and IPv4, drop.
#include <core.p4>
#include <xdp_model.p4>
#include "ethernet_ipv4.p4"

control Drop(inout Headers headers, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_DROP;
        output.output_port = 0;
    }
}

xdp(ParseIpv4(), Drop(), DeparseIpv4()) main;
