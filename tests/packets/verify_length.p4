// verify with errors of core.p4 and of the program: what fails rejects, and the packet is dropped; packet.length() is the whole frame.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Sized {
    bit<8> version;
    bit<8> length;
}
error { BadVersion, BadLength }

struct Headers {
    Ethernet ethernet;
    Sized    sized;
}

parser VerifyParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.sized);
        verify(h.sized.version == 4, error.BadVersion);
        verify(packet.length() == (bit<32>)h.sized.length, error.BadLength);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        h.sized.version = 6;
    }
}

control VerifyDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.sized);
    }
}

xdp(VerifyParser(), Test(), VerifyDeparser()) main;
