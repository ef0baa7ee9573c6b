// Parse Ethernet and IPv4, look the destination MAC up in a table that does not have it, drop.
#include <core.p4>
#include <xdp_model.p4>
#include "ethernet_ipv4.p4"

control Lookup(inout Headers headers, in xdp_input input, out xdp_output output) {
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    action pass() {
        output.output_action = xdp_action.XDP_PASS;
    }
    table hosts {
        key = { headers.ethernet.dst: exact @name("dst"); }
        actions = { pass; drop; }
        const default_action = drop;
        size = 1024;
    }
    apply {
        output.output_port = 0;
        hosts.apply();
    }
}

xdp(ParseIpv4(), Lookup(), DeparseIpv4()) main;
