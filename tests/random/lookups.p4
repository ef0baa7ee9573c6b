// The tables that user space builds, of all shapes: prefixes behind exact fields, wide and odd; rules in one row of words and in
// groups, masks and ranges of both signs. Random packets and entries must do the same on all executors.
#include <core.p4>
#include <xdp_model.p4>

header Fields {
    bit<32> a;
    bit<128> b;
    bit<12> c;
    bit<20> d;
    int<16> e;
    bit<48> f;
    int<32> g;
    bit<8> h;
    bit<72> w;
}
header Found {
    bit<16> prefixes;
    bit<16> rules;
    bit<32> sum;
}
struct Headers {
    Fields k;
    Found found;
}

parser Prs(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.k);
        packet.extract(headers.found);
        transition accept;
    }
}

control Sw(inout Headers headers, in xdp_input i, out xdp_output o) {
    action prefix(bit<16> number) {
        headers.found.prefixes = headers.found.prefixes * 3 + number;
    }
    action rule(bit<16> number, bit<32> more) {
        headers.found.rules = headers.found.rules * 3 + number;
        headers.found.sum = headers.found.sum + more;
    }
    table route { key = { headers.k.a: lpm; } actions = { prefix; } default_action = prefix(1); size = 300; }
    table larger { key = { headers.k.a: lpm; } actions = { prefix; } default_action = prefix(1); size = 5000; }
    table wide { key = { headers.k.b: lpm; } actions = { prefix; } default_action = prefix(2); size = 5000; }
    table odd { key = { headers.k.d: lpm; headers.k.c: exact; } actions = { prefix; } default_action = prefix(3); }
    table behind { key = { headers.k.w: exact; headers.k.f: lpm; } actions = { prefix; } default_action = prefix(4); }
    table byte { key = { headers.k.h: lpm; } actions = { prefix; } default_action = prefix(5); size = 10; }
    table few {
        key = { headers.k.a: ternary; headers.k.e: range; }
        actions = { rule; }
        default_action = rule(1, 1);
        size = 60;
    }
    table many {
        key = { headers.k.c: ternary; headers.k.g: range; headers.k.h: optional; headers.k.e: exact; }
        actions = { rule; }
        default_action = rule(2, 1);
        size = 2000;
    }
    table two { key = { headers.k.a: lpm; headers.k.b: lpm; } actions = { rule; } default_action = rule(3, 1); size = 250; }
    table masks { key = { headers.k.w: ternary; headers.k.d: ternary; } actions = { rule; } default_action = rule(4, 1); }
    table tiny { key = { headers.k.h: range; } actions = { rule; } default_action = rule(5, 1); size = 4; }
    apply {
        route.apply();
        larger.apply();
        wide.apply();
        odd.apply();
        behind.apply();
        byte.apply();
        few.apply();
        many.apply();
        two.apply();
        masks.apply();
        tiny.apply();
        o.output_action = xdp_action.XDP_TX;
        o.output_port = 0;
    }
}

control Dep(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.k);
        packet.emit(headers.found);
    }
}

xdp(Prs(), Sw(), Dep()) main;
