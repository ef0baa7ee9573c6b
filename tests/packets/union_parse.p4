// A header union holds the member that was extracted.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Four { bit<32> v; }
header Two { bit<16> v; }
header Kind { bit<8> v; }
header_union Address {
    Four four;
    Two  two;
}
struct Headers {
    Ethernet ethernet;
    Kind     kind;
    Address  address;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.kind);
        transition select(h.kind.v) {
            4: four;
            2: two;
            default: accept;
        }
    }
    state four {
        packet.extract(h.address.four);
        transition accept;
    }
    state two {
        packet.extract(h.address.two);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        if (h.address.isValid()) {
            h.kind.v = h.kind.v + 0x10;
        }
        if (h.address.two.isValid() && h.address.four.isValid()) {
            h.kind.v = 0xee;
        }
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
