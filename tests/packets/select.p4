// select over several keys with masks, ranges and tuples; a sub-parser; no case that matches is error.NoMatch.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Data { bit<8> a; bit<8> b; }
header More { bit<8> value; }

struct Headers {
    Ethernet ethernet;
    Data     data;
    More     more;
}

parser Inner(packet_in packet, out More more) {
    state start {
        packet.extract(more);
        transition select(more.value) {
            0xff: reject;
            _:    accept;
        }
    }
}

parser SelectParser(packet_in packet, out Headers h) {
    Inner() inner;
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.data);
        transition select(h.data.a, h.data.b) {
            (0x10 .. 0x1f, _):           more;
            (0x80 &&& 0xc0, 1):          more;
            (0x80 &&& 0x80, 0 .. 0x0f):  accept;
            (0, 0x01 &&& 0x01):          accept;
        }
    }
    state more {
        inner.apply(packet, h.more);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        h.ethernet.src = h.more.isValid() ? 48w1 : 48w0;
    }
}

control SelectDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.data);
        packet.emit(h.more);
    }
}

xdp(SelectParser(), Test(), SelectDeparser()) main;
