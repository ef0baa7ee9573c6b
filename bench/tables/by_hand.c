// What one would write without p4bpf's tables: a hash, LPM_TRIE, an array, a walk over masks, a walk over rules. -DKIND chooses.
#include "p4bpf.h"

struct value {
  u32 action;
  u32 found;
};
struct key {
  u32 word[(KEY_BYTES + 3) / 4];
};

#if defined(HASH)
struct hash_key {
  u8 byte[KEY_BYTES];
};
P4BPF_MAP(table, P4BPF_MAP_HASH, struct hash_key, struct value, ENTRIES, 0);
P4BPF_INLINE const struct value *look_up(const struct key *key) { return p4bpf_map_lookup(&table, key); }

#elif defined(TRIE)
struct trie_key {
  u32 length;
  struct key key;
};
P4BPF_MAP(table, P4BPF_MAP_LPM_TRIE, struct trie_key, struct value, ENTRIES, P4BPF_NO_PREALLOC);
P4BPF_INLINE const struct value *look_up(const struct key *key) {
  struct trie_key one = {KEY_BYTES * 8, *key};
  return p4bpf_map_lookup(&table, &one);
}

#elif defined(ARRAY)
// One access to a random element of an array of BYTES bytes.
struct flat {
  struct value value[BYTES / sizeof(struct value)];
};
P4BPF_MAP(table, P4BPF_MAP_ARRAY, u32, struct flat, 1, P4BPF_MMAPABLE);
P4BPF_INLINE const struct value *look_up(const struct key *key) {
  u32 zero = 0;
  const struct flat *flat = p4bpf_map_lookup(&table, &zero);
  if (!flat) return 0;
  u64 at = (u64)P4BPF_SWAP32(key->word[0]) * (BYTES / sizeof(struct value)) >> 32;
  P4BPF_OPAQUE(at);
  return at < BYTES / sizeof(struct value) ? &flat->value[at] : 0;
}

#elif defined(WALK)
// For each mask a lookup of the masked key; the best priority wins. 64 masks in a loop, and more by p4bpf_loop, which costs little:
// the verifier would follow a long loop round by round.
struct masks {
  struct key mask[MASKS];
};
struct masked_key {
  struct key key;
  u32 mask;
};
struct rule {
  u32 priority;
  u32 found;
};
P4BPF_MAP(masks, P4BPF_MAP_ARRAY, u32, struct masks, 1, P4BPF_MMAPABLE);
P4BPF_MAP(table, P4BPF_MAP_HASH, struct masked_key, struct rule, ENTRIES, 0);
#define CHUNK 64
struct walk {
  struct key key;
  const struct masks *masks;
  const struct rule *best;
};
P4BPF_INLINE void try_mask(struct walk *walk, u64 number) {
  P4BPF_OPAQUE(number);
  if (number >= MASKS) return;
  struct masked_key one = {.mask = (u32)number};
  P4BPF_EACH(i, (KEY_BYTES + 3) / 4) one.key.word[i] = walk->key.word[i] & walk->masks->mask[number].word[i];
  const struct rule *rule = p4bpf_map_lookup(&table, &one);
  if (rule && (!walk->best || rule->priority > walk->best->priority)) walk->best = rule;
}
static __attribute__((noinline, unused)) long try_chunk(u32 index, void *argument) {
  P4BPF_ROLLED for (u32 i = 0; i < CHUNK; ++i) try_mask(argument, index * CHUNK + i);
  return 0;
}
P4BPF_INLINE const struct value *look_up(const struct key *key) {
  u32 zero = 0;
  struct walk walk = {*key, p4bpf_map_lookup(&masks, &zero), 0};
  if (!walk.masks) return 0;
#if MASKS <= CHUNK
  P4BPF_ROLLED for (u32 i = 0; i < MASKS; ++i) try_mask(&walk, i);
#else
  p4bpf_loop((MASKS + CHUNK - 1) / CHUNK, try_chunk, &walk, 0);
#endif
  return (const struct value *)walk.best;
}

#elif defined(RULES)
// The rules one by one, the first that matches wins: addresses and protocol with masks, ports with bounds.
struct rule {
  u32 src, src_mask, dst, dst_mask;
  u16 low[2], high[2];
  u8 protocol, protocol_mask;
  u16 unused;
  struct value value;
};
struct rules {
  struct rule rule[ENTRIES];
};
P4BPF_MAP(table, P4BPF_MAP_ARRAY, u32, struct rules, 1, P4BPF_MMAPABLE);
struct walk {
  u32 src, dst;
  u16 port[2];
  u32 protocol;
  const struct rules *rules;
  const struct value *found;
};
static __attribute__((noinline)) long try_rule(u32 index, void *argument) {
  struct walk *walk = argument;
  u64 at = index;
  P4BPF_OPAQUE(at);
  if (at >= ENTRIES) return 1;
  const struct rule *rule = &walk->rules->rule[at];
  if ((walk->src & rule->src_mask) != rule->src || (walk->dst & rule->dst_mask) != rule->dst ||
      (walk->protocol & rule->protocol_mask) != rule->protocol || walk->port[0] < rule->low[0] ||
      walk->port[0] > rule->high[0] || walk->port[1] < rule->low[1] || walk->port[1] > rule->high[1])
    return 0;
  walk->found = &rule->value;
  return 1;
}
P4BPF_INLINE const struct value *look_up(const struct key *key) {
  u32 zero = 0;
  struct walk walk = {key->word[0], key->word[1], {}, key->word[3] & 0xff, p4bpf_map_lookup(&table, &zero), 0};
  if (!walk.rules) return 0;
  walk.port[0] = P4BPF_SWAP16((u16)key->word[2]);
  walk.port[1] = P4BPF_SWAP16((u16)(key->word[2] >> 16));
  p4bpf_loop(ENTRIES, try_rule, &walk, 0);
  return walk.found;
}
#endif

P4BPF_INLINE int by_hand(p4bpf_xdp_context *context) {
  u8 *data = P4BPF_DATA(context);
  if (data + 8 + sizeof(struct key) > P4BPF_DATA_END(context)) return P4BPF_XDP_ABORTED;
  const struct value *value = look_up((const struct key *)(data + 8));
  if (value) *(u32 *)data = value->found;
  return P4BPF_XDP_DROP;
}
