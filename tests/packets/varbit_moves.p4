// A varbit field: its length comes from the packet; it is copied, kept and taken away; too long is error.HeaderTooShort.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Options {
    bit<8>      length;
    varbit<64>  bytes;
}
header Mark { bit<8> value; }

struct Headers {
    Ethernet ethernet;
    Mark     mark;
    Options  options;
}

parser VarParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.options, (bit<32>)packet.lookahead<bit<8>>() * 8);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        if (input.input_port == 1) {
            h.mark.setValid();
            h.mark.value = 0x77;
        } else if (input.input_port == 2) {
            h.options.setInvalid();
        }
    }
}

control VarDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.mark);
        packet.emit(h.options);
    }
}

xdp(VarParser(), Test(), VarDeparser()) main;
