// A switch that knows flows and no routes: a packet of a flow that it does not know goes to a controller, with a header that says where the
// packet came in. The controller decides, adds the flow, and gives the packet back with a header that says where it shall go
// out; what comes next of the flow never leaves the switch. controller.py is such a controller, in front of the CPU port (510).
//
//   examples/v1model/run examples/v1model/flow_cache --test
//
// Network and what to try: README.md. Tests: flow_cache.stf (packets), test.py (hosts).
#include "../ipv4.p4"

const Port    CPU_PORT = 510;
const bit<32> CPU_SESSION = 57;

enum bit<8> Reason {
    NONE         = 0,
    UNKNOWN_FLOW = 1,
    EXPIRED      = 2  // the TTL ends here
}

// Before the Ethernet header of what goes to the controller.
@controller_header("packet_in")
header PacketIn {
    bit<7> padding;
    Port   ingress_port;
    Reason reason;
}

// And of what comes from it.
@controller_header("packet_out")
header PacketOut {
    bit<7> padding;
    Port   egress_port;
}

struct Headers {
    PacketOut packet_out_header;
    PacketIn  packet_in_header;
    Ethernet  ethernet;
    Ipv4      ipv4;
}

struct Meta {
    // What a copy for the controller keeps.
    @field_list(1)
    Port ingress_port;
    @field_list(1)
    Reason reason;
}

parser FlowCacheParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        transition select(standard.ingress_port) {
            CPU_PORT: packet_from_controller;
            default:  ethernet;
        }
    }
    state packet_from_controller {
        packet.extract(headers.packet_out_header);
        transition ethernet;
    }
    state ethernet {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {
        verify_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control FlowCacheIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    counter(512, CounterType.packets) from_ports;
    counter(3, CounterType.packets) to_controller;  // by reason

    action drop() {
        mark_to_drop(standard);
    }
    // A copy goes to the controller, the packet itself ends here.
    action ask(Reason reason) {
        meta.ingress_port = standard.ingress_port;
        meta.reason = reason;
        to_controller.count((bit<32>)(bit<8>)reason);
        clone_preserving_field_list(CloneType.I2E, CPU_SESSION, 1);
        drop();
    }
    action unknown() {
        ask(Reason.UNKNOWN_FLOW);
    }
    action forward(Mac mac, Port port, bit<6> dscp) {
        standard.egress_spec = port;
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        headers.ipv4.dscp = dscp;
        headers.ipv4.ttl = headers.ipv4.ttl |-| 1;
    }
    table flows {
        key = {
            headers.ipv4.protocol: exact @name("protocol");
            headers.ipv4.src:      exact @name("src");
            headers.ipv4.dst:      exact @name("dst");
        }
        actions = { forward; unknown; drop; }
        default_action = unknown();
        size = 4096;
    }

    apply {
        from_ports.count((bit<32>)standard.ingress_port);
        if (headers.packet_out_header.isValid()) {
            standard.egress_spec = headers.packet_out_header.egress_port;
            headers.packet_out_header.setInvalid();
        } else if (!headers.ipv4.isValid() || standard.checksum_error == 1) {
            drop();
        } else if (headers.ipv4.ttl <= 1) {
            ask(Reason.EXPIRED);
        } else {
            flows.apply();
        }
    }
}

control FlowCacheEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        if (standard.egress_port == CPU_PORT) {
            headers.packet_in_header.setValid();
            headers.packet_in_header = { 0, meta.ingress_port, meta.reason };
        }
    }
}

control Update(inout Headers headers, inout Meta meta) {
    apply {
        update_checksum(headers.ipv4.isValid(), IPV4_WORDS(headers.ipv4), headers.ipv4.checksum, HashAlgorithm.csum16);
    }
}

control FlowCacheDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.packet_in_header);
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

V1Switch(FlowCacheParser(), Verify(), FlowCacheIngress(), FlowCacheEgress(), Update(), FlowCacheDeparser()) main;
