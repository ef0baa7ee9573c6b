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

// Registers: `count` cells in a row, the single value of a map. Beyond the end 0 is read and nothing is written. No helper is
// called, so that they may be read and written while a lock is held. `cells` may be null.
#define P4BPF_REGISTER(type)                                                                              \
  P4BPF_INLINE void p4bpf_register_read_##type(const void *cells, u64 count, void *result, u64 index) {   \
    P4BPF_OPAQUE(index);                                                                                  \
    *(type *)result = cells && index < count ? ((const type *)cells)[index] : 0;                          \
  }                                                                                                       \
  P4BPF_INLINE void p4bpf_register_write_##type(void *cells, u64 count, u64 index, type value) {          \
    P4BPF_OPAQUE(index);                                                                                  \
    if (cells && index < count) ((type *)cells)[index] = value;                                           \
  }
P4BPF_REGISTER(u8)
P4BPF_REGISTER(u16)
P4BPF_REGISTER(u32)
P4BPF_REGISTER(u64)
// The same for cells of `size` bytes; `result` is all zeros. Written out, each byte may have a word of the stack: more of them are
// moved in a loop, with an address that is made after the check only.
#define P4BPF_MOST_BYTES_IN_WORDS 32
#define p4bpf_register_move_bytes(to, from, size)                   \
  P4BPF_ROLLED for (u32 p4bpf_i = 0; p4bpf_i < (size); ++p4bpf_i) { \
    u64 p4bpf_byte = (from)[p4bpf_i];                               \
    P4BPF_OPAQUE(p4bpf_byte);                                       \
    (to)[p4bpf_i] = p4bpf_byte;                                     \
  }
#define P4BPF_REGISTER_BYTES(cells, count, index, size, in_a_loop, written_out)         \
  ({                                                                                  \
    u64 p4bpf_index = (index);                                                        \
    P4BPF_OPAQUE(p4bpf_index);                                                        \
    const int p4bpf_is_there = (cells) && p4bpf_index < (count);                      \
    if ((size) > P4BPF_MOST_BYTES_IN_WORDS) {                                         \
      if (p4bpf_is_there) {                                                           \
        P4BPF_OPAQUE(p4bpf_index);                                                    \
        u8 *p4bpf_cell = (u8 *)(cells) + p4bpf_index * (size);                        \
        in_a_loop                                                                     \
      }                                                                               \
    } else {                                                                          \
      u8 *p4bpf_cell = p4bpf_is_there ? (u8 *)(cells) + p4bpf_index * (size) : 0;     \
      written_out                                                                     \
    }                                                                                 \
  })
#define p4bpf_register_read_bytes(cells, count, result, index, size)                                              \
  P4BPF_REGISTER_BYTES(cells, count, index, size, p4bpf_register_move_bytes(result, p4bpf_cell, size),             \
                       P4BPF_EACH(i, size)(result)[i] = p4bpf_cell ? p4bpf_cell[i] : 0;)
#define p4bpf_register_write_bytes(cells, count, index, value, size)                                              \
  P4BPF_REGISTER_BYTES(cells, count, index, size, p4bpf_register_move_bytes(p4bpf_cell, value, size),              \
                       if (p4bpf_cell) P4BPF_EACH(i, size) p4bpf_cell[i] = (value)[i];)

// Meters: `count` of them in a row, the single value of a map. Beyond the end everything is green.
P4BPF_INLINE u32 p4bpf_meter_at(void *meters, u64 count, u64 index, u32 units, u64 now_ns) {
  P4BPF_OPAQUE(index);
  if (!meters || index >= count) return P4BPF_GREEN;
  return p4bpf_meter_color((struct p4bpf_meter *)meters + index, now_ns, units);
}
#define p4bpf_meter_execute(meters, count, index, color, units, now_ns) \
  (*(color) = p4bpf_meter_at(meters, count, index, units, now_ns))

// When the entry with that handle was hit last.
P4BPF_INLINE void p4bpf_note_hit(void *times, u64 count, u64 handle) {
  P4BPF_OPAQUE(handle);
  if (times && handle < count) ((volatile u64 *)times)[handle] = p4bpf_time_ns();
}

// A message to the control plane, `size` bytes that begin with a p4bpf_digest; one that finds no room is counted.
struct p4bpf_digest {
  u32 number;  // of the manifest's digests
  u32 receiver;
  u64 time_ns;
};
P4BPF_INLINE void p4bpf_digest_send(void *ring, void *lost, void *record, u64 size) {
  u32 zero = 0;
  ((struct p4bpf_digest *)record)->time_ns = p4bpf_time_ns();
  if (p4bpf_ring_output(ring, record, size, 0) == 0) return;
  u64 *count = p4bpf_map_lookup(lost, &zero);
  if (count) *count += 1;
}

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

// Microseconds since the program was loaded; programs that ask have the variable, which is set then. For programs under test time stands
// still, and chance always says the same.
#ifdef P4BPF_TEST
#define p4bpf_timestamp() 1000000ull
P4BPF_INLINE u64 p4bpf_random64(void) { return 0x400000004; }
#else
#define p4bpf_timestamp() ((p4bpf_time_ns() - p4bpf_start_ns) / 1000)
P4BPF_INLINE u64 p4bpf_random64(void) { return (u64)p4bpf_random() << 32 | p4bpf_random(); }
#endif
P4BPF_INLINE u32 p4bpf_ktime_get_ns(void) { return (u32)p4bpf_time_ns(); }
// The whole packet, `length` bytes, to whoever listens on this CPU's event ring; 0 or a negative errno. `context` is the hook's.
#define p4bpf_perf_event_output(context, map, length)                                                        \
  ({                                                                                                         \
    u8 p4bpf_no_header = 0;                                                                                  \
    p4bpf_event_output(context, map, (u64)(length) << 32 | 0xffffffffull, &p4bpf_no_header, 0);              \
  })

#endif  // P4BPF_EXTERNS_H
