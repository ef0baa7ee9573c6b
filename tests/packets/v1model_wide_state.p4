// Registers as wide as a packet's payload, read and written a cell at a time: moved in pieces that the stack holds.
#include <core.p4>
#include <v1model.p4>

header start_t {
    bit<8> kind;
    bit<8> count;
}
header byte_t {
    bit<8> value;
}
struct headers_t {
    start_t start;
    byte_t[64] bytes;
}
struct meta_t {
    bit<8> left;
    @field_list(1)
    bit<512> sum;
    @field_list(1)
    bit<8> round;
}

parser prs(packet_in packet, out headers_t hdr, inout meta_t meta, inout standard_metadata_t std) {
    state start {
        packet.extract(hdr.start);
        meta.left = hdr.start.count;
        transition select(hdr.start.count) {
            0: accept;
            default: more;
        }
    }
    state more {
        packet.extract(hdr.bytes.next);
        meta.left = meta.left - 1;
        transition select(meta.left) {
            0: accept;
            default: more;
        }
    }
}

control check(inout headers_t hdr, inout meta_t meta) {
    apply {}
}

control ing(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t std) {
    register<bit<512>>(4) first;
    register<bit<512>>(4) second;
    bit<512> kept = 1;

    action put(bit<2> at) {
        first.write((bit<32>)at, meta.sum);
    }
    action mix(bit<2> at) {
        first.read(kept, (bit<32>)at);
        meta.sum = meta.sum ^ kept;
        second.write((bit<32>)at, (bit<512>)0);
    }
    action add(bit<2> at) {
        second.read(kept, (bit<32>)at);
        meta.sum = meta.sum + kept;
        second.write((bit<32>)at, meta.sum);
    }
    table one {
        key = {
            hdr.start.kind: exact;
        }
        actions = {
            put;
            mix;
            add;
            NoAction;
        }
    }
    table two {
        key = {
            hdr.start.kind: lpm;
        }
        actions = {
            mix;
            add;
            NoAction;
        }
    }

    apply {
        if (hdr.bytes[0].isValid()) {
            meta.sum = meta.sum << 8;
            meta.sum = meta.sum + (bit<512>)hdr.bytes[0].value;
        }
        if (meta.round < 2) {
            meta.round = meta.round + 1;
            resubmit_preserving_field_list(1);
        } else {
            one.apply();
            two.apply();
            hdr.bytes[0].value = meta.sum[7:0];
            hdr.bytes[1].value = meta.sum[15:8];
            hdr.bytes[2].value = meta.sum[511:504];
        }
        if (kept == 0)
            hdr.start.kind = 0xff;
        std.egress_spec = 2;
    }
}

control egr(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t std) {
    apply {}
}

control compute(inout headers_t hdr, inout meta_t meta) {
    apply {}
}

control dep(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr);
    }
}

V1Switch(prs(), check(), ing(), egr(), compute(), dep()) main;
