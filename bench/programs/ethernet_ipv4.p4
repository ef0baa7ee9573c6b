// Ethernet, and IPv4 where it follows: the parser and deparser that most of the study's programs share.
#ifndef BENCH_ETHERNET_IPV4_P4
#define BENCH_ETHERNET_IPV4_P4

#include "headers.p4"

struct Headers {
    Ethernet ethernet;
    Ipv4     ipv4;
}

parser ParseIpv4(packet_in packet, out Headers headers) {
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

control DeparseIpv4(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.ipv4);
    }
}

#endif
