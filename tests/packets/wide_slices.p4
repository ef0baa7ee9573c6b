// Slices and concatenations of 128 bits.
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
        bit<128> x = h.wide.x;
        h.wide.x = x[63:0] ++ x[127:64];
        h.wide.y[100:37] = x[70:7];
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
