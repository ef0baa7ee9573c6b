// An IPv4 router at the XDP hook.
//
// A packet's destination is looked up in `routes` (longest prefix), which gives a next hop; `next_hops` gives the MAC addresses and the
// port of that hop. The TTL goes down by one and the header checksum is mended, not computed anew. What is expired is
// dropped. What is not IPv4 (ARP above all), has no route, or is for the router itself goes on to the kernel, so that the
// interfaces' own addresses answer ARP and ping.
//
//   p4bpf run examples/router.p4 --name router --detach -i 1@eth1 -i 2@eth2
//   p4bpf table add router:routes dst=10.0.2.0/24 via hop=2
//   p4bpf table add router:next_hops hop=2 forward src=02:00:00:00:00:02 dst=02:00:00:00:02:01 port=2
//   p4bpf counter dump router:packets
//
// ./demo runs it between three hosts. Tests: router.stf.
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

// Indices into `packets`.
const bit<32> ROUTED  = 0;
const bit<32> LOCAL   = 1;  // given to the kernel
const bit<32> EXPIRED = 2;
const bit<32> NO_HOP  = 3;  // the route names a next hop that is not there

parser RouterParser(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            0x0800:  ipv4;
            default: accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        transition accept;
    }
}

control Router(inout Headers headers, in xdp_input input, out xdp_output output) {
    CounterArray(4, false) packets;
    CounterArray(1024, false) hop_packets;
    bit<32> next_hop = 0;  // index into next_hops

    action to_kernel() {
        output.output_action = xdp_action.XDP_PASS;
        packets.increment(LOCAL);
    }
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    action via(bit<32> hop) {
        next_hop = hop;
    }
    table routes {
        key = { headers.ipv4.dst: lpm @name("dst"); }
        actions = { via; to_kernel; drop; }
        default_action = to_kernel;
        size = 4096;
    }

    action forward(bit<48> src, bit<48> dst, bit<32> port) {
        headers.ethernet.src = src;
        headers.ethernet.dst = dst;
        // The TTL is the high byte of a 16-bit word of the checksum, the protocol its low byte.
        bit<16> before = headers.ipv4.ttl ++ headers.ipv4.protocol;
        headers.ipv4.ttl = headers.ipv4.ttl - 1;
        bit<16> after = headers.ipv4.ttl ++ headers.ipv4.protocol;
        headers.ipv4.checksum = csum_replace2(headers.ipv4.checksum, before, after);
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = port;
        packets.increment(ROUTED);
        hop_packets.increment(next_hop);
    }
    action no_hop() {
        output.output_action = xdp_action.XDP_DROP;
        packets.increment(NO_HOP);
    }
    table next_hops {
        key = { next_hop: exact @name("hop"); }
        actions = { forward; no_hop; }
        default_action = no_hop;
        size = 1024;
    }

    apply {
        output.output_port = 0;
        if (!headers.ipv4.isValid()) {
            to_kernel();
            return;
        }
        switch (routes.apply().action_run) {
            via: {
                if (headers.ipv4.ttl <= 1) {
                    output.output_action = xdp_action.XDP_DROP;
                    packets.increment(EXPIRED);
                } else {
                    next_hops.apply();
                }
            }
        }
    }
}

control RouterDeparser(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

xdp(RouterParser(), Router(), RouterDeparser()) main;
