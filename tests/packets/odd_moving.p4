// Headers within bytes at places that only run time knows: behind a step of any length, and behind headers that may be left out.
#include <core.p4>
#include <v1model.p4>

header Flags {
    bit<3>  skip;
    bit<10> value;
}
header Five { bit<5> v; }
struct Headers {
    Flags flags;
    Five  five;
    Flags more;
}
struct Meta {}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.flags);
        packet.advance((bit<32>)h.flags.skip << 3);
        transition select(packet.lookahead<bit<1>>()) {
            1: five;
            default: more;
        }
    }
    state five {
        packet.extract(h.five);
        transition more;
    }
    state more {
        packet.extract(h.more);
        transition accept;
    }
}
control Nothing(inout Headers h, inout Meta meta) {
    apply {}
}
control Change(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = standard.ingress_port;
        h.more.value = h.more.value + 1;
        if (standard.ingress_port == 1) {
            h.flags.setInvalid();
        } else if (standard.ingress_port == 2) {
            h.five.setInvalid();
        }
    }
}
control Leave(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h);
    }
}
V1Switch(Parse(), Nothing(), Change(), Leave(), Nothing(), Deparse()) main;
