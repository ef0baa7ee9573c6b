// v1model as most programs use it: routes, checksums checked and updated, counters, registers, a hash. A packet that the
// parser gives up on goes on with what was parsed.
#include <core.p4>
#include <v1model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Ipv4 {
    bit<4>  version;
    bit<4>  ihl;
    bit<8>  diffserv;
    bit<16> length;
    bit<16> identification;
    bit<3>  flags;
    bit<13> offset;
    bit<8>  ttl;
    bit<8>  protocol;
    bit<16> checksum;
    bit<32> src;
    bit<32> dst;
}
struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            0x0800: ipv4;
            default: accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition accept;
    }
}
control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(),
                        { headers.ipv4.version, headers.ipv4.ihl, headers.ipv4.diffserv, headers.ipv4.length,
                          headers.ipv4.identification, headers.ipv4.flags, headers.ipv4.offset, headers.ipv4.ttl,
                          headers.ipv4.protocol, headers.ipv4.src, headers.ipv4.dst },
                        headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}
control Route(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    counter(4, CounterType.packets_and_bytes) by_port;
    register<bit<16>>(8) seen;
    action drop() {
        mark_to_drop(standard);
    }
    action forward(bit<48> mac, bit<9> port) {
        standard.egress_spec = port;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
    }
    table routes {
        key = { headers.ipv4.dst: lpm; }
        actions = { forward; drop; }
        default_action = drop();
        size = 1024;
    }
    apply {
        by_port.count((bit<32>)standard.ingress_port);
        if (standard.parser_error != error.NoError) {
            standard.egress_spec = 7;
            headers.ethernet.src = 0;
        } else if (standard.checksum_error == 1) {
            drop();
        } else if (headers.ipv4.isValid() && headers.ipv4.ttl > 1) {
            routes.apply();
            bit<32> slot;
            bit<16> times;
            hash(slot, HashAlgorithm.crc16, 32w0, { headers.ipv4.src, headers.ipv4.dst, headers.ipv4.protocol }, 32w8);
            seen.read(times, slot);
            times = times + 1;
            seen.write(slot, times);
            headers.ipv4.identification = times;
        } else {
            drop();
        }
    }
}
control Leave(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        if (standard.egress_port == standard.ingress_port) {
            mark_to_drop(standard);
        }
    }
}
control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(),
                        { headers.ipv4.version, headers.ipv4.ihl, headers.ipv4.diffserv, headers.ipv4.length,
                          headers.ipv4.identification, headers.ipv4.flags, headers.ipv4.offset, headers.ipv4.ttl,
                          headers.ipv4.protocol, headers.ipv4.src, headers.ipv4.dst },
                        headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}
control Deparse(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}
V1Switch(Parse(), Verify(), Route(), Leave(), Update(), Deparse()) main;
