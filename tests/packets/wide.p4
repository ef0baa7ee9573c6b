// Arithmetic, comparison, shifts, concatenation and slices beyond 64 bits; a 128-bit key.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Wide {
    bit<128> a;
    bit<128> b;
    bit<8>   op;
}

struct Headers {
    Ethernet ethernet;
    Wide     wide;
}

parser WideParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.wide);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action found(bit<128> value) { h.wide.b = value; }
    table addresses {
        key = { h.wide.a: exact; }
        actions = { found; NoAction; }
        default_action = NoAction;
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        bit<128> a = h.wide.a;
        bit<128> b = h.wide.b;
        switch (h.wide.op) {
            0: { h.wide.a = a + b; }
            1: { h.wide.a = a - b; }
            2: { h.wide.a = a & ~b; }
            3: { h.wide.a = a << (bit<8>)b; }
            4: { h.wide.a = a >> (bit<8>)b; }
            5: { h.wide.a = a < b ? 128w1 : 128w2; }
            6: { h.wide.a = a[63:0] ++ b[127:64]; }
            7: { h.wide.a = a * b; }
            8: { h.wide.a = (bit<128>)((int<128>)a < (int<128>)b ? 8w1 : 8w2); }
            9: { addresses.apply(); }
            10: { h.wide.a = a |+| b; }
            11: { h.wide.a = a |-| b; }
            12: { h.wide.a = -a; }
            13: { h.wide.a[95:32] = b[63:0]; }
            14: { h.wide.a = (bit<128>)(bit<100>)(a ^ b); }
        }
    }
}

control WideDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.wide);
    }
}

xdp(WideParser(), Test(), WideDeparser()) main;
