// XDP cannot copy packets: what asks for a copy is named.
// command: compile --hook xdp
#include <core.p4>
#include <v1model.p4>
header H { bit<8> v; }
struct Headers { H h; }
struct Meta {}
parser Prs(packet_in p, out Headers hdr, inout Meta m, inout standard_metadata_t s) {
    state start { p.extract(hdr.h); transition accept; }
}
control Verify(inout Headers hdr, inout Meta m) { apply {} }
control In(inout Headers hdr, inout Meta m, inout standard_metadata_t s) {
    apply {
        s.mcast_grp = 0;
        s.mcast_grp = 7;                           // expect hook-unable
        if (hdr.h.v == 1) clone(CloneType.I2E, 5); // expect hook-unable
        if (hdr.h.v == 2) resubmit_preserving_field_list(1); // expect hook-unable
    }
}
control Out(inout Headers hdr, inout Meta m, inout standard_metadata_t s) {
    apply {
        clone(CloneType.E2E, 5); // expect hook-unable
        if (hdr.h.v == 3) recirculate_preserving_field_list(1); // expect hook-unable
    }
}
control Update(inout Headers hdr, inout Meta m) { apply {} }
control Dep(packet_out p, in Headers hdr) { apply { p.emit(hdr.h); } }
V1Switch(Prs(), Verify(), In(), Out(), Update(), Dep()) main;
