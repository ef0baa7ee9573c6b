// Header fields of type bool, int, an enumeration with representation, and of odd widths across bytes.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
enum bit<4> Color {
    RED   = 1,
    GREEN = 5
}
header Odd {
    bit<3>  x;
    bool    flag;
    Color   color;
    int<13> y;
    bit<19> z;
}
struct Headers {
    Ethernet ethernet;
    Odd      odd;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.odd);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.odd.x = h.odd.x + 1;
        h.odd.flag = !h.odd.flag;
        if (h.odd.color == Color.RED) {
            h.odd.color = Color.GREEN;
        }
        if (h.odd.y < 0) {
            h.odd.y = h.odd.y + 2;
        } else {
            h.odd.y = h.odd.y + 2;
        }
        h.odd.z = h.odd.z + 1;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
