// The user plane of a mobile network's gateway (a UPF) at the XDP hook: takes packets of mobile devices out of the GTP-U tunnels that come
// from the radio stations, and puts those for the devices into them (3GPP TS 29.281). A tunnel is told by its identifier (TEID),
// a device by its IPv4 address.
//
//   p4bpf run examples/gtp.p4 --name upf --detach -i 1@radio0 -i 2@core0
//   p4bpf table add upf:uplink teid=0x1001 to_core port=2 src=02:00:00:00:02:fe dst=02:00:00:00:02:01
//   p4bpf table add upf:downlink dst=10.60.0.1 to_radio port=1 src=02:00:00:00:01:fe dst=02:00:00:00:01:01
//       local=10.0.1.254 remote=10.0.1.1 teid=0x2001           (on one line)
//
// What is not in a tunnel and for no device goes to the network stack, as do GTP-U's own messages (echo, error indication).
// Headers with options of GTP-U are not taken apart and go there too. Tests: gtp.stf.
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

header Udp {
    bit<16> src_port;
    bit<16> dst_port;
    bit<16> length;
    bit<16> checksum;
}

header Gtp {
    bit<8>  flags;   // version 1, protocol type GTP, no optional fields: 0x30
    bit<8>  type;    // 255: a packet of the user
    bit<16> length;  // of what follows the header
    bit<32> teid;
}

struct Headers {
    Ethernet ethernet;
    // Of a tunnel that the packet goes into.
    Ipv4 new_ipv4;
    Udp  new_udp;
    Gtp  new_gtp;
    // As it came.
    Ipv4 ipv4;
    Udp  udp;
    Gtp  gtp;
}

const bit<16> TYPE_IPV4 = 0x0800;
const bit<8>  UDP = 17;
const bit<16> PORT_GTP = 2152;
const bit<8>  GTP_FLAGS = 0x30;
const bit<8>  GTP_PACKET = 255;

parser GatewayParser(packet_in packet, out Headers headers) {
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
            (5, 0, UDP): udp;
            default:     accept;
        }
    }
    state udp {
        packet.extract(headers.udp);
        transition select(headers.udp.dst_port) {
            PORT_GTP: maybe_packet;
            default:  accept;
        }
    }
    // The first two bytes of GTP-U, and the version of what is inside.
    state maybe_packet {
        bit<68> ahead = packet.lookahead<bit<68>>();
        transition select(ahead[67:60], ahead[59:52], ahead[3:0]) {
            (GTP_FLAGS, GTP_PACKET, 4): packet_of_device;
            default:                    accept;
        }
    }
    state packet_of_device {
        packet.extract(headers.gtp);
        transition accept;
    }
}

control Gateway(inout Headers headers, in xdp_input input, out xdp_output output) {
    CounterArray(2, false) packets;  // 0 to the core, 1 to the radio

    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    action send(bit<32> port, bit<48> src, bit<48> dst) {
        headers.ethernet.src = src;
        headers.ethernet.dst = dst;
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = port;
    }

    action to_core(bit<32> port, bit<48> src, bit<48> dst) {
        headers.ipv4.setInvalid();
        headers.udp.setInvalid();
        headers.gtp.setInvalid();
        send(port, src, dst);
        packets.increment(0);
    }
    table uplink {
        key = { headers.gtp.teid: exact @name("teid"); }
        actions = { to_core; drop; }
        default_action = drop;
        size = 65536;
    }

    action to_radio(bit<32> port, bit<48> src, bit<48> dst, bit<32> local, bit<32> remote, bit<32> teid) {
        bit<16> inner = headers.ipv4.total_length;
        headers.new_ipv4.setValid();
        headers.new_ipv4 = { 4, 5, 0, inner + 36, 0, 2, 0, 64, UDP, 0, local, remote };
        headers.new_ipv4.checksum = ebpf_ipv4_checksum(4, 5, 0, inner + 36, 0, 2, 0, 64, UDP, local, remote);
        headers.new_udp.setValid();
        // RFC 768: a checksum of 0 is none.
        headers.new_udp = { PORT_GTP, PORT_GTP, inner + 16, 0 };
        headers.new_gtp.setValid();
        headers.new_gtp = { GTP_FLAGS, GTP_PACKET, inner, teid };
        send(port, src, dst);
        packets.increment(1);
    }
    action to_kernel() {}
    table downlink {
        key = { headers.ipv4.dst: exact @name("dst"); }
        actions = { to_radio; to_kernel; drop; }
        default_action = to_kernel;
        size = 65536;
    }

    apply {
        output.output_action = xdp_action.XDP_PASS;
        output.output_port = 0;
        if (headers.gtp.isValid()) {
            uplink.apply();
        } else if (headers.ipv4.isValid()) {
            downlink.apply();
        }
    }
}

control GatewayDeparser(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.new_ipv4);
        packet.emit(headers.new_udp);
        packet.emit(headers.new_gtp);
        packet.emit(headers.ipv4);
        packet.emit(headers.udp);
        packet.emit(headers.gtp);
    }
}

xdp(GatewayParser(), Gateway(), GatewayDeparser()) main;
