// An IPv4 router: longest prefix to next hop, next hop to MAC addresses and port; TTL down by one, checksum mended,
// packets counted by next hop.
#include <core.p4>
#include <xdp_model.p4>
#include "ethernet_ipv4.p4"

control Router(inout Headers headers, in xdp_input input, out xdp_output output) {
    CounterArray(1024, false) hop_packets;
    bit<10> next_hop = 0;

    action to_kernel() {
        output.output_action = xdp_action.XDP_PASS;
    }
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    action via(bit<10> hop) {
        next_hop = hop;
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { via; to_kernel; drop; }
        const default_action = to_kernel;
        size = 1048576;
    }

    action forward(bit<48> src, bit<48> dst, bit<32> port) {
        headers.ethernet.src = src;
        headers.ethernet.dst = dst;
        bit<16> before = headers.ipv4.ttl ++ headers.ipv4.protocol;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
        headers.ipv4.checksum =
            csum_replace2(headers.ipv4.checksum, before, headers.ipv4.ttl ++ headers.ipv4.protocol);
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = port;
        hop_packets.increment((bit<32>)next_hop);
    }
    table next_hops {
        key = { next_hop: exact @name("hop"); }
        actions = { forward; drop; }
        const default_action = drop;
        size = 1024;
    }

    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_PASS;
        if (headers.ipv4.isValid()) {
            switch (routes.apply().action_run) {
                via: {
                    if (headers.ipv4.ttl <= 1) {
                        drop();
                    } else {
                        next_hops.apply();
                    }
                }
            }
        }
    }
}

xdp(ParseIpv4(), Router(), DeparseIpv4()) main;
