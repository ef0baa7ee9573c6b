// What actions and @atomic blocks do with registers is one step: what cannot be done meanwhile is refused there, and elsewhere it is no step.
// command: compile
#include <core.p4>
#include <v1model.p4>
extern void note(in bit<32> value);
struct Headers { }
struct Meta { }
parser prs(packet_in p, out Headers h, inout Meta m, inout standard_metadata_t s) { state start { transition accept; } }
control none(inout Headers h, inout Meta m) { apply { } }
control ing(inout Headers h, inout Meta m, inout standard_metadata_t s) {
    register<bit<32>>(1) seen;
    register<bit<32>>(1) last;
    meter(1, MeterType.packets) police;
    counter(1, CounterType.packets) hits;
    bit<32> count = 0;
    action between() {
        seen.read(count, 0);
        note(count);                             // expect not-atomic
        seen.write(0, count + 1);
    }
    action deeper(bit<32> more) {
        seen.read(count, 0);
        if (count < more) {
            note(count);                         // expect not-atomic
            seen.write(0, count + more);
        }
    }
    action within() {
        if (count == 0) {
            seen.read(count, 0);
            note(count);                         // expect not-atomic
        }
        seen.write(0, count);
    }
    action repeated() {
        bit<32> chance = 0;
        seen.read(count, 0);
        for (bit<8> i = 0; i < 3; i = i + 1) {
            random(chance, 0, 7);                // expect not-atomic
            count = count + chance;
        }
        seen.write(0, count);
    }
    action is_fine(bit<32> more) {
        bit<32> chance;
        note(more);
        seen.read(count, 0);
        hits.count(0);
        random(chance, 0, 7);
        digest(1, { count, chance });
        police.execute_meter(0, chance);
        last.write(0, count);
        seen.write(0, count + chance);
        note(count);
    }
    action reads() { seen.read(count, 0); }
    action writes() { seen.write(0, count + 1); }
    table t { actions = { deeper; is_fine; within; } default_action = is_fine(1); }
    table reading { key = { s.ingress_port: exact; } actions = { reads; NoAction; } default_action = NoAction; }
    table writing { key = { count: exact; } actions = { writes; NoAction; } default_action = NoAction; }
    apply {
        between();
        t.apply();
        repeated();
        @atomic {
            reading.apply();                     // expect not-atomic
            if (count > 10) writing.apply();
        }
        @atomic { reading.apply(); }
        @atomic {
            seen.read(count, 0);
            note(count);                         // expect not-atomic
            last.read(count, 0);
        }
        reading.apply();
        writing.apply();
        seen.read(count, 0);
        note(count);
        seen.write(0, count + 1);
    }
}
control egr(inout Headers h, inout Meta m, inout standard_metadata_t s) { apply { } }
control dep(packet_out p, in Headers h) { apply { } }
V1Switch(prs(), none(), ing(), egr(), none(), dep()) main;
