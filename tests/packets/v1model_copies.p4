// v1model: what becomes of a packet behind ingress and egress. The first byte says what ingress shall do, the second what
// egress shall do; the others tell which way a packet came.
#include <core.p4>
#include <v1model.p4>

header Order {
    bit<8>  ingress;
    bit<8>  egress;
    bit<8>  instance;  // instance_type when the packet was in egress
    bit<8>  rid;
    bit<8>  kept;
    bit<8>  lost;
    bit<16> length;
    bit<48> padding;
}
struct Headers {
    Order order;
}
struct Meta {
    @field_list(1)
    bit<8> kept;
    bit<8> lost;
}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.order);
        transition accept;
    }
}
control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}
control In(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = 2;
        bool again = meta.kept == 7;
        meta.kept = 7;
        meta.lost = 8;
        switch (headers.order.ingress) {
            1: { mark_to_drop(standard); }
            2: { clone_preserving_field_list(CloneType.I2E, 5, 1); headers.order.lost = 9; }
            3: { clone(CloneType.I2E, 5); mark_to_drop(standard); }
            4: { clone(CloneType.I2E, 99); }
            5: { standard.mcast_grp = 3; headers.order.padding = 0x010203040506; }
            6: {
                if (again) {
                    standard.egress_spec = 4;
                } else {
                    headers.order.lost = 9;
                    resubmit_preserving_field_list(1);
                }
            }
            7: { standard.mcast_grp = 3; mark_to_drop(standard); }
            8: { mark_to_drop(standard); standard.egress_spec = 6; }
            9: { standard.mcast_grp = 77; }
            10: { resubmit_preserving_field_list(1); }
        }
    }
}
control Out(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        headers.order.instance = standard.instance_type[7:0];
        headers.order.rid = standard.egress_rid[7:0];
        headers.order.kept = meta.kept;
        headers.order.lost = headers.order.lost + meta.lost;
        headers.order.length = standard.packet_length[15:0];
        switch (headers.order.egress) {
            1: { mark_to_drop(standard); }
            2: {
                if (standard.instance_type == 0) {
                    clone_preserving_field_list(CloneType.E2E, 5, 1);
                }
            }
            3: {
                headers.order.egress = 0;
                headers.order.ingress = 1;
                recirculate_preserving_field_list(1);
            }
            4: { truncate(16); }
        }
    }
}
control Update(inout Headers headers, inout Meta meta) {
    apply {}
}
control Deparse(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.order);
    }
}
V1Switch(Parse(), Verify(), In(), Out(), Update(), Deparse()) main;
