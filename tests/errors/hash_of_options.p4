// The first 64 bits of an identity hash are taken when the program is compiled; a varbit has no place there.
// command: compile
#include <core.p4>
#include <v1model.p4>

header Options {
    bit<8>      bytes;
    varbit<320> options;
}
struct Headers { Options options; }
struct Meta {}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.options, (bit<32>)packet.lookahead<bit<8>>() << 3);
        transition accept;
    }
}
control Sums(inout Headers h, inout Meta meta) {
    apply {}
}
control In(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        hash(standard.egress_spec, HashAlgorithm.identity, 9w0, h.options, 32w100);  // expect unsupported
    }
}
control Out(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h);
    }
}

V1Switch(Parse(), Sums(), In(), Out(), Sums(), Deparse()) main;
