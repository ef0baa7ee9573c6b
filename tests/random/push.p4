// Headers pushed and popped by tables, on some ways only: random packets and entries must do the same on all executors.
#include <core.p4>
#include <xdp_model.p4>
header E { bit<48> dst;
    bit<48> src;
    bit<8> t;
}
header Tag { bit<3> p;
    bit<13> id;
    bit<8> n;
    bit<24> wide;
    bit<8> t;
}
header Tunnel { bit<4> v;
    bit<4> l;
    bit<16> length;
    bit<8> zero;
    bit<32> a;
    bit<48> b;
    bit<16> sum;
}
header B { bit<8> v; }
struct Headers { Tunnel outer; E e; Tag pushed; Tag tag; B b; }
parser Prs(packet_in packet, out Headers h) {
    state start { packet.extract(h.e);
        transition select(h.e.t[1:0]) { 1: tag;
            default: body;
        } }
    state tag { packet.extract(h.tag);
        transition body; }
    state body { packet.extract(h.b);
        transition accept; } }
control Sw(inout Headers h, in xdp_input i, out xdp_output o) {
    bit<16> length = 0;
    action push_tag(bit<13> id, bit<24> wide) {
        h.pushed.setValid();
        h.pushed = { 5, id, 0, wide, h.e.t };
        h.e.t = 1;
    }
    action encapsulate(bit<32> a, bit<48> b, bit<8> more) {
        h.outer.setValid();
        length = (bit<16>)more + 26;
        h.outer = { 4, 5, length, 0, a, b, 0 };
        h.outer.sum = ebpf_ipv4_checksum(4, 5, 0, length, 0, 2, 0, 64, more, a, b[31:0]);
    }
    action pop_tag() { h.tag.setInvalid(); }
    action store(bit<8> v) { if (!h.pushed.isValid()) { h.pushed.n = v; } }
    action drop() { o.output_action = xdp_action.XDP_DROP; }
    table first { key = { h.e.dst[3:0]: exact; } actions = { push_tag; encapsulate; pop_tag; store; drop; NoAction; } default_action = NoAction; }
    table second { key = { h.b.v[2:0]: exact; } actions = { push_tag; encapsulate; pop_tag; drop; NoAction; } const default_action = encapsulate(7, 8, 9); }
    apply { o.output_action = xdp_action.XDP_PASS;
        o.output_port = 0;
        if (first.apply().hit && h.e.src[0:0] == 1 && second.apply().hit) { h.b.v = h.b.v + 1; } else { h.e.src[7:0] = 3; }
        if (h.pushed.isValid() && h.outer.isValid()) { h.outer.zero = h.pushed.n; }
        switch (h.e.src[3:1]) {
            1: { h.b.setInvalid(); }
            2: { h.pushed.setInvalid(); h.b.v = h.pushed.n; }
            3: { h.pushed.setValid(); }
            4: { h.pushed = h.tag; }
            default: {}
        } } }
control Dep(in Headers h, packet_out packet) {
    apply { packet.emit(h.outer); packet.emit(h.e); packet.emit(h.pushed); packet.emit(h.tag); packet.emit(h.b); } }
xdp(Prs(), Sw(), Dep()) main;
