// Tables that share an action profile have the same actions.
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
    action_profile(16) members;
    action send(bit<9> port) { s.egress_spec = port; }
    action drop() { mark_to_drop(s); }
    table first { key = { hdr.h.a: exact; } actions = { send; drop; } implementation = members; }
    table same { key = { hdr.h.a: lpm; } actions = { send; drop; } default_action = drop(); implementation = members; }
    table other {                                       // expect architecture-rule
        key = { hdr.h.a: exact; }
        actions = { drop; send; }
        implementation = members;
    }
    apply { first.apply(); same.apply(); other.apply(); }
}
control eg(inout Headers hdr, inout Meta m, inout standard_metadata_t s) { apply { } }
control dp(packet_out b, in Headers hdr) { apply { b.emit(hdr.h); } }
V1Switch(p(), check_sums(), ig(), eg(), check_sums(), dp()) main;
