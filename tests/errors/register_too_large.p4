// A register that no map of the kernel can hold is refused once, where it is made, not at each use as well.
// command: compile
#include <core.p4>
#include <v1model.p4>

header Flow {
    bit<32>  number;
    bit<800> state;
}
struct Headers { Flow flow; }
struct Meta {}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.flow);
        transition accept;
    }
}
control Sums(inout Headers h, inout Meta meta) {
    apply {}
}
control In(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    register<bit<800>>(10000000) flows;  // expect unsupported
    apply {
        flows.write(h.flow.number, h.flow.state);
        flows.read(h.flow.state, 0);
    }
}
control Out(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h);
    }
}

V1Switch(Parse(), Sums(), In(), Out(), Sums(), Deparse()) main;
