// A firewall of v1model between two ports: a TCP connection that is opened from inside is remembered in a Bloom filter of two registers,
// and only what belongs to one is let in. What is no TCP passes; packets leave as they came.
#include "v1_ipv4.p4"

const bit<8>  PROTOCOL_TCP = 6;
const bit<32> FILTER_SIZE = 4096;

header Tcp {
    bit<16> src_port;
    bit<16> dst_port;
    bit<32> sequence;
    bit<32> acknowledgement;
    bit<4>  offset;
    bit<6>  reserved;
    bit<4>  flags;
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
            (5, 0, PROTOCOL_TCP): tcp;
            default:              accept;
        }
    }
    state tcp {
        packet.extract(headers.tcp);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}

control Firewall(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<1>>(FILTER_SIZE) first_filter;
    register<bit<1>>(FILTER_SIZE) second_filter;
    bool is_outward = false;

    action drop() {
        mark_to_drop(standard);
    }
    action outward(bit<9> port) {
        is_outward = true;
        standard.egress_spec = port;
    }
    action inward(bit<9> port) {
        standard.egress_spec = port;
    }
    table ways {
        key = { standard.ingress_port: exact @name("port"); }
        actions = { outward; inward; drop; }
        const default_action = drop;
        size = 512;
    }

    apply {
        if (ways.apply().hit && headers.tcp.isValid()) {
            bit<32> first;
            bit<32> second;
            bit<32> inner = headers.ipv4.dst;
            bit<32> outer = headers.ipv4.src;
            bit<16> inner_port = headers.tcp.dst_port;
            bit<16> outer_port = headers.tcp.src_port;
            if (is_outward) {
                inner = headers.ipv4.src;
                outer = headers.ipv4.dst;
                inner_port = headers.tcp.src_port;
                outer_port = headers.tcp.dst_port;
            }
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
    }
}

control Leave(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout Headers headers, inout Meta meta) {
    apply {}
}

control Deparse(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.tcp);
    }
}

V1Switch(Parse(), Verify(), Firewall(), Leave(), Update(), Deparse()) main;
