// Out of a VXLAN tunnel: the outer 50 bytes go, the segment's number decides where the frame leaves.
#include <core.p4>
#include <xdp_model.p4>
#include "headers.p4"

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Udp      udp;
    Vxlan    vxlan;
}

parser ParseOuter(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition select(headers.ipv4.ihl, headers.ipv4.protocol) {
            (5, PROTOCOL_UDP): udp;
            default:           accept;
        }
    }
    state udp {
        packet.extract(headers.udp);
        transition select(headers.udp.dst_port) {
            PORT_VXLAN: vxlan;
            default:    accept;
        }
    }
    state vxlan {
        packet.extract(headers.vxlan);
        transition accept;
    }
}

control Decapsulate(inout Headers headers, in xdp_input input, out xdp_output output) {
    action deliver(bit<32> port) {
        headers.ethernet.setInvalid();
        headers.ipv4.setInvalid();
        headers.udp.setInvalid();
        headers.vxlan.setInvalid();
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = port;
    }
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    table segments {
        key = { headers.vxlan.vni: exact @name("vni"); }
        actions = { deliver; drop; }
        const default_action = drop;
        size = 65536;
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_PASS;
        if (headers.vxlan.isValid()) {
            segments.apply();
        }
    }
}

control DeparseRest(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.udp);
        packet.emit(headers.vxlan);
    }
}

xdp(ParseOuter(), Decapsulate(), DeparseRest()) main;
