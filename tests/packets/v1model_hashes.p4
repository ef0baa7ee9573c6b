// Whole headers and structs are data of hashes and checksums, by themselves and among other values, like their fields.
#include <core.p4>
#include <v1model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
struct Flow {
    bit<16> type;
    bit<4>  low;
    bit<12> high;
}
header Options {
    bit<8>      bytes;
    varbit<320> options;
}
header Sums {
    bit<16> whole;
    bit<16> fields;
    bit<16> checksum;
}
struct Headers {
    Ethernet ethernet;
    Options  options;
    Sums     sums;
}
struct Meta {
    Flow flow;
}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.options, (bit<32>)packet.lookahead<bit<8>>() << 3);
        packet.extract(h.sums);
        transition accept;
    }
}
control Verify(inout Headers h, inout Meta meta) {
    apply {}
}
control Hash(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = standard.ingress_port;
        meta.flow = { h.ethernet.type, h.ethernet.src[3:0], h.ethernet.src[15:4] };
        if (standard.ingress_port == 0) {
            hash(h.sums.whole, HashAlgorithm.crc16, 16w0, h.ethernet, 32w0x10000);
            hash(h.sums.fields, HashAlgorithm.crc16, 16w0, { h.ethernet.dst, h.ethernet.src, h.ethernet.type }, 32w0x10000);
        } else if (standard.ingress_port == 1) {
            hash(h.sums.whole, HashAlgorithm.crc32, 16w0, { meta.flow, h.ethernet, 8w7 }, 32w0x10000);
            hash(h.sums.fields, HashAlgorithm.crc32, 16w0,
                 { meta.flow.type, meta.flow.low, meta.flow.high, h.ethernet.dst, h.ethernet.src, h.ethernet.type, 8w7 },
                 32w0x10000);
        } else if (standard.ingress_port == 2) {
            hash(h.sums.whole, HashAlgorithm.identity, 16w0, { h.ethernet, h.options }, 64w0x10000);
            hash(h.sums.fields, HashAlgorithm.identity, 16w0, { h.ethernet.dst, h.ethernet.src }, 64w0x10000);
        } else {
            hash(h.sums.whole, HashAlgorithm.xor16, 16w0, { 8w0, h.options }, 32w0x10000);
            hash(h.sums.fields, HashAlgorithm.xor16, 16w0, { 8w0, h.options.bytes, h.options.options }, 32w0x10000);
        }
    }
}
control Nothing(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Compute(inout Headers h, inout Meta meta) {
    apply {
        update_checksum(true, { h.ethernet, h.sums.whole, h.sums.fields }, h.sums.checksum, HashAlgorithm.csum16);
    }
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h);
    }
}

V1Switch(Parse(), Verify(), Hash(), Nothing(), Compute(), Deparse()) main;
