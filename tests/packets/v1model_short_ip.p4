// Registers and meters are one, whatever packets come: BPF_PROG_TEST_RUN refuses on TC an IP packet that ends in its
// header, and the test sends it through a second program.
#include <core.p4>
#include <v1model.p4>

header eth_t {
    bit<48> count;
    bit<48> colour;
}
struct headers_t {
    eth_t eth;
}
struct meta_t {}

parser prs(packet_in packet, out headers_t hdr, inout meta_t meta, inout standard_metadata_t std) {
    state start {
        packet.extract(hdr.eth);
        transition accept;
    }
}

control check(inout headers_t hdr, inout meta_t meta) {
    apply {}
}

control ing(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t std) {
    register<bit<16>>(4) seen;
    meter(1, MeterType.packets) rate;
    apply {
        bit<16> count;
        @atomic {
            seen.read(count, 2);
            count = count + 1;
            seen.write(2, count);
        }
        bit<32> colour;
        rate.execute_meter(32w0, colour);
        if (count == 1000)
            clone(CloneType.I2E, 32w1);  // copies packets: a program for TC
        hdr.eth.count = (bit<48>)count;
        hdr.eth.colour = (bit<48>)colour;
    }
}

control egr(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t std) {
    apply {}
}

control compute(inout headers_t hdr, inout meta_t meta) {
    apply {}
}

control dep(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.eth);
    }
}

V1Switch(prs(), check(), ing(), egr(), compute(), dep()) main;
