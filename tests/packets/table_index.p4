// An exact table over a short key that is computed on several ways: it indexes an array, and the verifier must see that it is short.
#include <core.p4>
#include <v1model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
struct Headers { Ethernet ethernet; }
struct Meta { bit<14> slot; }

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.ethernet);
        transition accept;
    }
}
control Nothing(inout Headers h, inout Meta meta) {
    apply {}
}
control Choose(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    action spread(bit<8> base, bit<8> count) {
        hash(meta.slot, HashAlgorithm.csum16, (bit<10>)base, { h.ethernet.src }, (bit<20>)count);
    }
    action send(bit<9> port) {
        standard.egress_spec = port;
    }
    table groups {
        key = { h.ethernet.dst: lpm; }
        actions = { spread; NoAction; }
        default_action = NoAction();
        size = 64;
    }
    table members {
        key = { meta.slot: exact; }
        actions = { send; NoAction; }
        default_action = NoAction();
        size = 16384;
    }
    apply {
        groups.apply();
        members.apply();
    }
}
control Leave(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h);
    }
}
V1Switch(Parse(), Nothing(), Choose(), Leave(), Nothing(), Deparse()) main;
