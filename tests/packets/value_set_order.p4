// A value set: what the control plane puts in decides where the parser goes.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Tag { bit<8> value; }

struct Headers {
    Ethernet ethernet;
    Tag      tag;
}

parser SetParser(packet_in packet, out Headers h) {
    value_set<bit<16>>(4) tagged;
    state start {
        packet.extract(h.ethernet);
        transition select(h.ethernet.type) {
            tagged:  tag;
            0x88b6:  tag;
            0x88b7:  reject;
            default: accept;
        }
    }
    state tag {
        packet.extract(h.tag);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        if (h.tag.isValid()) { h.tag.value = 0xff; }
    }
}

control SetDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.tag);
    }
}

xdp(SetParser(), Test(), SetDeparser()) main;
