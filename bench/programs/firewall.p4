// A stateful firewall in front of the kernel's forwarding: who is inside may talk to anybody over TCP and UDP, who is outside may
// answer. The flows that were begun inside are entries of a table that the data path fills.
#include <core.p4>
#include <xdp_model.p4>
#include "headers.p4"

header Ports {
    bit<16> src;
    bit<16> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Ports    ports;  // the first four bytes of TCP and of UDP
}

const bit<32> INSIDE = 1;  // the port

parser ParseFlow(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition select(headers.ipv4.ihl, headers.ipv4.fragment_offset, headers.ipv4.protocol) {
            (5, 0, 6):            ports;
            (5, 0, PROTOCOL_UDP): ports;
            default:              accept;
        }
    }
    state ports {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Guard(inout Headers headers, in xdp_input input, out xdp_output output) {
    bit<32> near;  // the address inside
    bit<32> far;
    bit<16> near_port;
    bit<16> far_port;

    action known() {}
    action unknown() {
        if (input.input_port == INSIDE) {
            add_entry("known", {});
        } else {
            output.output_action = xdp_action.XDP_DROP;
        }
    }
    table flows {
        key = {
            near:                  exact @name("near");
            far:                   exact @name("far");
            near_port:             exact @name("near_port");
            far_port:              exact @name("far_port");
            headers.ipv4.protocol: exact @name("protocol");
        }
        actions = { known; @defaultonly unknown; }
        const default_action = unknown();
        add_on_miss = true;
        implementation = lru_table(65536);
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_PASS;
        if (headers.ports.isValid()) {
            if (input.input_port == INSIDE) {
                near = headers.ipv4.src;
                far = headers.ipv4.dst;
                near_port = headers.ports.src;
                far_port = headers.ports.dst;
            } else {
                near = headers.ipv4.dst;
                far = headers.ipv4.src;
                near_port = headers.ports.dst;
                far_port = headers.ports.src;
            }
            flows.apply();
        } else if (headers.ipv4.isValid() && input.input_port != INSIDE) {
            output.output_action = xdp_action.XDP_DROP;
        }
    }
}

control DeparseFlow(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.ports);
    }
}

xdp(ParseFlow(), Guard(), DeparseFlow()) main;
