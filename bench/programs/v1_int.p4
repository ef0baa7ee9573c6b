// In-band telemetry in v1model: a router (longest prefix to MAC addresses and port) that puts twelve bytes of its own into each datagram to UDP
// port 5000: who it is, the two ports, and how long the packet was. The youngest hop stands first; eight are the most.
#include "v1_ipv4.p4"

const bit<16> PORT_TELEMETRY = 5000;
const bit<8>  MOST_HOPS = 8;

header Telemetry {
    bit<8>  version;
    bit<8>  hops;
    bit<16> length;  // of all hops, in bytes
}

header Hop {
    bit<32> switch_number;
    bit<16> ingress_port;
    bit<16> egress_port;
    bit<32> packet_length;
}

struct Headers {
    Ethernet  ethernet;
    Ipv4      ipv4;
    Udp       udp;
    Telemetry telemetry;
    Hop       hop;
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
        transition select(headers.ipv4.ihl, headers.ipv4.fragment_offset, headers.ipv4.protocol) {
            (5, 0, PROTOCOL_UDP): udp;
            default:              accept;
        }
    }
    state udp {
        packet.extract(headers.udp);
        transition select(headers.udp.dst_port) {
            PORT_TELEMETRY: telemetry;
            default:        accept;
        }
    }
    state telemetry {
        packet.extract(headers.telemetry);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control Router(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action drop() {
        mark_to_drop(standard);
    }
    action forward(bit<48> src, bit<48> dst, bit<9> port) {
        headers.ethernet.src = src;
        headers.ethernet.dst = dst;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
        standard.egress_spec = port;
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { forward; drop; }
        const default_action = drop;
        size = 65536;
    }

    apply {
        bool is_whole = standard.checksum_error == 0 && standard.parser_error == error.NoError;
        if (headers.ipv4.isValid() && is_whole && headers.ipv4.ttl > 1) {
            routes.apply();
        } else {
            drop();
        }
    }
}

control Telemetering(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action sign(bit<32> number) {
        headers.hop.setValid();
        headers.hop = { number, (bit<16>)standard.ingress_port, (bit<16>)standard.egress_port, standard.packet_length };
        headers.telemetry.hops = headers.telemetry.hops + 1;
        headers.telemetry.length = headers.telemetry.length + 12;
        headers.udp.length = headers.udp.length + 12;
        headers.udp.checksum = 0;
        headers.ipv4.total_length = headers.ipv4.total_length + 12;
    }
    table identity {
        actions = { sign; NoAction; }
        default_action = NoAction;
    }

    apply {
        if (headers.telemetry.isValid() && headers.telemetry.hops < MOST_HOPS) {
            identity.apply();
        }
    }
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
        packet.emit(headers.udp);
        packet.emit(headers.telemetry);
        packet.emit(headers.hop);
    }
}

V1Switch(Parse(), Verify(), Router(), Telemetering(), Update(), Deparse()) main;
