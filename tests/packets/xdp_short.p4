// A packet that the deparser would cut down to fewer bytes than an Ethernet header has cannot be sent: it is aborted.
#include <core.p4>
#include <xdp_model.p4>

header Six {
    bit<48> v;
}

struct Headers {
    Six first;
    Six second;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.first);
        packet.extract(h.second);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = h.second.v[0:0] == 1 ? xdp_action.XDP_PASS : xdp_action.XDP_TX;
        if (h.first.v == 1) h.first.setInvalid();
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
