// Registers of several widths, read and written by packets and by the test; indices beyond the end; what is between the read and
// the write of one step: branches, a counter, a second register, a random number, a return.
#include "core.p4"
#include "v1model.p4"  // the built-in one, by quotes as well

header Asked {
    bit<8>   what;
    bit<24>  index;
    bit<8>   flag;
    bit<8>   small;
    bit<48>  mac;
    bit<64>  big;
    bit<128> wide;
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
    register<bit<1>>(16) flags;
    register<int<8>>(16) smalls;
    register<bit<48>>(16) macs;
    register<bit<64>>(16) bigs;
    register<bit<128>>(16) wides;
    register<bit<32>>(1) last;
    counter(16, CounterType.packets) taken;
    bit<32> index = (bit<32>)headers.asked.index;

    action exchange() {
        bit<1> flag;
        int<8> small;
        bit<48> mac;
        bit<128> wide;
        flags.read(flag, index);
        flags.write(index, headers.asked.flag[0:0]);
        headers.asked.flag = (bit<8>)flag;
        smalls.read(small, index);
        smalls.write(index, small + (int<8>)headers.asked.small);
        headers.asked.small = (bit<8>)small;
        macs.read(mac, index);
        macs.write(index, headers.asked.mac);
        headers.asked.mac = mac;
        wides.read(wide, index);
        wides.write(index, headers.asked.wide);
        headers.asked.wide = wide;
    }
    // One step over two registers with a counter and a random number in it; a big one of 9 or more is left alone.
    action add() {
        bit<64> big;
        bit<8> nothing;
        bigs.read(big, index);
        random(nothing, 0, 0);
        if (big >= 9) {
            headers.asked.what = 0xff;
            return;
        }
        big = big + headers.asked.big + (bit<64>)nothing;
        taken.count(index);
        index = index + 1;
        bigs.write(index - 1, big);
        last.write(0, (bit<32>)big);
        headers.asked.big = big;
    }
    table kinds {
        key = { headers.asked.what: exact; }
        actions = { exchange; add; NoAction; }
        const entries = {
            1: exchange();
            2: add();
        }
    }
    apply {
        kinds.apply();
        bit<32> seen;
        last.read(seen, 0);
        if (headers.asked.what == 3) headers.asked.big = (bit<64>)seen;
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
