// The pipeline of a router with an access list: station address, routes and next hops as in router.p4, and a ternary list
// over the five-tuple that permits or drops.
#include <core.p4>
#include <xdp_model.p4>
#include "headers.p4"

header Ports {
    bit<16> src;
    bit<16> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Ports    ports;  // the first four bytes of TCP and of UDP
}

parser ParseFlow(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition select(headers.ipv4.ihl, headers.ipv4.protocol) {
            (5, 6):            ports;
            (5, PROTOCOL_UDP): ports;
            default:           accept;
        }
    }
    state ports {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Pipeline(inout Headers headers, in xdp_input input, out xdp_output output) {
    bit<10> next_hop = 0;

    action to_kernel() {
        output.output_action = xdp_action.XDP_PASS;
    }
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    action permit() {}
    table stations {
        key = { headers.ethernet.dst: exact @name("dst"); }
        actions = { NoAction; }
        const default_action = NoAction;
        size = 64;
    }
    table access {
        key = {
            headers.ipv4.src:      ternary @name("src");
            headers.ipv4.dst:      ternary @name("dst");
            headers.ipv4.protocol: ternary @name("protocol");
            headers.ports.src:     ternary @name("sport");
            headers.ports.dst:     ternary @name("dport");
        }
        actions = { permit; drop; }
        const default_action = drop;
        size = 64;  // as many as the twin's list has room for; bench --tables measures large ones
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
        if (headers.ports.isValid() && stations.apply().hit) {
            switch (access.apply().action_run) {
                permit: {
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
    }
}

control DeparseFlow(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.ports);
    }
}

xdp(ParseFlow(), Pipeline(), DeparseFlow()) main;
