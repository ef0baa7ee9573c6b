// Elements at constant and at run-time indices, read, written and assigned; size and lastIndex.
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
        h.labels.last.value = h.labels.last.value + (bit<7>)h.labels.lastIndex;
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
        bit<8> n = 0;
        for (bit<8> i in 0 .. 2) {
            if (h.labels[i].isValid()) {
                n = i;
            }
        }
        h.labels[n].value = h.labels[n].value + 4;
        if ((bit<32>)n + 1 == h.labels.size) {
            h.labels[2].value = h.labels[2].value + 1;
        }
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
