// A tunnel by a header of our own: what carries a Tunnel header behind Ethernet goes by the host number in it, whatever is inside; plain
// IPv4 is routed as in ../basic. The hosts put the header on and take it off.
//
//   examples/v1model/run examples/v1model/tunnel --test
//
// Network and what to try: README.md. Tests: tunnel.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const bit<16> TYPE_TUNNEL = 0x1212;

header Tunnel {
    bit<16> inner_type;  // an Ethernet type
    bit<16> host;
}

struct Headers {
    Ethernet ethernet;
    Tunnel   tunnel;
    Ipv4     ipv4;
}

struct Meta {}

parser TunnelParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
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

control TunnelIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action drop() {
        mark_to_drop(standard);
    }
    action forward(Mac mac, Port port) {
        standard.egress_spec = port;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { forward; drop; }
        default_action = drop();
        size = 1024;
    }

    action send(Port port) {
        standard.egress_spec = port;
    }
    table tunnels {
        key = { headers.tunnel.host: exact @name("host"); }
        actions = { send; drop; }
        default_action = drop();
        size = 1024;
    }

    apply {
        if (headers.tunnel.isValid()) {
            tunnels.apply();
        } else if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
            routes.apply();
        } else {
            drop();
        }
    }
}

control TunnelEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control TunnelDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.tunnel);
        packet.emit(headers.ipv4);
    }
}

V1Switch(TunnelParser(), Verify(), TunnelIngress(), TunnelEgress(), Update(), TunnelDeparser()) main;
