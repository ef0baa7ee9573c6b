// An Ethernet switch: a frame to a MAC address that the control plane has named goes to its port, any other to a multicast group of all
// ports but the one where it came in. The group has a copy for each port; egress drops the copy that would go back.
//
//   examples/v1model/run examples/v1model/multicast --test
//
// Network and what to try: README.md. Tests: multicast.stf (packets), test.py (hosts).
#include <core.p4>
#include <v1model.p4>

typedef bit<48> Mac;
typedef bit<9>  Port;

header Ethernet {
    Mac     dst;
    Mac     src;
    bit<16> type;
}

struct Headers {
    Ethernet ethernet;
}

struct Meta {}

parser MulticastParser(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        transition accept;
    }
}

control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}

control MulticastIngress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    action drop() {
        mark_to_drop(standard);
    }
    action forward(Port port) {
        standard.egress_spec = port;
    }
    action flood(bit<16> group) {
        standard.mcast_grp = group;
    }
    table hosts {
        key = { headers.ethernet.dst: exact @name("dst"); }
        actions = { forward; flood; drop; }
        default_action = drop();
        size = 1024;
    }

    apply {
        if (headers.ethernet.isValid()) {
            hosts.apply();
        } else {
            drop();
        }
    }
}

control MulticastEgress(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        if (standard.egress_port == standard.ingress_port) {
            mark_to_drop(standard);
        }
    }
}

control Update(inout Headers headers, inout Meta meta) {
    apply {}
}

control MulticastDeparser(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
    }
}

V1Switch(MulticastParser(), Verify(), MulticastIngress(), MulticastEgress(), Update(), MulticastDeparser()) main;
