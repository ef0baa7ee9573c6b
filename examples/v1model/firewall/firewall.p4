// A firewall that remembers connections in a Bloom filter: hosts inside may open TCP connections, those outside may only answer. `ways`
// says which pairs of ports lead out and which lead in; what it does not name passes, as does all that is no TCP.
//
// A SYN on its way out sets a bit in each of two registers, at two hashes of the connection; a packet on its way in wants
// both bits. So a connection that was opened is always let through; another one is by chance, the more the fuller the
// filter: with n connections open, (n / 4096)^2 at most. Nothing forgets a connection: `p4bpf register reset` does.
//
//   examples/v1model/run examples/v1model/firewall --test
//
// Network and what to try: README.md. Tests: firewall.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const bit<32> FILTER_SIZE = 4096;

header Tcp {
    bit<16> src_port;
    bit<16> dst_port;
    bit<32> sequence;
    bit<32> acknowledgement;
    bit<4>  offset;
    bit<6>  reserved;
    bit<1>  urg;
    bit<1>  ack;
    bit<1>  psh;
    bit<1>  rst;
    bit<1>  syn;
    bit<1>  fin;
    bit<16> window;
    bit<16> checksum;
    bit<16> urgent;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Tcp      tcp;
}

struct Meta {}

parser FirewallParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition select(headers.ipv4.ihl, headers.ipv4.fragment_offset, headers.ipv4.protocol) {
            (5, 0, TCP): tcp;
            default:     accept;
        }
    }
    state tcp {
        packet.extract(headers.tcp);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control FirewallIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<1>>(FILTER_SIZE) first_filter;
    register<bit<1>>(FILTER_SIZE) second_filter;
    bit<32> first = 0;
    bit<32> second = 0;
    bool is_outward = false;

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

    // The places of a connection in the filters: the same for both directions.
    action find_places(Address inner, Address outer, bit<16> inner_port, bit<16> outer_port) {
        hash(first,
             HashAlgorithm.crc16,
             32w0,
             { inner, outer, headers.ipv4.protocol, inner_port, outer_port },
             FILTER_SIZE);
        hash(second,
             HashAlgorithm.crc32,
             32w0,
             { inner, outer, headers.ipv4.protocol, inner_port, outer_port },
             FILTER_SIZE);
    }
    action outward() {
        is_outward = true;
        find_places(headers.ipv4.src, headers.ipv4.dst, headers.tcp.src_port, headers.tcp.dst_port);
    }
    action inward() {
        find_places(headers.ipv4.dst, headers.ipv4.src, headers.tcp.dst_port, headers.tcp.src_port);
    }
    table ways {
        key = {
            standard.ingress_port: exact @name("from");
            standard.egress_spec:  exact @name("to");
        }
        actions = { outward; inward; NoAction; }
        default_action = NoAction();
        size = 1024;
    }

    apply {
        if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
            routes.apply();
            if (headers.tcp.isValid() && ways.apply().hit) {
                if (is_outward) {
                    if (headers.tcp.syn == 1) {
                        first_filter.write(first, 1);
                        second_filter.write(second, 1);
                    }
                } else {
                    bit<1> in_first;
                    bit<1> in_second;
                    first_filter.read(in_first, first);
                    second_filter.read(in_second, second);
                    if (in_first == 0 || in_second == 0) {
                        drop();
                    }
                }
            }
        } else {
            drop();
        }
    }
}

control FirewallEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control FirewallDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.tcp);
    }
}

V1Switch(FirewallParser(), Verify(), FirewallIngress(), FirewallEgress(), Update(), FirewallDeparser()) main;
