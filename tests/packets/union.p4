// A header union: extracting or validating one member makes the others invalid; emit takes the valid one.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Short {
    bit<8> kind;
    bit<8> value;
}
header Long {
    bit<8>  kind;
    bit<24> value;
}
header_union Option {
    Short short;
    Long  long;
}

struct Headers {
    Ethernet ethernet;
    Option   option;
}

parser UnionParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        transition select(packet.lookahead<bit<8>>()) {
            1:       short;
            2:       long;
            default: accept;
        }
    }
    state short {
        packet.extract(h.option.short);
        transition accept;
    }
    state long {
        packet.extract(h.option.long);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        if (input.input_port == 1 && h.option.short.isValid()) {
            bit<24> value = (bit<24>)h.option.short.value;
            h.option.long.setValid();
            h.option.long.kind = 2;
            h.option.long.value = value;
        } else if (input.input_port == 1 && h.option.long.isValid()) {
            bit<8> value = h.option.long.value[7:0];
            h.option.short = { 1, value };
        } else if (input.input_port == 2) {
            h.option.short.setInvalid();
        }
        h.ethernet.dst[0:0] = (bit<1>)h.option.short.isValid();
        h.ethernet.dst[1:1] = (bit<1>)h.option.long.isValid();
    }
}

control UnionDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.option);
    }
}

xdp(UnionParser(), Test(), UnionDeparser()) main;
