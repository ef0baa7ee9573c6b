// Every way to store a table, with keys and parameters of all widths: random packets and entries must do the same on all executors.
#include <core.p4>
#include <xdp_model.p4>
header A {
    bit<8> a;
    bit<16> b;
    bit<24> c;
    bit<32> d;
    bit<48> e;
    bit<64> f;
    bit<128> g;
    int<8> s;
    bit<4> n;
    bit<4> m;}
struct Headers { A a;
}
parser Prs(packet_in packet, out Headers h) {
    state start { packet.extract(h.a);
        transition accept;
    } }
control Sw(inout Headers h, in xdp_input i, out xdp_output o) {
    action set(bit<48> e, bit<8> a, bit<128> g, bit<24> c, int<8> s) { h.a.e = e;
        h.a.a = a;
        h.a.g = g;
        h.a.c = c;
        h.a.s = s;
    }
    action nop() {}
    action dr() { o.output_action = xdp_action.XDP_DROP;
    }
    table small { key = { h.a.a: exact;
        }
        actions = { set;
            nop;
        } default_action = nop();
    }
    table big { key = { h.a.b: exact;
            h.a.c: exact;
            h.a.e: exact;
            h.a.n: exact;
        }
        actions = { set;
            nop;
            dr;
        } const default_action = nop();
        size = 100;
    }
    table l1 { key = { h.a.n: exact;
            h.a.d: lpm;
        }
        actions = { set;
            nop;
        } default_action = set(1,2,3,4,-5);
    }
    table l2 { key = { h.a.g: lpm;
        }
        actions = { set;
            dr;
            nop;
        } default_action = nop;
    }
    table l3 { key = { h.a.c: lpm;
            h.a.f: exact;
        }
        actions = { set;
            nop;
        } default_action = nop;
    }
    table tern { key = { h.a.b: ternary;
            h.a.e: ternary;
            h.a.d: lpm;
            h.a.n: exact;
        }
        actions = { set;
            nop;
        } default_action = nop;
    }
    table rng { key = { h.a.b: range;
            h.a.s: range;
            h.a.f: optional;
            h.a.g: range;
        }
        actions = { set;
            nop;
        } default_action = nop;
        size = 33;
    }
    table cst { key = { h.a.b: ternary;
            h.a.n: exact;
        }
        actions = { set;
            nop;
            dr;
        } const entries = { (0x8000 &&& 0x8000, 3): set(7,8,9,10,11); (_, 4): nop();  } const default_action = nop;
    } apply { o.output_action = xdp_action.XDP_PASS;
        o.output_port = 0;
        if (small.apply().hit) { h.a.m = 1;
        } big.apply();
        switch (l1.apply().action_run) { set: { h.a.m = h.a.m + 2;
            } nop: { h.a.m = 9;
            } } l2.apply();
        l3.apply();
        tern.apply();
        rng.apply();
        cst.apply();
    } }
control Dep(in Headers h, packet_out packet) { apply { packet.emit(h.a);
    } }
xdp(Prs(), Sw(), Dep()) main;
