// The stack holds the program's variables, but not those of what it calls as well.
#include <core.p4>
#include <v1model.p4>

#define EIGHT(n) bit<32> n##0; bit<32> n##1; bit<32> n##2; bit<32> n##3; bit<32> n##4; bit<32> n##5; bit<32> n##6; bit<32> n##7;
#define READ(n, at) \
    cells.read(h.sent.n##0, at); cells.read(h.sent.n##1, at + 1); cells.read(h.sent.n##2, at + 2); \
    cells.read(h.sent.n##3, at + 3); cells.read(h.sent.n##4, at + 4); cells.read(h.sent.n##5, at + 5); \
    cells.read(h.sent.n##6, at + 6); cells.read(h.sent.n##7, at + 7);

header Asked {
    bit<8>  index;
    bit<32> value;
    bit<32> turn;
}
header Words {
    EIGHT(a) EIGHT(b) EIGHT(c) EIGHT(d) EIGHT(e) EIGHT(f)
}
struct Headers {
    Asked asked;
    Words sent;
    Words more;
    Words rest;
}
struct Meta {
    bit<32> turn;
}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.asked);
        packet.extract(h.sent);
        packet.extract(h.more);
        packet.extract(h.rest);
        transition accept;
    }
}
control Verify(inout Headers h, inout Meta meta) {
    apply {}
}
control Answer(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<32>>(48) cells;
    register<bit<32>>(1) turns;
    action count() {
        turns.read(h.asked.turn, 0);
        meta.turn = h.asked.turn + 1;
        turns.write(0, meta.turn);
    }
    action send() {
        READ(a, 0) READ(b, 8) READ(c, 16) READ(d, 24) READ(e, 32) READ(f, 40)
        standard.mcast_grp = 1;
    }
    apply {
        cells.write((bit<32>)h.asked.index, h.asked.value);
        count();
        if (meta.turn[0:0] == 0) {
            send();
        } else {
            mark_to_drop(standard);
        }
    }
}
control Nothing(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Compute(inout Headers h, inout Meta meta) {
    apply {}
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h);
    }
}

V1Switch(Parse(), Verify(), Answer(), Nothing(), Compute(), Deparse()) main;
