// Arithmetic of more than 64 bits: random packets and entries must do the same on all executors.
#include <core.p4>
#include <xdp_model.p4>
header W {
    bit<128> a;
    bit<128> b;
    bit<72> c;
    bit<56> d;
}
header R {
    bit<128> x;
    bit<7> s;
    bit<129> y;
    bit<200> z;
    bit<8> q;}
struct Headers { W w; R r;
}
parser Prs(packet_in packet, out Headers h) {
    state start { packet.extract(h.w);
        transition accept;
    } }
control Sw(inout Headers h, in xdp_input i, out xdp_output o) {  apply { o.output_action = xdp_action.XDP_PASS;
        o.output_port = 0;
        h.r.setValid();
        h.r.x = h.w.a + h.w.b;
        h.r.y = (bit<129>)h.w.a * (bit<129>)h.w.b;
        h.r.s = (bit<7>)h.w.c;
        h.r.z = h.w.a ++ h.w.c;
        if (h.w.a < h.w.b) { h.r.x = h.w.a - h.w.b;
        } if (h.w.a[63:0] == h.w.b[127:64]) { h.r.q = 1;
        } else { h.r.q = (bit<8>)h.w.d;
        } h.w.c = h.w.c << (bit<8>)h.w.d[7:0];
        h.w.b = ~h.w.b ^ (h.w.a >> 3);
        h.w.a = h.w.a |+| h.w.b;
    } }
control Dep(in Headers h, packet_out packet) { apply { packet.emit(h.r);
        packet.emit(h.w);
    } }
xdp(Prs(), Sw(), Dep()) main;
