// push_front and pop_front: elements move, new ones are invalid; the packet grows and shrinks.
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
        if (input.input_port == 1) {
            h.labels.push_front(1);
            h.labels[0] = { 0x55555, 1, 0, 7 };
        } else if (input.input_port == 2) {
            h.labels.pop_front(1);
        } else if (input.input_port == 3) {
            h.labels.push_front(2);
            h.labels[1].setValid();
            h.labels[1].label = 1;
        } else if (input.input_port == 4) {
            h.labels.pop_front(3);
        }
    }
}

xdp(StackParser(), Test(), StackDeparser()) main;
