// The program of tour.md: drop UDP packets to the ports in a table, count them, let all else pass.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet { bit<48> dst; bit<48> src; bit<16> type; }
header Ipv4 {
    bit<8> version_ihl; bit<8> diffserv; bit<16> total_length; bit<32> fragment;
    bit<8> ttl; bit<8> protocol; bit<16> checksum; bit<32> src; bit<32> dst;
}
header Udp { bit<16> src; bit<16> dst; bit<16> length; bit<16> checksum; }
struct Headers { Ethernet ethernet; Ipv4 ipv4; Udp udp; }

parser TourParser(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) { 0x0800: ipv4; default: accept; }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition select(headers.ipv4.version_ihl, headers.ipv4.protocol) { (0x45, 17): udp; default: accept; }
    }
    state udp { packet.extract(headers.udp); transition accept; }
}

control Tour(inout Headers headers, in xdp_input input, out xdp_output output) {
    CounterArray(1, false) refused;
    action refuse() { output.output_action = xdp_action.XDP_DROP; refused.increment(0); }
    table ports {
        key = { headers.udp.dst: exact @name("port"); }
        actions = { refuse; NoAction; }
        default_action = NoAction;
        size = 64;
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_PASS;
        if (headers.udp.isValid()) { ports.apply(); }
    }
}

control TourDeparser(in Headers headers, packet_out packet) { apply { packet.emit(headers); } }

xdp(TourParser(), Tour(), TourDeparser()) main;
