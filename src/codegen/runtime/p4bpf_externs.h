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

// Counters of packets, of bytes, or of both, per CPU.
struct p4bpf_counts {
  u64 packets;
  u64 bytes;
};
P4BPF_INLINE void p4bpf_counter_count_packets(void *map, u32 index) { p4bpf_counter_add(map, index, 1); }
P4BPF_INLINE void p4bpf_counter_count_bytes(void *map, u32 index, u32 length) { p4bpf_counter_add(map, index, length); }
P4BPF_INLINE void p4bpf_counter_count_both(void *map, u32 index, u32 length) {
  struct p4bpf_counts *counts = p4bpf_map_lookup(map, &index);
  if (!counts) return;
  counts->packets += 1;
  counts->bytes += length;
}

// Registers: an array of numbers. Beyond the end 0 is read and nothing is written.
#define P4BPF_REGISTER(type)                                                             \
  P4BPF_INLINE void p4bpf_register_read_##type(void *map, void *result, u64 wide_index) { \
    u32 index = (u32)wide_index;                                                         \
    type *cell = wide_index >> 32 ? 0 : p4bpf_map_lookup(map, &index);                   \
    *(type *)result = cell ? *cell : 0;                                                  \
  }                                                                                      \
  P4BPF_INLINE void p4bpf_register_write_##type(void *map, u64 wide_index, type value) {  \
    u32 index = (u32)wide_index;                                                         \
    type *cell = wide_index >> 32 ? 0 : p4bpf_map_lookup(map, &index);                   \
    if (cell) *cell = value;                                                             \
  }
P4BPF_REGISTER(u8)
P4BPF_REGISTER(u16)
P4BPF_REGISTER(u32)
P4BPF_REGISTER(u64)
#define p4bpf_register_read_bytes(map, result, wide_index, size)                \
  ({                                                                            \
    u32 p4bpf_index = (u32)(wide_index);                                        \
    const u8 *p4bpf_cell = p4bpf_map_lookup(map, &p4bpf_index);                 \
    P4BPF_EACH(i, size) (result)[i] = p4bpf_cell ? p4bpf_cell[i] : 0;           \
  })
#define p4bpf_register_write_bytes(map, wide_index, value, size)                \
  ({                                                                            \
    u32 p4bpf_index = (u32)(wide_index);                                        \
    u8 *p4bpf_cell = p4bpf_map_lookup(map, &p4bpf_index);                       \
    if (p4bpf_cell) P4BPF_EACH(i, size) p4bpf_cell[i] = (value)[i];             \
  })

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

P4BPF_INLINE u64 p4bpf_timestamp(void) { return p4bpf_time_ns() / 1000; }
P4BPF_INLINE u64 p4bpf_random64(void) { return (u64)p4bpf_random() << 32 | p4bpf_random(); }
P4BPF_INLINE u32 p4bpf_ktime_get_ns(void) { return (u32)p4bpf_time_ns(); }
// The whole packet, `length` bytes, to whoever listens on this CPU's event ring; 0 or a negative errno. `context` is the hook's.
#define p4bpf_perf_event_output(context, map, length)                                                        \
  ({                                                                                                         \
    u8 p4bpf_no_header = 0;                                                                                  \
    p4bpf_event_output(context, map, (u64)(length) << 32 | 0xffffffffull, &p4bpf_no_header, 0);              \
  })

#endif  // P4BPF_EXTERNS_H
