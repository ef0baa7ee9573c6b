// HashAlgorithm.crc16_custom and crc32_custom: hashes whose parameters are set while the program runs.
#include <core.p4>
#include <v1model.p4>

// Each call of a macro is a calculation of its own.
#define HASH_BOTH                                                                                                 \
  hash(hdr.data.narrow, HashAlgorithm.crc16_custom, (bit<16>)0, {hdr.data.a, hdr.data.b}, (bit<32>)65536);         \
  hash(hdr.data.other, HashAlgorithm.crc16_custom, (bit<16>)0, {hdr.data.a, hdr.data.b}, (bit<32>)65536)

header data_t {
    bit<32> a;
    bit<24> b;
    bit<16> narrow;
    bit<16> other;
    bit<32> wide;
    bit<16> sum;
}
struct headers_t {
    data_t data;
}
struct metadata_t {}

parser MyParser(packet_in packet,
                out headers_t hdr,
                inout metadata_t meta,
                inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.data);
        transition accept;
    }
}

control MyVerify(inout headers_t hdr, inout metadata_t meta) {
    apply {}
}

control MyIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    // calc and calc_0
    action hash_narrow() {
        HASH_BOTH;
    }
    table hashes {
        actions = {
            hash_narrow;
        }
        default_action = hash_narrow();
    }
    // calc_1
    apply {
        hash(hdr.data.wide, HashAlgorithm.crc32_custom, (bit<32>)0, { hdr.data.a, hdr.data.b }, (bit<64>)0x100000000);
        hashes.apply();
        standard_metadata.egress_spec = 1;
    }
}

control MyEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {}
}

control MyUpdate(inout headers_t hdr, inout metadata_t meta) {
    apply {
        // calc_2
        update_checksum(true, { hdr.data.a }, hdr.data.sum, HashAlgorithm.crc16_custom);
    }
}

control MyDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.data);
    }
}

V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) main;
