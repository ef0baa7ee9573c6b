// Lookahead, run-time advance, headers that come, go and move: random packets and entries must do the same on all executors.
#include <core.p4>
#include <xdp_model.p4>
header E {
    bit<48> d;
    bit<48> s;
    bit<16> t;
}
header V {
    bit<3> p;
    bit<1> c;
    bit<12> id;
    bit<16> t;
}
header I {
    bit<8> a;
    bit<8> len;
    bit<32> x;
}
struct Headers { E e; V v1; V v2; I i; V nv;
}
parser Prs(packet_in packet, out Headers h) {
    state start { packet.extract(h.e);
        transition next;
    }
    state next { transition select(packet.lookahead<bit<4>>()) { 1: v1; 2: i; 3: skip;
            default: accept;
        } }
    state v1 { packet.extract(h.v1);
        transition select(h.v1.t, h.v1.p) { (0x8100, _): v2; (_, 1): i;
            default: accept;
        } }
    state v2 { packet.extract(h.v2);
        transition i;
    }
    state i { packet.extract(h.i);
        verify(h.i.len < 200, error.ParserInvalidArgument);
        transition accept;
    }
    state skip {
        bit<8> n = packet.lookahead<bit<8>>();
        packet.advance((bit<32>)(n & 7) << 3);
        packet.extract(h.i);
        transition accept;
    } }
control Sw(inout Headers h, in xdp_input i, out xdp_output o) {  apply { o.output_action = xdp_action.XDP_PASS;
        o.output_port = 0;
        if (h.i.isValid()) { h.i.x = h.i.x + 1;
        } if (h.v1.isValid() && h.v1.id == 5) { h.v1.setInvalid();
        } if (h.e.t == 0x1234) { h.nv.setValid();
            h.nv.id = h.e.d[11:0];
            h.nv.t = h.e.t;
        } h.e.s = h.e.d;
        if (h.v2.isValid() && h.i.isValid() && h.i.a == 1) { h.v1 = h.v2;
            h.v2.setInvalid();
        } } }
control Dep(in Headers h, packet_out packet) { apply { packet.emit(h.e);
        packet.emit(h.nv);
        packet.emit(h.v1);
        packet.emit(h.v2);
        packet.emit(h.i);
    } }
xdp(Prs(), Sw(), Dep()) main;
