// Registers, which lock, beside a function in C whose file includes the kernel's own headers.
#include <core.p4>
#include <v1model.p4>

extern bit<32> spread(in bit<32> value);

header H {
    bit<32> a;
    bit<32> count;
    bit<48> rest;
}
struct Headers {
    H h;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.h);
        transition accept;
    }
}
control Nothing(inout Headers headers, inout Meta meta) {
    apply {}
}
control In(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<32>>(16) counts;
    apply {
        headers.h.a = spread(headers.h.a);
        bit<32> index = headers.h.a & 15;
        counts.read(headers.h.count, index);
        headers.h.count = headers.h.count + 1;
        counts.write(index, headers.h.count);
        standard.egress_spec = 1;
    }
}
control Out(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Write(packet_out packet, in Headers headers) {
    apply { packet.emit(headers.h); }
}
V1Switch(Parse(), Nothing(), In(), Out(), Nothing(), Write()) main;
