// Source routing: the sender writes the ports that a packet shall leave by into a stack of headers behind Ethernet; each switch takes the first one
// off. The last one restores IPv4, whose TTL goes down by one at each switch. There is no table: the switches know no
// network. What has no such stack is dropped.
//
//   examples/v1model/run examples/v1model/source_routing --test
//
// Network and what to try: README.md. Tests: source_routing.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const bit<16> TYPE_SOURCE_ROUTE = 0x1234;
#define MOST_HOPS 9

header Hop {
    bit<1>  is_last;
    bit<15> port;
}

struct Headers {
    Ethernet       ethernet;
    Hop[MOST_HOPS] hops;
    Ipv4           ipv4;
}

struct Meta {}

parser SourceRoutingParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_SOURCE_ROUTE: hop;
            default:           accept;
        }
    }
    state hop {
        packet.extract(headers.hops.next);
        transition select(headers.hops.last.is_last) {
            1:       ipv4;
            default: hop;
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

control SourceRoutingIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        bool is_whole = standard.checksum_error == 0 && standard.parser_error == error.NoError;
        if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && is_whole) {
            standard.egress_spec = (Port)headers.hops[0].port;
            if (headers.hops[0].is_last == 1) {
                headers.ethernet.type = TYPE_IPV4;
            }
            headers.hops.pop_front(1);
            headers.ipv4.ttl = headers.ipv4.ttl - 1;
        } else {
            mark_to_drop(standard);
        }
    }
}

control SourceRoutingEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control SourceRoutingDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.hops);
        packet.emit(headers.ipv4);
    }
}

V1Switch(SourceRoutingParser(),
         Verify(),
         SourceRoutingIngress(),
         SourceRoutingEgress(),
         Update(),
         SourceRoutingDeparser()) main;
