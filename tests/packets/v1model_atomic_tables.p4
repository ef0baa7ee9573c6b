// An @atomic block may apply tables without keys: what their default actions do to a register is one step.
#include <core.p4>
#include <v1model.p4>

header count_t {
    bit<8> slot;
    bit<32> value;
}
struct Headers {
    count_t count;
}
struct Meta {
    bit<32> value;
}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.count);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}

control Count(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<32>>(4) seen;

    action look() {
        seen.read(meta.value, (bit<32>)headers.count.slot);
    }
    action count(bit<32> by) {
        seen.write((bit<32>)headers.count.slot, meta.value + by);
    }
    table before {
        actions = { look; NoAction; }
        default_action = look();
    }
    table after {
        actions = { count; NoAction; }
        default_action = count(3);
    }

    apply {
        @atomic {
            before.apply();
            if (meta.value < 9) {
                after.apply();
            }
        }
        headers.count.value = meta.value;
        standard.egress_spec = 1;
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
        packet.emit(headers.count);
    }
}

V1Switch(Parse(), Verify(), Count(), Leave(), Update(), Deparse()) main;
