// What most of these programs begin with: Ethernet, IPv4, and what IPv4's checksum is computed over.
#ifndef EXAMPLES_IPV4_P4
#define EXAMPLES_IPV4_P4

#include <core.p4>
#include <v1model.p4>

typedef bit<48> Mac;
typedef bit<32> Address;
typedef bit<9>  Port;

const bit<16> TYPE_IPV4 = 0x0800;
const bit<8>  TCP = 6;
const bit<8>  UDP = 17;

header Ethernet {
    Mac     dst;
    Mac     src;
    bit<16> type;
}

header Ipv4 {
    bit<4>  version;
    bit<4>  ihl;
    bit<6>  dscp;
    bit<2>  ecn;
    bit<16> total_length;
    bit<16> id;
    bit<3>  flags;
    bit<13> fragment_offset;
    bit<8>  ttl;
    bit<8>  protocol;
    bit<16> checksum;
    Address src;
    Address dst;
}

// All words of a header without options, but for the checksum itself: what the checksum is computed over.
#define IPV4_WORDS(ipv4)                                                                                          \
    { ipv4.version, ipv4.ihl, ipv4.dscp, ipv4.ecn, ipv4.total_length, ipv4.id, ipv4.flags, ipv4.fragment_offset, \
      ipv4.ttl, ipv4.protocol, ipv4.src, ipv4.dst }

#endif
