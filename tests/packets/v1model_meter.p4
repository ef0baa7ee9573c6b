// Meters of packets and of bytes, by index; what is measured is the packet as it arrived. Without rates, and beyond the end, all is green.
#include <core.p4>
#include <v1model.p4>

header Asked {
    bit<8>  kind;
    bit<8>  exact_key;
    bit<32> prefix_key;
    bit<16> masked_key;
    bit<8>  color;
    bit<40> rest;
}
struct Headers {
    Asked asked;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.asked);
        transition accept;
    }
}
control Nothing(inout Headers headers, inout Meta meta) {
    apply {}
}
control Ask(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    meter(4, MeterType.packets) packets;
    meter(4, MeterType.bytes) bytes;
    apply {
        bit<32> color = 7;
        if (headers.asked.kind == 1) packets.execute_meter((bit<32>)headers.asked.exact_key, color);
        if (headers.asked.kind == 2) bytes.execute_meter((bit<32>)headers.asked.exact_key, color);
        headers.asked.color = (bit<8>)color;
        standard.egress_spec = 1;
    }
}
control Leave(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Write(packet_out packet, in Headers headers) {
    apply { packet.emit(headers.asked); }
}
V1Switch(Parse(), Nothing(), Ask(), Leave(), Nothing(), Write()) main;
