// Parse Ethernet and IPv4, look the destination MAC up, write the TTL found into IPv4, give the packet to the kernel.
#include <core.p4>
#include <xdp_model.p4>
#include "ethernet_ipv4.p4"

control NewTtl(inout Headers headers, in xdp_input input, out xdp_output output) {
    action set_ttl(bit<8> ttl) {
        headers.ipv4.ttl = ttl;
        output.output_action = xdp_action.XDP_PASS;
    }
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    table hosts {
        key = { headers.ethernet.dst: exact @name("dst"); }
        actions = { set_ttl; drop; }
        const default_action = drop;
        size = 1024;
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_DROP;
        if (headers.ipv4.isValid()) {
            hosts.apply();
        }
    }
}

xdp(ParseIpv4(), NewTtl(), DeparseIpv4()) main;
