// A router that spreads connections over paths of the same cost: a route names a group and how many next hops it has, a hash over the
// connection picks one. So all packets of a connection take the same path and arrive in order.
//
//   examples/v1model/run examples/v1model/load_balance --test
//
// Network and what to try: README.md. Tests: load_balance.stf (packets), test.py (hosts).
#include "../ipv4.p4"

header Ports {
    bit<16> src;
    bit<16> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Ports    ports;
}

struct Meta {}

parser LoadBalanceParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        // Of fragments only the first has ports: they go by their addresses alone.
        transition select(headers.ipv4.ihl,
                          headers.ipv4.flags & 1,
                          headers.ipv4.fragment_offset,
                          headers.ipv4.protocol) {
            (5, 0, 0, TCP): ports;
            (5, 0, 0, UDP): ports;
            default:        accept;
        }
    }
    state ports {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control LoadBalanceIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    bit<16> group = 0;
    bit<16> member = 0;

    action drop() {
        mark_to_drop(standard);
    }
    action balance(bit<16> to, bit<16> members) {
        group = to;
        bit<16> src_port = headers.ports.isValid() ? headers.ports.src : 0;
        bit<16> dst_port = headers.ports.isValid() ? headers.ports.dst : 0;
        hash(member,
             HashAlgorithm.crc16,
             16w0,
             { headers.ipv4.src, headers.ipv4.dst, headers.ipv4.protocol, src_port, dst_port },
             (bit<32>)members);
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { balance; drop; }
        default_action = drop();
        size = 1024;
    }

    action forward(Mac mac, Port port) {
        standard.egress_spec = port;
        headers.ethernet.dst = mac;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
    }
    table next_hops {
        key = {
            group:  exact @name("group");
            member: exact @name("member");
        }
        actions = { forward; drop; }
        default_action = drop();
        size = 4096;
    }

    apply {
        if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
            if (routes.apply().hit) {
                next_hops.apply();
            }
        } else {
            drop();
        }
    }
}

control LoadBalanceEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action leave_from(Mac mac) {
        headers.ethernet.src = mac;
    }
    table ports {
        key = { standard.egress_port: exact @name("port"); }
        actions = { leave_from; NoAction; }
        default_action = NoAction();
        size = 512;
    }

    apply {
        ports.apply();
    }
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control LoadBalanceDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.ports);
    }
}

V1Switch(LoadBalanceParser(),
         Verify(),
         LoadBalanceIngress(),
         LoadBalanceEgress(),
         Update(),
         LoadBalanceDeparser()) main;
