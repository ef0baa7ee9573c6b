// Elements by an index that is known at run time only: reads, writes, validity, and out of bounds.
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
        bit<32> i = input.input_port;
        if (h.labels[i].isValid()) {
            h.labels[i].ttl = h.labels[i].ttl + 1;
            h.ethernet.dst = (bit<48>)h.labels[i].label;
        } else {
            h.ethernet.dst = 0xeeeeeeeeeeee;
        }
    }
}

xdp(StackParser(), Test(), StackDeparser()) main;
