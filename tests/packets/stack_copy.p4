// A stack assigned to another as a whole, an element at a run-time index to another one.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Label {
    bit<7> value;
    bit<1> last;
}
struct Headers {
    Ethernet ethernet;
    Label[3] labels;
    Label[3] copy;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        transition label;
    }
    state label {
        packet.extract(h.labels.next);
        transition select(h.labels.last.last) {
            0: label;
            1: accept;
        }
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.copy = h.labels;
        bit<2> last = h.labels[2].isValid() ? 2w2 : 2w1;
        h.copy[0] = h.labels[last];
        h.copy[last] = h.labels[0];
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
