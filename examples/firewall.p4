// A firewall at the XDP hook: ternary rules over the five-tuple, a larger priority wins.
//
// Each rule names the counter that it counts in, so that rules can share one. Without a rule a packet goes through and counts in 0.
// Packets that are not IPv4 go through.
//
//   p4bpf run examples/firewall.p4 --name firewall --detach -i 0@eth0
//   p4bpf table add firewall:rules --priority 10 src=10.0.0.0/8 protocol=6 port=22 allow rule=1
//   p4bpf table add firewall:rules --priority 5 protocol=6 port=22 deny rule=2
//   p4bpf counter dump firewall:matched
//
// Tests: firewall.stf.
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

header Options {
    varbit<320> bytes;
}

header Ports {
    bit<16> src;
    bit<16> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Options  options;
    Ports    ports;
}

error { BadIpv4Header }

parser FirewallParser(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            0x0800:  ipv4;
            default: accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        verify(headers.ipv4.version == 4 && headers.ipv4.ihl >= 5, error.BadIpv4Header);
        transition select(headers.ipv4.ihl) {
            5:       transport;
            default: options;
        }
    }
    state options {
        packet.extract(headers.options, ((bit<32>)headers.ipv4.ihl - 5) * 32);
        transition transport;
    }
    state transport {
        transition select(headers.ipv4.fragment_offset, headers.ipv4.protocol) {
            (0, 6):  ports;
            (0, 17): ports;
            default: accept;
        }
    }
    state ports {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Firewall(inout Headers headers, in xdp_input input, out xdp_output output) {
    CounterArray(256, false) matched;
    bit<16> src_port = 0;
    bit<16> dst_port = 0;

    action allow(bit<32> rule) {
        output.output_action = xdp_action.XDP_PASS;
        matched.increment(rule);
    }
    action deny(bit<32> rule) {
        output.output_action = xdp_action.XDP_DROP;
        matched.increment(rule);
    }
    table rules {
        key = {
            headers.ipv4.src:      ternary @name("src");
            headers.ipv4.dst:      ternary @name("dst");
            headers.ipv4.protocol: ternary @name("protocol");
            src_port:              ternary @name("src_port");
            dst_port:              ternary @name("port");
        }
        actions = { allow; deny; }
        default_action = allow(0);
        size = 128;
    }

    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_PASS;
        if (headers.ipv4.isValid()) {
            if (headers.ports.isValid()) {
                src_port = headers.ports.src;
                dst_port = headers.ports.dst;
            }
            rules.apply();
        }
    }
}

control FirewallDeparser(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.options);
        packet.emit(headers.ports);
    }
}

xdp(FirewallParser(), Firewall(), FirewallDeparser()) main;
