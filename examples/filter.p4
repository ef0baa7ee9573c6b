// A stateless packet filter for a server, on TC or XDP.
//
// Sources in `blocked` are refused. Of TCP, connections may be opened (SYN without ACK) only to the ports in `services`; what belongs to a
// connection already open goes through. Of UDP, only what is sent to a port in `services` goes through, and answers from the well-known
// port 53. All other IPv4 protocols, and all that is not IPv4, go through.
//
//   p4bpf run examples/filter.p4 --name filter --detach -i 0@eth0
//   p4bpf table add filter:services protocol=6 port=443 permit
//   p4bpf table add filter:blocked source=203.0.113.9 refuse
//
// Tests: filter.stf.
#include <core.p4>
#include <ebpf_model.p4>

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

// Where TCP and UDP agree.
header Ports {
    bit<16> src;
    bit<16> dst;
}

header TcpRest {
    bit<32> sequence;
    bit<32> acknowledgement;
    bit<4>  data_offset;
    bit<4>  reserved;
    bit<1>  cwr;
    bit<1>  ece;
    bit<1>  urg;
    bit<1>  ack;
    bit<1>  psh;
    bit<1>  rst;
    bit<1>  syn;
    bit<1>  fin;
}

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
    Ports    ports;
    TcpRest  tcp;
}

const bit<8> TCP = 6;
const bit<8> UDP = 17;

parser FilterParser(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            0x0800:  ipv4;
            default: accept;
        }
    }
    state ipv4 {
        packet.extract(headers.ipv4);
        // The rest of a fragmented packet has no ports; it is nothing without its first fragment.
        transition select(headers.ipv4.fragment_offset, headers.ipv4.ihl, headers.ipv4.protocol) {
            (0, 5, TCP): tcp;
            (0, 5, UDP): udp;
            (0, 6..15, TCP): reject;  // options would hide the ports, and honest peers send none
            (0, 6..15, UDP): reject;
            default: accept;
        }
    }
    state tcp {
        packet.extract(headers.ports);
        packet.extract(headers.tcp);
        transition accept;
    }
    state udp {
        packet.extract(headers.ports);
        transition accept;
    }
}

control Filter(inout Headers headers, out bool accept) {
    CounterArray(2, false) verdicts;  // 0: refused, 1: let through

    action permit() {
        accept = true;
    }
    action refuse() {
        accept = false;
    }
    table blocked {
        key = { headers.ipv4.src: exact @name("source"); }
        actions = { refuse; NoAction; }
        default_action = NoAction;
        implementation = hash_table(1024);
    }
    table services {
        key = {
            headers.ipv4.protocol: exact @name("protocol");
            headers.ports.dst:     exact @name("port");
        }
        actions = { permit; refuse; }
        default_action = refuse;
        implementation = hash_table(64);
    }

    apply {
        accept = true;
        if (headers.ipv4.isValid()) {
            if (!blocked.apply().hit) {
                bool opens = headers.tcp.isValid() && headers.tcp.syn == 1 && headers.tcp.ack == 0;
                bool is_datagram = headers.ports.isValid() && !headers.tcp.isValid() && headers.ports.src != 53;
                if (opens || is_datagram) {
                    services.apply();
                }
            }
        }
        verdicts.increment((bit<32>)(bit<1>)accept);
    }
}

ebpfFilter(FilterParser(), Filter()) main;
