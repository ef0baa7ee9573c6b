// The C bodies of the architectures' externs (the rows in src/arch name them): values in host order.
#ifndef P4BPF_EXTERNS_H
#define P4BPF_EXTERNS_H

// CounterArray of ebpf_model: a plain value for each index, per CPU. Beyond the end nothing is counted.
P4BPF_INLINE void p4bpf_counter_add(void *map, u32 index, u32 amount) {
  u64 *value = p4bpf_map_lookup(map, &index);
  if (value) *value += amount;
}
P4BPF_INLINE void p4bpf_counter_increment(void *map, u32 index) { p4bpf_counter_add(map, index, 1); }
// The same where it is sparse: an index comes into being when it is counted first, as long as there is room.
P4BPF_INLINE void p4bpf_sparse_counter_add(void *map, u32 index, u32 amount) {
  u64 *value = p4bpf_map_lookup(map, &index);
  if (value) {
    *value += amount;
  } else {
    u64 first = amount;
    p4bpf_map_update(map, &index, &first, 0);
  }
}
P4BPF_INLINE void p4bpf_sparse_counter_increment(void *map, u32 index) { p4bpf_sparse_counter_add(map, index, 1); }

// The internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
// Two folds are enough for what 32 bits hold.
P4BPF_INLINE u16 p4bpf_fold_checksum(u32 sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (u16)sum;
}
// RFC 1624, equation 3: HC' = ~(~HC + ~m + m'). Such sums are the same in any byte order (RFC 1071, section 2), so all values
// here are in network order, and folding once at the end is folding after each change.
P4BPF_INLINE u32 p4bpf_csum_start(u16 checksum) { return (u16)~checksum; }
P4BPF_INLINE u32 p4bpf_csum_change2(u16 from, u16 to) { return (u32)(u16)~from + to; }
P4BPF_INLINE u32 p4bpf_csum_change4(u32 from, u32 to) {
  return (u32)(u16)~(from >> 16) + (u16)~from + (to >> 16) + (u16)to;
}
P4BPF_INLINE u16 p4bpf_csum_end(u32 sum) { return (u16)~p4bpf_fold_checksum(sum); }
// Of an IPv4 header without options, from its fields, the checksum left out; what is longer than a byte in network order.
P4BPF_INLINE u16 p4bpf_ipv4_checksum(u8 version, u8 ihl, u8 diffserv, u16 total_length, u16 identification, u8 flags,
                                     u16 fragment_offset, u8 ttl, u8 protocol, u32 source, u32 destination) {
  return (u16)~p4bpf_fold_checksum(P4BPF_SWAP16((u32)version << 12 | (u32)ihl << 8 | diffserv) + total_length +
                                   identification + P4BPF_SWAP16((u32)flags << 13 | fragment_offset) +
                                   P4BPF_SWAP16((u32)ttl << 8 | protocol) + (source >> 16) + (u16)source +
                                   (destination >> 16) + (u16)destination);
}

P4BPF_INLINE u32 p4bpf_ktime_get_ns(void) { return (u32)p4bpf_time_ns(); }
// The whole packet, `length` bytes, to whoever listens on this CPU's event ring; 0 or a negative errno. `context` is the hook's.
#define p4bpf_perf_event_output(context, map, length)                                                        \
  ({                                                                                                         \
    u8 p4bpf_no_header = 0;                                                                                  \
    p4bpf_event_output(context, map, (u64)(length) << 32 | 0xffffffffull, &p4bpf_no_header, 0);              \
  })

#endif  // P4BPF_EXTERNS_H
