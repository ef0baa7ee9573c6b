// Counters, meters and registers whose index has a named type, as the model has them from 20200408 on.
#include <core.p4>
#define V1MODEL_VERSION 20200408
#include <v1model.p4>

@p4runtime_translation("", string)
type bit<9> port_t;

header H {
    bit<32> dst;
}
struct headers_t {
    H h;
}
struct meta_t {
    port_t port;
}

parser MyParser(packet_in packet, out headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.h);
        transition accept;
    }
}
control MyVerify(inout headers_t hdr, inout meta_t meta) {
    apply {}
}
control MyIngress(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
    counter<port_t>(512, CounterType.packets) counted;
    counter<bit<9>>(512, CounterType.bytes) plain;
    meter<port_t>(512, MeterType.packets) police;
    register<bit<32>, port_t>(512) last;
    apply {
        bit<2> color = 0;
        meta.port = (port_t)standard_metadata.ingress_port;
        counted.count(meta.port);
        plain.count(standard_metadata.ingress_port);
        police.execute_meter(meta.port, color);
        last.write(meta.port, (bit<32>)color);
    }
}
control MyEgress(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
    apply {}
}
control MyUpdate(inout headers_t hdr, inout meta_t meta) {
    apply {}
}
control MyDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.h);
    }
}
V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) main;
