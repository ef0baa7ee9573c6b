// An IPv4 router of v1model: longest prefix to next hop, next hop to MAC addresses and port; TTL down by one, checksum checked and
// computed anew, packets counted by next hop. All else is dropped.
#include "v1_ipv4.p4"

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
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

control Router(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    counter(1024, CounterType.packets) hop_packets;
    bit<10> next_hop = 0;

    action drop() {
        mark_to_drop(standard);
    }
    action via(bit<10> hop) {
        next_hop = hop;
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { via; drop; }
        const default_action = drop;
        size = 1048576;
    }

    action forward(bit<48> src, bit<48> dst, bit<9> port) {
        headers.ethernet.src = src;
        headers.ethernet.dst = dst;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
        standard.egress_spec = port;
        hop_packets.count((bit<32>)next_hop);
    }
    table next_hops {
        key = { next_hop: exact @name("hop"); }
        actions = { forward; drop; }
        const default_action = drop;
        size = 1024;
    }

    apply {
        if (headers.ipv4.isValid() && standard.checksum_error == 0 && headers.ipv4.ttl > 1) {
            switch (routes.apply().action_run) {
                via: {
                    next_hops.apply();
                }
            }
        } else {
            drop();
        }
    }
}

control Leave(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control Deparse(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

V1Switch(Parse(), Verify(), Router(), Leave(), Update(), Deparse()) main;
