// Signed values and fields that share bytes: random packets and entries must do the same on all executors.
#include <core.p4>
#include <xdp_model.p4>
header O {
    bit<3> a;
    bit<13> b;
    int<12> c;
    bit<4> d;
    int<33> e;
    bit<7> f;
    bit<20> g;
    bit<36> k;}
struct Headers { O o; O p;
}
parser Prs(packet_in packet, out Headers h) {
    state start { packet.extract(h.o);
        transition select(h.o.a) { 0..3: more; 5 &&& 5: more;
            default: accept;
        } }
    state more { packet.extract(h.p);
        transition accept;
    } }
control Sw(inout Headers h, in xdp_input i, out xdp_output o) {  apply { o.output_action = xdp_action.XDP_PASS;
        o.output_port = 0;
        h.o.b = h.o.b + 1;
        h.o.c = h.o.c >> 2;
        h.o.d = h.o.d |-| 3;
        h.o.e = h.o.e |+| (int<33>)h.o.c;
        if (h.o.c < 0) { h.o.f = h.o.f * 3;
        } if (h.p.isValid()) { h.p.g = h.o.g ^ h.p.g;
            h.p.k = h.p.k << h.o.d;
            h.o.k = h.o.k |+| h.p.k;
        } else { h.o.g = (bit<20>)(bit<12>)h.o.c;
        } } }
control Dep(in Headers h, packet_out packet) { apply { packet.emit(h.o);
        packet.emit(h.p);
    } }
xdp(Prs(), Sw(), Dep()) main;
