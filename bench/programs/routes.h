// What the twins of the routers share, on XDP and on TC: routes and next hops.
#pragma once

#include "twin.h"

enum { TO_KERNEL = 0xfffffffd, DROP = 0xfffffffe };  // in the place of a next hop's number

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 1 << 20);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct prefix);
  __type(value, __u32);
} routes SEC(".maps");

struct next_hop {
  struct mac src, dst;
  __u32 port;  // 0: none
};

MAP(next_hops, ARRAY, 1024, __u32, struct next_hop);
