// Steps of registers with what was once refused between the read and the write: a meter, digests, loops; and @atomic.
#include <core.p4>
#include <v1model.p4>

header Asked {
    bit<8>  what;
    bit<8>  color;
    bit<32> count;
    bit<64> rest;
}
struct Headers {
    Asked asked;
}
struct Meta {}
struct Told {
    bit<8>   what;
    bit<32>  count;
    bit<128> wide;
}

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
    register<bit<32>>(4) counts;
    register<bit<128>>(4) wides;
    meter(4, MeterType.packets) police;
    counter(4, CounterType.packets) taken;
    bit<32> count = 0;

    action all() {
        counts.read(count, 0);
        police.execute_meter(1, headers.asked.color);
        digest<Told>(1, { headers.asked.what, count, 128w7 });
        if (headers.asked.color == 2) {
            headers.asked.count = 0xffffffff;
            return;
        }
        taken.count(1);
        digest<Told>(1, { 0xee, count + 1, 128w9 });
        count = count + 1;
        counts.write(0, count);
        headers.asked.count = count;
    }
    action sum() {
        bit<32> cell;
        bit<32> more = 0;
        counts.read(count, 1);
        for (bit<32> i = 0; i < 3; i = i + 1) {
            if (i == 2 && count > 20) break;
            more = more + i + 1;
            counts.read(cell, 0);
            counts.write(0, cell + 1);
        }
        counts.write(1, count + more);
        headers.asked.count = count + more;
    }
    action both() {
        bit<128> wide;
        wides.read(wide, 0);
        counts.read(count, 2);
        headers.asked.count = wide[31:0] + count;
    }
    table kinds {
        key = { headers.asked.what: exact; }
        actions = { all; sum; both; NoAction; }
        const entries = {
            1: all();
            2: sum();
        }
    }
    apply {
        kinds.apply();
        if (headers.asked.what == 3) {
            @atomic {
                both();
                wides.write(0, 128w5);
                counts.write(2, 6);
            }
        }
        if (headers.asked.what == 4) {
            counts.read(count, 3);
            kinds.apply();
            counts.write(3, count + 1);
            headers.asked.count = count + 1;
        }
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
