// The checksum functions of xdp_model on an IPv4 header: full, and after one field changed.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Ipv4 {
    bit<4>  version;
    bit<4>  ihl;
    bit<8>  diffserv;
    bit<16> total_length;
    bit<16> id;
    bit<3>  flags;
    bit<13> fragment_offset;
    bit<8>  ttl;
    bit<8>  protocol;
    bit<16> checksum;
    bit<32> src;
    bit<32> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
}

parser SumParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.ipv4);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        if (input.input_port == 1) {
            h.ipv4.checksum = ebpf_ipv4_checksum(h.ipv4.version, h.ipv4.ihl, h.ipv4.diffserv, h.ipv4.total_length, h.ipv4.id,
                                                 h.ipv4.flags, h.ipv4.fragment_offset, h.ipv4.ttl, h.ipv4.protocol, h.ipv4.src, h.ipv4.dst);
        } else if (input.input_port == 2) {
            bit<16> old = h.ipv4.ttl ++ h.ipv4.protocol;
            h.ipv4.ttl = h.ipv4.ttl - 1;
            h.ipv4.checksum = csum_replace2(h.ipv4.checksum, old, h.ipv4.ttl ++ h.ipv4.protocol);
        } else {
            h.ipv4.checksum = csum_replace4(h.ipv4.checksum, h.ipv4.dst, 0x0a0b0c0d);
            h.ipv4.dst = 0x0a0b0c0d;
        }
    }
}

control SumDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.ipv4);
    }
}

xdp(SumParser(), Test(), SumDeparser()) main;
