// A parser applied in a parser, twice; its rejection is the whole parser's.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Byte { bit<8> v; }
struct Headers {
    Ethernet ethernet;
    Byte     first;
    Byte     second;
    Byte     third;
}

parser ByteParser(packet_in packet, out Byte byte, in bit<8> most)(bit<8> least) {
    state start {
        packet.extract(byte);
        transition select(byte.v >= least && byte.v <= most) {
            true: accept;
            false: reject;
        }
    }
}

parser TestParser(packet_in packet, out Headers h) {
    ByteParser(8w2) from_two;
    ByteParser(8w3) from_three;
    state start {
        packet.extract(h.ethernet);
        from_two.apply(packet, h.first, 10);
        from_three.apply(packet, h.second, h.first.v);
        from_three.apply(packet, h.third, 0xff);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
