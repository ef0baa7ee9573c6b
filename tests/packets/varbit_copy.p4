// A header with a varbit field, copied to another one and emitted twice.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Size { bit<8> words; }
header Options { varbit<64> bytes; }
struct Headers {
    Ethernet ethernet;
    Size     size;
    Options  options;
    Options  copy;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.size);
        packet.extract(h.options, (bit<32>)h.size.words << 4);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.copy = h.options;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
