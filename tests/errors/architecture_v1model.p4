// What v1model adds to the rules of the language.
#include <core.p4>
#include <v1model.p4>
header H { bit<32> a; bit<32> b; }
struct Pair { bit<8> x; bit<8> y; }
struct Headers { H h; }
struct Meta { bit<2> color; }
parser p(packet_in b, out Headers hdr, inout Meta m, inout standard_metadata_t s) {
    state start { b.extract(hdr.h); transition accept; }
}
control check_sums(inout Headers hdr, inout Meta m) { apply { } }
control ig(inout Headers hdr, inout Meta m, inout standard_metadata_t s) {
    direct_meter<bit<2>>(MeterType.packets) misplaced;  // expect architecture-rule
    direct_meter<bit<2>>(MeterType.packets) silent;
    direct_meter<bit<2>>(MeterType.packets) good;
    register<Pair>(4) pairs;
    Pair pair;
    action read_misplaced() { misplaced.read(m.color); }
    action nothing() { }
    action read_good() { good.read(m.color); }
    table two_prefixes {                                // expect architecture-rule
        key = { hdr.h.a: lpm; hdr.h.b: lpm; }
        actions = { nothing; }
    }
    table wrong_property { key = { hdr.h.a: exact; } actions = { read_misplaced; } counters = misplaced; }
    table never_read { key = { hdr.h.a: exact; } actions = { nothing; } meters = silent; }  // expect architecture-rule
    table right { key = { hdr.h.a: lpm; } actions = { read_good; nothing; } meters = good; }
    apply {
        pairs.read(pair, 0);  // expect architecture-rule
        two_prefixes.apply(); wrong_property.apply(); never_read.apply(); right.apply();
    }
}
control eg(inout Headers hdr, inout Meta m, inout standard_metadata_t s) { apply { } }
control dp(packet_out b, in Headers hdr) { apply { b.emit(hdr.h); } }
V1Switch(p(), check_sums(), ig(), eg(), check_sums(), dp()) main;
