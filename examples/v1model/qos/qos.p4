// A router that sorts packets into classes of service: rules over protocol and port, of which the one with the largest priority counts, write the
// class into the DSCP field of IPv4 (RFC 2474), by which later routers know what is urgent. Routers at the edge
// have rules and a default action mark(0): nobody chooses a class of their own. Those in the middle have none and leave the class as it is.
//
//   examples/v1model/run examples/v1model/qos --test
//
// Network and what to try: README.md. Tests: qos.stf (packets), test.py (hosts).
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

parser QosParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
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
            (5, 0, TCP): ports;
            (5, 0, UDP): ports;
            default:     accept;
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

control QosIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
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

    bit<16> dst_port = 0;

    action mark(bit<6> dscp) {
        headers.ipv4.dscp = dscp;
    }
    table classes {
        key = {
            headers.ipv4.protocol: ternary @name("protocol");
            dst_port:              range @name("port");
        }
        actions = { mark; NoAction; }
        default_action = NoAction();
        size = 64;
    }

    apply {
        if (headers.ipv4.isValid() && headers.ipv4.ttl > 1 && standard.checksum_error == 0) {
            if (headers.ports.isValid()) {
                dst_port = headers.ports.dst;
            }
            classes.apply();
            routes.apply();
        } else {
            drop();
        }
    }
}

control QosEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control QosDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.ports);
    }
}

V1Switch(QosParser(), Verify(), QosIngress(), QosEgress(), Update(), QosDeparser()) main;
