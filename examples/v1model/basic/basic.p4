// An IPv4 router in its simplest form: the longest prefix gives the next MAC address and the port, the TTL goes down by one, and the
// header's checksum is computed anew. What is no IPv4, is damaged, has no route, or is at the end of its life is dropped.
//
//   examples/v1model/run examples/v1model/basic --test
//
// Network and what to try: README.md. Tests: basic.stf (packets), test.py (hosts).
#include "../ipv4.p4"

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
}

struct Meta {}

parser BasicParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
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

control BasicIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
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

    apply {
        if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
            routes.apply();
        } else {
            drop();
        }
    }
}

control BasicEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control BasicDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

V1Switch(BasicParser(), Verify(), BasicIngress(), BasicEgress(), Update(), BasicDeparser()) main;
