// A load balancer in the manner of Katran: a service's packets go to one of its servers in an IPIP tunnel, which server
// says a ring that user space fills so that few flows move when servers come and go.
#include <core.p4>
#include <xdp_model.p4>
#include "headers.p4"

header Ports {
    bit<16> src;
    bit<16> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     outer;
    Ipv4     ipv4;
    Ports    ports;  // the first four bytes of TCP and of UDP
}

const bit<8> PROTOCOL_IPIP = 4;
const bit<32> TUNNEL_SOURCE = 0xac100000;  // and the flow's hash: spreads the flows over the servers' queues

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
        transition select(headers.ipv4.ihl, headers.ipv4.protocol) {
            (5, 6):            ports;
            (5, PROTOCOL_UDP): ports;
            default:           accept;
        }
    }
    state ports {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Balance(inout Headers headers, in xdp_input input, out xdp_output output) {
    bit<32> flow = 0;  // its hash
    bit<16> slot = 0;

    action balance(bit<16> base, bit<16> mask, bit<48> gateway) {
        // The protocol is the service's.
        hash(flow, HashAlgorithm.lookup3, { headers.ipv4.src, headers.ipv4.dst, headers.ports.src, headers.ports.dst });
        slot = base + (flow[15:0] & mask);
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = gateway;
    }
    table services {
        key = {
            headers.ipv4.dst:      exact @name("dst");
            headers.ipv4.protocol: exact @name("protocol");
            headers.ports.dst:     exact @name("port");
        }
        actions = { balance; NoAction; }
        const default_action = NoAction;
        size = 512;
    }
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    action to_real(bit<32> address) {
        bit<32> source = TUNNEL_SOURCE | (flow >> 16);
        bit<16> length = headers.ipv4.total_length + 20;
        headers.outer.setValid();
        headers.outer = { 4, 5, 0, length, 0, 2, 0, 64, PROTOCOL_IPIP, 0, source, address };
        headers.outer.checksum = ebpf_ipv4_checksum(4, 5, 0, length, 0, 2, 0, 64, PROTOCOL_IPIP, source, address);
        output.output_action = xdp_action.XDP_TX;
    }
    table ring {
        key = { slot: exact @name("slot"); }
        actions = { to_real; drop; }
        const default_action = drop;
        size = 65536;
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_PASS;
        if (headers.ports.isValid()) {
            if (services.apply().hit) {
                ring.apply();
            }
        }
    }
}

control DeparseTunnel(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.outer);
        packet.emit(headers.ipv4);
        packet.emit(headers.ports);
    }
}

xdp(ParseFlow(), Balance(), DeparseTunnel()) main;
