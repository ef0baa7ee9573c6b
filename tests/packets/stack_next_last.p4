// A stack filled by a loop of the parser through `next` and `last`; a fourth label is error.StackOutOfBounds.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Label {
    bit<20> label;
    bit<3>  class;
    bit<1>  bottom;
    bit<8>  ttl;
}

struct Headers {
    Ethernet ethernet;
    Label[3] labels;
}

parser StackParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        transition select(h.ethernet.type) {
            0x8847:  label;
            default: accept;
        }
    }
    state label {
        packet.extract(h.labels.next);
        transition select(h.labels.last.bottom) {
            1: accept;
            0: label;
        }
    }
}

control StackDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.labels);
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        h.ethernet.dst = (bit<48>)h.labels[0].label;
        h.ethernet.src = (bit<48>)(h.labels[2].isValid() ? h.labels[2].label : 20w0xeeeee);
        if (h.labels[1].isValid()) { h.labels[1].ttl = h.labels[1].ttl - 1; }
    }
}

xdp(StackParser(), Test(), StackDeparser()) main;
