// Parse Ethernet, IPv4 and UDP; give the packet another source address and port; mend both checksums; send it back.
#include <core.p4>
#include <xdp_model.p4>
#include "headers.p4"

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Udp      udp;
}

const bit<32> NEW_ADDRESS = 0x0a000001;
const bit<16> NEW_PORT = 4242;

parser ParseUdp(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition select(headers.ipv4.protocol) {
            PROTOCOL_UDP: udp;
            default:      accept;
        }
    }
    state udp {
        packet.extract(headers.udp);
        transition accept;
    }
}

control Rewrite(inout Headers headers, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_DROP;
        if (headers.udp.isValid()) {
            headers.udp.checksum = csum_replace4(headers.udp.checksum, headers.ipv4.src, NEW_ADDRESS);
            headers.udp.checksum = csum_replace2(headers.udp.checksum, headers.udp.src_port, NEW_PORT);
            headers.ipv4.checksum = csum_replace4(headers.ipv4.checksum, headers.ipv4.src, NEW_ADDRESS);
            headers.ipv4.src = NEW_ADDRESS;
            headers.udp.src_port = NEW_PORT;
            output.output_action = xdp_action.XDP_TX;
        }
    }
}

control DeparseUdp(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.udp);
    }
}

xdp(ParseUdp(), Rewrite(), DeparseUdp()) main;
