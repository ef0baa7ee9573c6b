// Header stacks: next, last, push, pop, run-time index, copies: random packets and entries must do the same on all executors.
#include <core.p4>
#include <xdp_model.p4>
header E { bit<112> ethernet;
    bit<8> t;
}
header L {
    bit<7> v;
    bit<1> bos;
}
struct Headers { E e; L[4] l; E t;
}
parser Prs(packet_in packet, out Headers h) {
    state start { packet.extract(h.e);
        transition select(h.e.t[0:0]) { 1: labels;
            default: accept;
        } }
    state labels { packet.extract(h.l.next);
        transition select(h.l.last.bos) { 1: tail;
            default: labels;
        } }
    state tail { packet.extract(h.t);
        transition accept;
    } }
control Sw(inout Headers h, in xdp_input i, out xdp_output o) {  apply { o.output_action = xdp_action.XDP_PASS;
        o.output_port = 0;
        if (h.e.t[1:1] == 1) { h.l.push_front(1);
            h.l[0].setValid();
            h.l[0].v = 99;
            h.l[0].bos = 0;
        } if (h.e.t[2:2] == 1) { h.l.pop_front(2);
        } bit<2> ix = h.e.t[4:3];
        if (h.l[ix].isValid()) { h.l[ix].v = h.l[ix].v + 1;
        } if (h.e.t[5:5]==1) { h.l[1] = h.l[0];
        } } }
control Dep(in Headers h, packet_out packet) { apply { packet.emit(h.e);
        packet.emit(h.l);
        packet.emit(h.t);
    } }
xdp(Prs(), Sw(), Dep()) main;
