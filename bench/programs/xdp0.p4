// An empty program: every packet is dropped, none is looked at.
#include <core.p4>
#include <xdp_model.p4>

struct Headers {}

parser ParseNothing(packet_in packet, out Headers headers) {
    state start {
        transition accept;
    }
}

control Drop(inout Headers headers, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_DROP;
        output.output_port = 0;
    }
}

control DeparseNothing(in Headers headers, packet_out packet) {
    apply {}
}

xdp(ParseNothing(), Drop(), DeparseNothing()) main;
