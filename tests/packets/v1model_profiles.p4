// Action profiles and selectors: two tables that share a profile, groups chosen by the identity (which tells what to expect) and by
// a CRC, a table whose key is only what chooses, entries that have an action of their own.
#include <core.p4>
#include <v1model.p4>

header Order {
    bit<8>  kind;   // which table
    bit<8>  key;
    bit<16> flow;   // chooses
    bit<8>  hit;    // what the table said
    bit<8>  ran;
    bit<8>  note;
    bit<40> value;  // an odd width, which lies in the map as bytes
    bit<16> padding;
}
struct Headers {
    Order order;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.order);
        transition accept;
    }
}
control Check(inout Headers headers, inout Meta meta) {
    apply {}
}
control In(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action_profile(4) shared;
    action_selector(HashAlgorithm.identity, 8, 16) by_flow;

    action send(bit<9> port, bit<40> value) {
        standard.egress_spec = port;
        headers.order.value = value;
    }
    action note(bit<8> what) {
        headers.order.note = what;
    }
    action drop() {
        mark_to_drop(standard);
    }
    table exact_members {
        key = { headers.order.flow: exact; }
        actions = { send; note; @defaultonly drop; }
        default_action = drop();
        implementation = shared;
    }
    table ternary_members {
        key = { headers.order.flow: ternary; }
        actions = { send; note; @defaultonly drop; }
        default_action = note(0xee);
        implementation = shared;
        size = 64;
    }
    table groups {
        key = { headers.order.key: exact; headers.order.flow: selector; }
        actions = { send; note; }
        default_action = note(0xdd);
        implementation = by_flow;
    }
    table crc_groups {
        key = {
            headers.order.note: selector;
            headers.order.key: lpm;
            headers.order.flow: selector;
        }
        actions = { note; NoAction; }
        implementation = action_selector(HashAlgorithm.crc16, 1024, 10);
        size = 16;
    }
    table only_groups {
        key = { headers.order.flow: selector; }
        actions = { send; note; }
        implementation = by_flow;
    }

    apply {
        standard.egress_spec = 9;
        headers.order.hit = 0;
        headers.order.ran = 0;
        switch (headers.order.kind) {
            1: { if (exact_members.apply().hit) { headers.order.hit = 1; } }
            2: { if (ternary_members.apply().hit) { headers.order.hit = 1; } }
            3: {
                switch (groups.apply().action_run) {
                    send: { headers.order.ran = 1; }
                    note: { headers.order.ran = 2; }
                    default: { headers.order.ran = 3; }
                }
            }
            4: { if (crc_groups.apply().hit) { headers.order.hit = 1; } }
            5: { if (only_groups.apply().hit) { headers.order.hit = 1; } }
        }
    }
}
control Out(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Deparse(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.order);
    }
}
V1Switch(Parse(), Check(), In(), Out(), Check(), Deparse()) main;
