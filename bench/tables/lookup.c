// One lookup in each structure, many times in one run over keys that spread over the entries. Each key depends on the lookup
// before it, as each packet's work follows its lookup: what is measured is the time until the answer is there.
// -DKIND chooses; -DNO_LOOKUP leaves the lookup out, to be subtracted.
#include "p4bpf.h"

#define KEYS (1u << 17)
#define ROUNDS 1024

struct key {
  u64 word[2];  // in network order
};
struct keys {
  struct key key[KEYS];
};
P4BPF_MAP(keys, P4BPF_MAP_ARRAY, u32, struct keys, 1, P4BPF_MMAPABLE);
struct place {
  u64 position;
  u64 last;
};
P4BPF_MAP(places, P4BPF_MAP_ARRAY, u32, struct place, 1, P4BPF_MMAPABLE);
struct value {
  u64 word[2];
};

#if defined(PREFIX)
struct prefix_cells {
  u64 words[CELLS / 8];
};
P4BPF_MAP(table, P4BPF_MAP_ARRAY, u32, struct prefix_cells, 1, P4BPF_MMAPABLE);
P4BPF_MAP(values, P4BPF_MAP_ARRAY, u32, struct value, VALUES, P4BPF_MMAPABLE);
P4BPF_INLINE u64 look_up(const struct key *key) {
  u32 zero = 0;
  const struct prefix_cells *cells = p4bpf_map_lookup(&table, &zero);
  if (!cells) return 0;
  u32 number = p4bpf_prefix_find(cells, P4BPF_SWAP64(key->word[0]), P4BPF_SWAP64(key->word[1]), ROOT_BITS, LINES, STEPS,
                                 KEY_BYTES > 8);
  const struct value *value = p4bpf_map_lookup(&values, &number);
  return value ? value->word[0] : 0;
}
#elif defined(TRIE)
struct trie_key {
  u32 length;
  u32 data[KEY_BYTES / 4];
};
P4BPF_MAP(table, P4BPF_MAP_LPM_TRIE, struct trie_key, struct value, ENTRIES, P4BPF_NO_PREALLOC);
P4BPF_INLINE u64 look_up(const struct key *key) {
  struct trie_key one = {.length = KEY_BYTES * 8};
  P4BPF_EACH(i, KEY_BYTES / 4) one.data[i] = ((const p4bpf_u32 *)key)[i];
  const struct value *value = p4bpf_map_lookup(&table, &one);
  return value ? value->word[0] : 0;
}
#elif defined(ARRAY)
struct flat {
  u64 words[CELLS / 8];
};
P4BPF_MAP(table, P4BPF_MAP_ARRAY, u32, struct flat, 1, P4BPF_MMAPABLE);
P4BPF_INLINE u64 look_up(const struct key *key) {
  u32 zero = 0;
  const struct flat *flat = p4bpf_map_lookup(&table, &zero);
  if (!flat) return 0;
  u64 at = (u32)P4BPF_SWAP64(key->word[1]) * (u64)(CELLS / 4) >> 32;
  P4BPF_OPAQUE(at);
  if (at >= CELLS / 4) return 0;
  return ((const p4bpf_u32 *)flat)[at];
}
#elif defined(HASH)
struct hash_key {
  u32 data[KEY_BYTES / 4];
};
P4BPF_MAP(table, P4BPF_MAP_HASH, struct hash_key, struct value, ENTRIES, 0);
P4BPF_INLINE u64 look_up(const struct key *key) {
  struct hash_key one;
  P4BPF_EACH(i, KEY_BYTES / 4) one.data[i] = ((const p4bpf_u32 *)key)[i];
  const struct value *value = p4bpf_map_lookup(&table, &one);
  return value ? value->word[0] : 0;
}
#elif defined(MATRIX)
struct rules {
  struct p4bpf_matrix matrix;
  struct value values[ENTRIES];
  u64 cells[CELLS];
};
P4BPF_MAP(table, P4BPF_MAP_ARRAY, u32, struct rules, 1, P4BPF_MMAPABLE);
#if DIRECT == 0
P4BPF_MATRIX_STEP(matrix_step, CELLS, KEY_BYTES);
#else
#define matrix_step 0
#endif
P4BPF_INLINE u64 look_up(const struct key *key) {
  u32 zero = 0;
  const struct rules *rules = p4bpf_map_lookup(&table, &zero);
  if (!rules) return 0;
  struct key copy = *key;
  u64 found = p4bpf_matrix_find(&rules->matrix, rules->cells, (const u8 *)&copy, CELLS, DIRECT, KEY_BYTES, matrix_step);
  P4BPF_OPAQUE(found);
  return found < ENTRIES ? rules->values[found].word[0] : 0;
}
#elif defined(WALK)
// What one does without such a structure: for each mask a lookup of the masked key, the best priority wins.
struct masks {
  struct key mask[MASKS];
};
struct walk_key {
  u64 word[2];
  u64 mask;
};
P4BPF_MAP(masks, P4BPF_MAP_ARRAY, u32, struct masks, 1, P4BPF_MMAPABLE);
P4BPF_MAP(table, P4BPF_MAP_HASH, struct walk_key, struct value, ENTRIES, 0);
P4BPF_INLINE u64 look_up(const struct key *key) {
  u32 zero = 0;
  const struct masks *all = p4bpf_map_lookup(&masks, &zero);
  u64 best = 0;
  if (!all) return 0;
  P4BPF_ROLLED for (u32 i = 0; i < MASKS; ++i) {
    struct walk_key one = {{key->word[0] & all->mask[i].word[0], key->word[1] & all->mask[i].word[1]}, i};
    const struct value *value = p4bpf_map_lookup(&table, &one);
    u64 priority = value ? value->word[0] : 0;
    if (priority > best) best = priority;
  }
  return best;
}
#endif

struct run {
  const struct keys *keys;
  u64 position;
  u64 last;
};
static __attribute__((noinline)) long round_of(u32 index, void *argument) {
  struct run *run = argument;
  u64 at = (run->position + index + (run->last >> 60)) & (KEYS - 1);
  P4BPF_OPAQUE(at);
  if (at >= KEYS) return 1;
  const struct key *key = &run->keys->key[at];
#ifdef NO_LOOKUP
  run->last = key->word[0] >> 8;
#else
  run->last = look_up(key);
#endif
  return 0;
}

P4BPF_PROGRAM("xdp", bench, xdp) {
  u32 zero = 0;
  const struct keys *all = p4bpf_map_lookup(&keys, &zero);
  struct place *place = p4bpf_map_lookup(&places, &zero);
  if (!all || !place) return P4BPF_XDP_ABORTED;
  struct run run = {all, place->position, 0};
  p4bpf_loop(ROUNDS, round_of, &run, 0);
  place->position += ROUNDS;
  place->last += run.last;
  return P4BPF_XDP_PASS;
}
