// lookahead of bits, of a header, of a struct-like tuple; the cursor stays.
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

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        bit<16> two = packet.lookahead<bit<16>>();
        Byte byte = packet.lookahead<Byte>();
        transition select(two, byte.v) {
            (0x0102, 1): three;
            (_, 7): one;
            default: accept;
        }
    }
    state one {
        packet.extract(h.first);
        transition accept;
    }
    state three {
        packet.extract(h.first);
        packet.extract(h.second);
        packet.extract(h.third);
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
        packet.emit(h.ethernet);
        packet.emit(h.third);
        packet.emit(h.second);
        packet.emit(h.first);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
