// A load balancer at the XDP hook that answers on one arm: a packet for a service's address is sent out where it came in, to the MAC
// address of one of the service's backends. Backends have the service's address on a loopback interface and answer the
// client directly ("direct server return"), so that only requests pass here.
//
// The backend follows from a hash over the five-tuple, so that a connection stays where it is. A service has 2^n buckets and
// each bucket names a backend; weights are numbers of buckets.
//
//   p4bpf run examples/load_balancer.p4 --name lb --detach -i 0@eth0
//   p4bpf table add lb:services dst=192.0.2.10 protocol=6 port=80 balance service=1 mask=1
//   p4bpf table add lb:buckets service=1 bucket=0 to_backend mac=02:00:00:00:00:11 index=0
//   p4bpf table add lb:buckets service=1 bucket=1 to_backend mac=02:00:00:00:00:12 index=1
//   p4bpf counter dump lb:backend_packets
//
// Tests: load_balancer.stf.
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

header Ports {
    bit<16> src;
    bit<16> dst;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Ports    ports;
}

parser BalancerParser(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            0x0800:  ipv4;
            default: accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        // Fragments go to the kernel: only the first one has ports, and all must reach the same backend.
        transition select(headers.ipv4.ihl,
                          headers.ipv4.flags & 1,
                          headers.ipv4.fragment_offset,
                          headers.ipv4.protocol) {
            (5, 0, 0, 6):  ports;
            (5, 0, 0, 17): ports;
            default:       accept;
        }
    }
    state ports {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Balancer(inout Headers headers, in xdp_input input, out xdp_output output) {
    CounterArray(256, false) backend_packets;
    bit<16> service_id = 0;
    bit<16> bucket = 0;

    action balance(bit<16> service, bit<16> mask) {
        service_id = service;
        // With the protocol, which is the service's, this tells connections apart.
        bit<32> connection;
        hash(connection,
             HashAlgorithm.lookup3,
             { headers.ipv4.src, headers.ipv4.dst, headers.ports.src, headers.ports.dst });
        bucket = connection[15:0] & mask;
    }
    table services {
        key = {
            headers.ipv4.dst:      exact @name("dst");
            headers.ipv4.protocol: exact @name("protocol");
            headers.ports.dst:     exact @name("port");
        }
        actions = { balance; NoAction; }
        default_action = NoAction;
        implementation = hash_table(64);
    }

    action to_backend(bit<48> mac, bit<32> index) {
        headers.ethernet.src = headers.ethernet.dst;
        headers.ethernet.dst = mac;
        output.output_action = xdp_action.XDP_TX;
        backend_packets.increment(index);
    }
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    table buckets {
        key = {
            service_id: exact @name("service");
            bucket:     exact @name("bucket");
        }
        actions = { to_backend; drop; }
        default_action = drop;
        implementation = hash_table(4096);
    }

    apply {
        output.output_action = xdp_action.XDP_PASS;
        output.output_port = 0;
        if (headers.ports.isValid()) {
            if (services.apply().hit) {
                buckets.apply();
            }
        }
    }
}

control BalancerDeparser(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
        packet.emit(headers.ports);
    }
}

xdp(BalancerParser(), Balancer(), BalancerDeparser()) main;
