// How large action profiles and the groups of selectors can be.
// command: compile
#include <core.p4>
#include <v1model.p4>
header H { bit<32> a; }
struct Headers { H h; }
struct Meta { }
parser p(packet_in b, out Headers hdr, inout Meta m, inout standard_metadata_t s) {
    state start { b.extract(hdr.h); transition accept; }
}
control check_sums(inout Headers hdr, inout Meta m) { apply { } }
control ig(inout Headers hdr, inout Meta m, inout standard_metadata_t s) {
    action send(bit<9> port) { s.egress_spec = port; }
    action_profile(1048577) many;                       // expect unsupported
    @max_group_size(4097)
    action_selector(HashAlgorithm.crc16, 16, 8) groups;  // expect unsupported
    table large { key = { hdr.h.a: exact; } actions = { send; } implementation = many; }
    table wide { key = { hdr.h.a: selector; } actions = { send; } implementation = groups; }
    table given {
        key = { hdr.h.a: selector; }
        actions = { send; }
        @max_group_size(99999999999999999999)  // expect unsupported
        implementation = action_selector(HashAlgorithm.crc16, 16, 8);
    }
    apply { large.apply(); wide.apply(); given.apply(); }
}
control eg(inout Headers hdr, inout Meta m, inout standard_metadata_t s) { apply { } }
control dp(packet_out b, in Headers hdr) { apply { b.emit(hdr.h); } }
V1Switch(p(), check_sums(), ig(), eg(), check_sums(), dp()) main;
