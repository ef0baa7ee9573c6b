// Push a header of 8 bytes in front of the packet, send it back.
#include <core.p4>
#include <xdp_model.p4>

header Tag {
    bit<32> id;
    bit<32> value;
}

struct Headers {
    Tag tag;
}

parser ParseNothing(packet_in packet, out Headers headers) {
    state start {
        transition accept;
    }
}

control Push(inout Headers headers, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        headers.tag.setValid();
        headers.tag.id = 0x01020304;
        headers.tag.value = 0xdeadbeef;
    }
}

control DeparseTag(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.tag);
    }
}

xdp(ParseNothing(), Push(), DeparseTag()) main;
