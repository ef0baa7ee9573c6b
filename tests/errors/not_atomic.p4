// What stands between the read and the write of a register and needs a helper of the kernel; what may stand there does not count.
// command: compile
#include <core.p4>
#include <v1model.p4>
struct Headers { }
struct Meta { }
parser prs(packet_in p, out Headers h, inout Meta m, inout standard_metadata_t s) { state start { transition accept; } }
control none(inout Headers h, inout Meta m) { apply { } }
control ing(inout Headers h, inout Meta m, inout standard_metadata_t s) {
    register<bit<32>>(1) seen;
    meter(1, MeterType.packets) police;
    counter(1, CounterType.packets) hits;
    apply {
        bit<32> count;
        bit<32> chance;
        seen.read(count, 0);
        hits.count(0);
        random(chance, 0, 7);
        seen.write(0, count + chance);
        seen.read(count, 0);
        police.execute_meter(0, chance);           // expect unsupported
        seen.write(0, count + chance);
    }
}
control egr(inout Headers h, inout Meta m, inout standard_metadata_t s) { apply { } }
control dep(packet_out p, in Headers h) { apply { } }
V1Switch(prs(), none(), ing(), egr(), none(), dep()) main;
