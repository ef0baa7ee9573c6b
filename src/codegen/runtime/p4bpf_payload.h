// Hashes that go on over the packet's payload: what stands behind the headers that the parser took. The bytes come piece by piece through a
// helper, since they may lie in fragments, and since the verifier would follow a loop over the packet byte by byte.
//
// P4BPF_PAYLOAD(algorithm, kind) defines u32 p4bpf_payload_ALGORITHM(context, before, is_odd, offset): the hash of the bytes that
// p4bpf_hash_ALGORITHM has given `before` for, whose number may be odd, and of the packet from `offset` on.
#ifndef P4BPF_PAYLOAD_H
#define P4BPF_PAYLOAD_H

#define P4BPF_PIECE 64u

struct p4bpf_payload {
  void *context;
  u32 at;
  u32 end;
  u64 state;
};

// Words of two bytes, those that are missing at the end being zeros.
#define P4BPF_PAYLOAD_ADD_csum16(state, piece, size) \
  P4BPF_EACH(i, P4BPF_PIECE / 2) state += P4BPF_LOAD16((piece) + 2 * i)
#define P4BPF_PAYLOAD_ADD_xor16(state, piece, size) \
  P4BPF_EACH(i, P4BPF_PIECE / 2) state ^= P4BPF_LOAD16((piece) + 2 * i)
#define P4BPF_PAYLOAD_ADD_crc(state, piece, size, table) \
  P4BPF_ROLLED for (u32 i = 0; i < P4BPF_PIECE && i < (size); ++i) state = p4bpf_crc_byte((u32)state, (piece)[i], table)
#define P4BPF_PAYLOAD_ADD_crc32(state, piece, size) P4BPF_PAYLOAD_ADD_crc(state, piece, size, p4bpf_crc32_table)
#define P4BPF_PAYLOAD_ADD_crc16(state, piece, size) P4BPF_PAYLOAD_ADD_crc(state, piece, size, p4bpf_crc16_table)

// From the hash before the payload to the state that the bytes are added to, and back.
P4BPF_INLINE u64 p4bpf_swapped_if(u32 is_odd, u64 word) { return is_odd ? P4BPF_SWAP16(word) : word; }
// A sum of words of which the first begins with the second byte is the sum of those that do not, with its bytes swapped.
#define P4BPF_PAYLOAD_BEGIN_csum16(before, is_odd) p4bpf_swapped_if(is_odd, (u16)~P4BPF_SWAP16(before))
P4BPF_INLINE u32 p4bpf_payload_fold(u64 sum) {
  sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return (u32)((sum & 0xffff) + (sum >> 16));
}
#define P4BPF_PAYLOAD_END_csum16(state, is_odd) \
  P4BPF_SWAP16(~p4bpf_swapped_if(is_odd, p4bpf_payload_fold(state)))
#define P4BPF_PAYLOAD_BEGIN_xor16(before, is_odd) p4bpf_swapped_if(is_odd, P4BPF_SWAP16(before))
#define P4BPF_PAYLOAD_END_xor16(state, is_odd) P4BPF_SWAP16(p4bpf_swapped_if(is_odd, state))
#define P4BPF_PAYLOAD_BEGIN_crc32(before, is_odd) ((void)(is_odd), (u32)~(before))
#define P4BPF_PAYLOAD_END_crc32(state, is_odd) ((void)(is_odd), ~(u32)(state))
#define P4BPF_PAYLOAD_BEGIN_crc16(before, is_odd) ((void)(is_odd), (before))
#define P4BPF_PAYLOAD_END_crc16(state, is_odd) ((void)(is_odd), (u32)(state))

#define P4BPF_PAYLOAD(algorithm, kind)                                                                     \
  static __attribute__((noinline)) long p4bpf_payload_##algorithm##_step(u32 index, void *argument) {       \
    struct p4bpf_payload *payload = argument;                                                              \
    u8 piece[P4BPF_PIECE] __attribute__((aligned(8))) = {0};                                                \
    u64 size = payload->end - payload->at;                                                                 \
    u64 state = payload->state;                                                                            \
    (void)index;                                                                                           \
    if (payload->at >= payload->end) return 1;                                                             \
    P4BPF_OPAQUE(size);                                                                                    \
    if (size > P4BPF_PIECE) size = P4BPF_PIECE;                                                            \
    if (size == 0 || p4bpf_##kind##_load_bytes(payload->context, payload->at, piece, (u32)size)) return 1; \
    P4BPF_PAYLOAD_ADD_##algorithm(state, piece, size);                                                     \
    payload->state = state;                                                                                \
    payload->at += (u32)size;                                                                              \
    return 0;                                                                                              \
  }                                                                                                        \
  P4BPF_INLINE u32 p4bpf_payload_##algorithm(p4bpf_##kind##_context *context, u32 before, u32 is_odd,       \
                                             u32 offset) {                                                 \
    struct p4bpf_payload payload = {context, offset, p4bpf_##kind##_length(context),                       \
                                    P4BPF_PAYLOAD_BEGIN_##algorithm(before, is_odd)};                      \
    p4bpf_loop(65536 / P4BPF_PIECE, p4bpf_payload_##algorithm##_step, &payload, 0);                         \
    return P4BPF_PAYLOAD_END_##algorithm(payload.state, is_odd);                                           \
  }                                                                                                        \
  _Static_assert(1, "a payload's hash")

#endif  // P4BPF_PAYLOAD_H
