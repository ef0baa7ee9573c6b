// Tunnels that switches put on and take off, with counters at both ends. A route may name a tunnel: the packet gets a Tunnel header and goes
// by the number in it until a switch takes the header off again. controller.py sets up the tunnels while the network runs, and reads
// the counters.
//
//   examples/v1model/run examples/v1model/tunnel_counters --test
//
// Network and what to try: README.md. Tests: tunnel_counters.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const bit<16> TYPE_TUNNEL = 0x1212;

header Tunnel {
    bit<16> inner_type;  // an Ethernet type
    bit<16> id;
}

struct Headers {
    Ethernet ethernet;
    Tunnel   tunnel;
    Ipv4     ipv4;
}

struct Meta {}

parser TunnelCountersParser(packet_in packet,
                            out Headers headers,
                            inout Meta meta,
                            inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_TUNNEL: tunnel;
            TYPE_IPV4:   ipv4;
            default:     accept;
        }
    }
    state tunnel {
        packet.extract(headers.tunnel);
        transition select(headers.tunnel.inner_type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control TunnelCountersIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    counter(1024, CounterType.packets_and_bytes) entered;
    counter(1024, CounterType.packets_and_bytes) left;

    action drop() {
        mark_to_drop(standard);
    }
    action forward(Mac mac, Port port) {
        standard.egress_spec = port;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
    }
    action enter(bit<16> id) {
        headers.tunnel.setValid();
        headers.tunnel = { headers.ethernet.type, id };
        headers.ethernet.type = TYPE_TUNNEL;
        entered.count((bit<32>)id);
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { forward; enter; drop; }
        default_action = drop();
        size = 1024;
    }

    action pass_on(Port port) {
        standard.egress_spec = port;
    }
    action leave(Mac mac, Port port) {
        left.count((bit<32>)headers.tunnel.id);
        standard.egress_spec = port;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        headers.ethernet.type = headers.tunnel.inner_type;
        headers.tunnel.setInvalid();
    }
    table tunnels {
        key = { headers.tunnel.id: exact @name("id"); }
        actions = { pass_on; leave; drop; }
        default_action = drop();
        size = 1024;
    }

    apply {
        if (!headers.tunnel.isValid()) {
            if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
                routes.apply();
            } else {
                drop();
            }
        }
        if (headers.tunnel.isValid()) {
            tunnels.apply();
        }
    }
}

control TunnelCountersEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control TunnelCountersDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.tunnel);
        packet.emit(headers.ipv4);
    }
}

V1Switch(TunnelCountersParser(),
         Verify(),
         TunnelCountersIngress(),
         TunnelCountersEgress(),
         Update(),
         TunnelCountersDeparser()) main;
