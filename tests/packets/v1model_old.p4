// A program that brings a copy of the model with it, an old one.
#include "old/v1model.p4"

header Asked {
    bit<16> checksum;
    bit<8>  drop;
    bit<8>  seen;
}
struct Headers { Asked asked; }
struct Meta {}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.asked);
        transition accept;
    }
}
control Verify(inout Headers h, inout Meta meta) {
    apply {
        verify_checksum(true, { h.asked.drop, h.asked.seen }, h.asked.checksum, HashAlgorithm.csum16);
    }
}
control Answer(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<8>>(1) seen;
    counter(4, CounterType.packets) dropped;
    apply {
        standard.egress_spec = standard.ingress_port;
        seen.read(h.asked.seen, 0);
        h.asked.seen = h.asked.seen + 1 + (bit<8>)standard.qid;
        seen.write(0, h.asked.seen);
        if (h.asked.drop == 1) {
            dropped.count((bit<32>)standard.ingress_port);
            mark_to_drop();
        }
    }
}
control Nothing(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Compute(inout Headers h, inout Meta meta) {
    apply {
        update_checksum(true, { h.asked.drop, h.asked.seen }, h.asked.checksum, HashAlgorithm.csum16);
    }
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h.asked);
    }
}

V1Switch(Parse(), Verify(), Answer(), Nothing(), Compute(), Deparse()) main;
