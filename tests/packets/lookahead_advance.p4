// lookahead of bits at any width and of a header; advance by a constant and by what the packet says; nothing is consumed by looking.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Kind {
    bit<4>  type;
    bit<12> words;
}
header Seen {
    bit<4>  first;
    bit<12> second;
    bit<16> third;
}

struct Headers {
    Ethernet ethernet;
    Seen     seen;
    Kind     kind;
}

parser LookParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        h.seen.setValid();
        h.seen.first = packet.lookahead<bit<4>>();
        h.seen.second = (bit<12>)packet.lookahead<bit<9>>();
        Kind kind = packet.lookahead<Kind>();
        h.seen.third = (bit<16>)kind.words;
        transition select(packet.lookahead<bit<4>>()) {
            1:       extract;
            2:       skip;
            3:       skip_words;
            4:       skip_odd;
            default: accept;
        }
    }
    state extract {
        packet.extract(h.kind);
        transition accept;
    }
    state skip {
        packet.advance(16);
        packet.extract(h.kind);
        transition accept;
    }
    state skip_words {
        packet.advance((bit<32>)packet.lookahead<Kind>().words << 3);
        packet.extract(h.kind);
        transition accept;
    }
    state skip_odd {
        packet.advance(3);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
    }
}

control LookDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.seen);
        packet.emit(h.kind);
    }
}

xdp(LookParser(), Test(), LookDeparser()) main;
