// A stateful firewall at the XDP hook, on a Linux machine that forwards packets between an inside and an outside: hosts inside may
// talk to anybody over TCP and UDP; from outside only answers come in, and what the table `services` allows. Port 1 is the inside, all
// others are the outside.
//
// Flows that begin inside are learned by the data path: they are entries of the table `flows`, which can be seen and deleted.
// Where there is no room for a new flow, one that has been silent for long is forgotten.
//
//   p4bpf run examples/stateful_firewall.p4 --name fw --detach -i 1@lan0 -i 2@wan0
//   p4bpf table add fw:services dst=192.0.2.10 protocol=6 port=443 permit
//   p4bpf table dump fw:flows
//   p4bpf table clear fw:flows
//   p4bpf counter show fw:refused
//
// Tests: stateful_firewall.stf. A network to try it in: stateful_firewall.sh.
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

// The first four bytes of TCP and of UDP.
header Ports {
    bit<16> src;
    bit<16> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Ports    ports;
}

const bit<32> INSIDE = 1;
const bit<16> TYPE_ARP = 0x0806;
const bit<16> TYPE_IPV4 = 0x0800;

parser FirewallParser(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            TYPE_IPV4: ipv4;
            default:   accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        // No options, and no later fragment: behind either there are no ports.
        transition select(headers.ipv4.ihl, headers.ipv4.fragment_offset, headers.ipv4.protocol) {
            (5, 0, 6):  ports;
            (5, 0, 17): ports;
            default:    accept;
        }
    }
    state ports {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Firewall(inout Headers headers, in xdp_input input, out xdp_output output) {
    CounterArray(4, false) refused;  // by the reason: 0 no such flow or service, 1 no ports, 2 not IPv4
    bit<32> near;                    // the address inside
    bit<32> far;
    bit<16> near_port;
    bit<16> far_port;

    action refuse(bit<32> reason) {
        output.output_action = xdp_action.XDP_DROP;
        refused.increment(reason);
    }

    action permit() {}
    action not_offered() {
        refuse(0);
    }
    table services {
        key = {
            near:                  exact @name("dst");
            headers.ipv4.protocol: exact @name("protocol");
            near_port:             exact @name("port");
        }
        actions = { permit; not_offered; }
        default_action = not_offered;
        implementation = hash_table(1024);
    }

    action known() {}
    action unknown() {
        if (input.input_port == INSIDE) {
            add_entry("known", {});
        }
    }
    table flows {
        key = {
            near:                  exact @name("near");
            far:                   exact @name("far");
            headers.ipv4.protocol: exact @name("protocol");
            near_port:             exact @name("near_port");
            far_port:              exact @name("far_port");
        }
        actions = { known; @defaultonly unknown; }
        const default_action = unknown;
        add_on_miss = true;
        implementation = lru_table(65536);
    }

    apply {
        output.output_action = xdp_action.XDP_PASS;
        output.output_port = 0;
        bool is_inside = input.input_port == INSIDE;
        if (headers.ports.isValid()) {
            if (is_inside) {
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
            if (flows.apply().miss && !is_inside) {
                services.apply();
            }
        } else if (!is_inside) {
            if (headers.ipv4.isValid()) {
                refuse(1);
            } else if (headers.ethernet.type != TYPE_ARP) {
                refuse(2);
            }
        }
    }
}

control FirewallDeparser(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.ports);
    }
}

xdp(FirewallParser(), Firewall(), FirewallDeparser()) main;
