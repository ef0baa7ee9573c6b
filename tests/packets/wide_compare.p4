// Comparisons of 128 bits.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Wide {
    bit<128> x;
    bit<128> y;
}
struct Headers {
    Ethernet ethernet;
    Wide     wide;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.wide);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<4> r = 0;
        if (h.wide.x == h.wide.y) { r = r | 1; }
        if (h.wide.x < h.wide.y) { r = r | 2; }
        if (h.wide.x >= h.wide.y) { r = r | 4; }
        if (h.wide.x != 1) { r = r | 8; }
        h.wide.x = (bit<128>)r;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
