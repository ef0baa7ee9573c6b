// Checksums over a packet's payload: of any length, behind an odd number of bytes too.
#include <core.p4>
#include <v1model.p4>

header Front {
    bit<8>  kind;
    bit<16> sum;
    bit<88> rest;
}
struct Headers {
    Front front;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.front);
        transition accept;
    }
}
control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum_with_payload(headers.front.kind == 1, { headers.front.kind, 8w0 }, headers.front.sum, HashAlgorithm.csum16);
    }
}
control Ask(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        if (standard.checksum_error == 1) headers.front.rest = 0xee;
        standard.egress_spec = 1;
    }
}
control Leave(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum_with_payload(headers.front.kind == 2, { headers.front.kind, 8w0 }, headers.front.sum, HashAlgorithm.csum16);
        update_checksum_with_payload(headers.front.kind == 3, { headers.front.kind }, headers.front.sum, HashAlgorithm.csum16);
        update_checksum_with_payload(headers.front.kind == 4, { headers.front.kind }, headers.front.sum, HashAlgorithm.crc16);
        update_checksum_with_payload(headers.front.kind == 5, { headers.front.kind }, headers.front.sum, HashAlgorithm.xor16);
        update_checksum_with_payload(headers.front.kind == 6, { headers.front.kind }, headers.front.sum, HashAlgorithm.crc32);
    }
}
control Write(packet_out packet, in Headers headers) {
    apply { packet.emit(headers.front); }
}
V1Switch(Parse(), Verify(), Ask(), Leave(), Update(), Write()) main;
