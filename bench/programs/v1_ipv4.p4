// What the benchmark's v1model programs share: the headers, and IPv4's checksum checked and updated.
#ifndef BENCH_V1_IPV4_P4
#define BENCH_V1_IPV4_P4

#include <core.p4>
#include <v1model.p4>
#include "headers.p4"

#define IPV4_WORDS(ipv4)                                                                                       \
    { ipv4.version, ipv4.ihl, ipv4.diffserv, ipv4.total_length, ipv4.id, ipv4.flags, ipv4.fragment_offset, \
      ipv4.ttl, ipv4.protocol, ipv4.src, ipv4.dst }

struct Meta {}

#endif
