// Direct counters and meters of tables of each structure: each entry has its own, the default action's packets are counted too.
#include <core.p4>
#include <v1model.p4>

header Asked {
    bit<8>  kind;
    bit<8>  exact_key;
    bit<32> prefix_key;
    bit<16> masked_key;
    bit<8>  color;
    bit<40> rest;
}
struct Headers {
    Asked asked;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.asked);
        transition accept;
    }
}
control Nothing(inout Headers headers, inout Meta meta) {
    apply {}
}
control Ask(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    direct_counter(CounterType.packets_and_bytes) by_array;
    direct_counter(CounterType.packets) by_hash;
    direct_counter(CounterType.bytes) by_prefix;
    direct_counter(CounterType.packets) by_rule;
    direct_counter(CounterType.packets) by_code;
    direct_counter(CounterType.packets) without_key;
    direct_meter<bit<8>>(MeterType.packets) police;

    action seen() {
        by_array.count();
    }
    action mark(bit<8> value) {
        headers.asked.rest = (bit<40>)value;
    }
    action metered(bit<8> value) {
        police.read(headers.asked.color);
        headers.asked.rest = (bit<40>)value;
    }
    table small {
        key = { headers.asked.exact_key: exact; }
        actions = { seen; NoAction; }
        counters = by_array;
    }
    table exact_ones {
        key = { headers.asked.prefix_key: exact; }
        actions = { mark; metered; NoAction; }
        default_action = metered(7);
        counters = by_hash;
        meters = police;
    }
    table prefixes {
        key = { headers.asked.prefix_key: lpm; }
        actions = { mark; NoAction; }
        default_action = NoAction();
        counters = by_prefix;
        support_timeout = true;
    }
    table rules {
        key = { headers.asked.masked_key: ternary; }
        actions = { mark; NoAction; }
        counters = by_rule;
        size = 64;
    }
    table fixed {
        key = { headers.asked.kind: exact; }
        actions = { mark; NoAction; }
        const entries = {
            1: mark(1);
            2: mark(2);
        }
        counters = by_code;
    }
    table always {
        actions = { NoAction; }
        default_action = NoAction();
        counters = without_key;
    }
    apply {
        if (headers.asked.kind < 3) fixed.apply();
        if (headers.asked.kind == 4) small.apply();
        if (headers.asked.kind == 5) exact_ones.apply();
        if (headers.asked.kind == 6) prefixes.apply();
        if (headers.asked.kind == 7) rules.apply();
        always.apply();
        standard.egress_spec = 1;
    }
}
control Leave(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Write(packet_out packet, in Headers headers) {
    apply { packet.emit(headers.asked); }
}
V1Switch(Parse(), Nothing(), Ask(), Leave(), Nothing(), Write()) main;
