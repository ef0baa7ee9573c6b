// A loop over a header stack with next and last; one label more than fits is error.StackOutOfBounds.
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
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
