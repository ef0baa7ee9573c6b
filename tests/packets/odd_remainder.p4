// Headers that are no whole number of bytes: fields lie bit behind bit, and what was not parsed keeps its place in its byte.
#include <core.p4>
#include <v1model.p4>

header Flags {
    bit<3>  kind;
    bit<14> value;
}
header Three { bit<3> v; }
struct Headers {
    Flags    flags;
    Flags[2] more;
    Three    three;
}
struct Meta {}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.flags);
        transition select(h.flags.kind) {
            1: more;
            2: three;
            default: accept;
        }
    }
    state more {
        packet.extract(h.more.next);
        transition select(h.more.last.kind) {
            1: more;
            2: three;
            default: accept;
        }
    }
    state three {
        packet.extract(h.three);
        transition accept;
    }
}
control Nothing(inout Headers h, inout Meta meta) {
    apply {}
}
control Change(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = standard.ingress_port;
        h.flags.value = h.flags.value + 1;
        if (standard.ingress_port == 1) {
            h.flags.setInvalid();
        } else if (standard.ingress_port == 2) {
            h.three.setValid();
            h.three.v = 5;
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
