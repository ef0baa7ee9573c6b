// Into a VXLAN tunnel: 50 bytes of Ethernet, IPv4, UDP and VXLAN before the frame, by its destination address. The source
// port spreads flows (RFC 7348, section 5).
#include <core.p4>
#include <xdp_model.p4>
#include "headers.p4"

struct Headers {
    Ethernet outer_ethernet;
    Ipv4     outer_ipv4;
    Udp      outer_udp;
    Vxlan    vxlan;
    Ethernet ethernet;
    Ipv4     ipv4;
}

parser ParseInner(packet_in packet, out Headers headers) {
    state start {
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

control Encapsulate(inout Headers headers, in xdp_input input, out xdp_output output) {
    action encapsulate(bit<24> vni, bit<32> local, bit<32> remote, bit<48> src, bit<48> dst, bit<32> port) {
        headers.outer_ethernet.setValid();
        headers.outer_ethernet = { dst, src, TYPE_IPV4 };
        headers.outer_ipv4.setValid();
        bit<16> length = headers.ipv4.total_length + 50;
        headers.outer_ipv4 = { 4, 5, 0, length, 0, 2, 0, 64, PROTOCOL_UDP, 0, local, remote };
        headers.outer_ipv4.checksum =
            ebpf_ipv4_checksum(4, 5, 0, length, 0, 2, 0, 64, PROTOCOL_UDP, local, remote);
        bit<32> flow = headers.ipv4.src ^ headers.ipv4.dst;
        headers.outer_udp.setValid();
        headers.outer_udp = { 0xc000 | ((flow[31:16] ^ flow[15:0]) & 0x3fff), PORT_VXLAN, length - 20, 0 };
        headers.vxlan.setValid();
        headers.vxlan = { 8, 0, vni, 0 };
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = port;
    }
    action to_kernel() {}
    table tunnels {
        key = { headers.ethernet.dst: exact @name("dst"); }
        actions = { encapsulate; to_kernel; }
        const default_action = to_kernel;
        size = 65536;
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_PASS;
        if (headers.ipv4.isValid()) {
            tunnels.apply();
        }
    }
}

control DeparseOuter(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.outer_ethernet);
        packet.emit(headers.outer_ipv4);
        packet.emit(headers.outer_udp);
        packet.emit(headers.vxlan);
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

xdp(ParseInner(), Encapsulate(), DeparseOuter()) main;
