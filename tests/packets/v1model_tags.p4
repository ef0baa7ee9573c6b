// v1model on TC, which the multicast group asks for: VLAN tags, of which the kernel takes the outer ones out of a frame before the program
// sees it, stand where they were.
#include <core.p4>
#include <v1model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Vlan {
    bit<16> tci;
    bit<16> type;
}
struct Headers {
    Ethernet ethernet;
    Vlan[3]  vlans;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            0x8100: vlan;
            0x88a8: vlan;
            default: accept;
        }
    }
    state vlan {
        packet.extract(headers.vlans.next);
        transition select(headers.vlans.last.type) {
            0x8100: vlan;
            0x88a8: vlan;
            default: accept;
        }
    }
}
control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}
control In(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = 2;
        switch (headers.ethernet.dst[7:0]) {
            1: {  // push
                headers.vlans.push_front(1);
                headers.vlans[0].setValid();
                headers.vlans[0].tci = 0x2345;
                headers.vlans[0].type = headers.ethernet.type;
                headers.ethernet.type = 0x8100;
            }
            2: {  // pop
                headers.ethernet.type = headers.vlans[0].type;
                headers.vlans.pop_front(1);
            }
            3: { standard.mcast_grp = 3; }
        }
    }
}
control Out(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        if (standard.egress_rid == 11) headers.vlans[0].tci = 0x1111;
    }
}
control Update(inout Headers headers, inout Meta meta) {
    apply {}
}
control Deparse(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.vlans);
    }
}
V1Switch(Parse(), Verify(), In(), Out(), Update(), Deparse()) main;
