// How a program reads the tables that user space builds (src/tables): prefix tables and rule matrices. docs/tables.md tells
// how they work. Unit tests compile this text for themselves, so it is C and C++ and needs u8, u32, u64 and P4BPF_INLINE only.
#ifndef P4BPF_TABLES_H
#define P4BPF_TABLES_H

// ---- prefix tables ----------------------------------------------------------------------------------------------------
// The root is an array of 2^root_bits cells; behind it are lines of 64 bytes, which are numbered from the start of the root. A cell is
//   a leaf:  the number of a value, 0 for none, and above it the length of the prefix that it stands for
//   a node:  the number of a line of 16 cells, and which four bits of the key choose among them
//   an edge: the number of a line that asks for many bits at once and has a cell for yes and one for no
// Keys of up to 32 bits have no edges, and the nodes below a cell of the root take four bits each without a gap: which bits these are
// does not stand in the cell.
#define P4BPF_CELL_EDGE 0x80000000u
#define P4BPF_CELL_NODE 0x40000000u
#define P4BPF_CELL_SHIFT 22  // above the number: the length of a leaf's prefix, the first bit / 4 of a node
#define P4BPF_CELL_NUMBER ((1u << P4BPF_CELL_SHIFT) - 1)

// Both give the number of the value for the key less 1, that is all ones where there is none. `end` is the number behind the last
// line; it and what follows it are constants.

// Keys of up to 32 bits, the first of them the highest of `key`.
P4BPF_INLINE u32 p4bpf_prefix_find(const u32 *cells, u32 key, u32 end, u32 root_bits, u32 key_bits) {
  P4BPF_OPAQUE(key);
  u32 cell = cells[key >> (32 - root_bits)];
  if (root_bits < key_bits) {
    P4BPF_ROLLED for (u32 shift = 28 - root_bits;; shift -= 4) {
      u64 line = cell - P4BPF_CELL_NODE;
      P4BPF_OPAQUE(line);
      if (line >= end) break;
      const u32 *at = cells + line * 16;
      cell = at[key >> shift & 15];
      if (shift == 32 - key_bits) break;
    }
  }
  return (cell & P4BPF_CELL_NUMBER) - 1;
}

struct p4bpf_prefix_edge {
  u64 value[2];
  u64 mask[2];
  u32 hit;
  u32 miss;
  u32 end;  // for user space: how many bits of the key are known behind it
  u32 unused[5];
};

// Longer keys, whose first bit is the highest of `high`; `is_wide`: of more than 64 bits.
P4BPF_INLINE u32 p4bpf_prefix_find_long(const u32 *cells, u64 high, u64 low, u32 end, u32 root_bits, u32 steps,
                                        int is_wide) {
  u32 cell = cells[high >> (64 - root_bits)];
  P4BPF_ROLLED for (u32 i = 0; i < steps; ++i) {
    if (cell < P4BPF_CELL_NODE) break;
    u64 at = cell & P4BPF_CELL_NUMBER;
    P4BPF_OPAQUE(at);
    if (at >= end) break;
    const u32 *line = cells + at * 16;
    if (cell & P4BPF_CELL_EDGE) {
      const struct p4bpf_prefix_edge *edge = (const struct p4bpf_prefix_edge *)line;
      u64 differs = (high ^ edge->value[0]) & edge->mask[0];
      if (is_wide) differs |= (low ^ edge->value[1]) & edge->mask[1];
      cell = differs ? edge->miss : edge->hit;
    } else {
      const u32 level = cell >> P4BPF_CELL_SHIFT;
      const u64 word = is_wide && (level & 16) ? low : high;
      cell = line[word >> (60 - 4 * (level & 15)) & 15];
    }
  }
  return (cell & P4BPF_CELL_NUMBER) - 1;
}

// ---- rule matrices ----------------------------------------------------------------------------------------------------
// The rules stand in order of falling priority, rule k being bit k % 64 of word k / 64 of a row. Automata read the bytes of the
// key: a cell leads to the next node, or is the row of the rules that the bytes so far satisfy. The rules that match are the AND of
// all rows, the one that wins is the first bit of it. In a table for more than 256 rules the words come in up to 64 groups, and a word in
// front of them says in which groups there is any bit.
// A table for up to 64 rules without ranges of several bytes is flat: a row for each value of each byte of the key, one after the other.
#define P4BPF_MATRIX_ROW 0x80000000u
#define P4BPF_MATRIX_MAX_BYTES 64
#define P4BPF_MATRIX_MISS (~0ull)

// Behind it are the cells. Zeroes are a matrix without rules.
struct p4bpf_matrix {
  u64 active;  // bit i: byte i of the key is read
  u64 ones;    // all bits; the verifier, which would follow a constant bit by bit, does not know
  u32 count;   // of rules
  u32 first;   // where the first automaton starts
  u32 next[P4BPF_MATRIX_MAX_BYTES];  // where the automaton starts that follows one which ends with byte i
  u8 bit_of[64];                     // for p4bpf_lowest_bit
};
#define P4BPF_DE_BRUIJN 0x03f79d71b4cb0a89ull

// The number of the lowest bit that is set, by the product of that bit with a de Bruijn sequence.
P4BPF_INLINE u32 p4bpf_lowest_bit(const struct p4bpf_matrix *matrix, u64 word) {
  return matrix->bit_of[(word & (0 - word)) * P4BPF_DE_BRUIJN >> 58];
}
// The first bit of `count` words; P4BPF_MATRIX_MISS if there is none.
P4BPF_INLINE u64 p4bpf_first_bit(const struct p4bpf_matrix *matrix, const u64 *words, u32 count) {
  u64 word = words[count - 1];
  u32 base = 64 * (count - 1);
  P4BPF_EACH(i, count - 1) {
    const u32 w = count - 2 - i;
    if (words[w]) word = words[w], base = 64 * w;
  }
  return word ? base + p4bpf_lowest_bit(matrix, word) : P4BPF_MATRIX_MISS;
}

// The AND of `all` and the rows of `bytes` bytes in a row, a constant; `rows` are those of the first. Of a flat matrix.
P4BPF_INLINE u64 p4bpf_matrix_rows(u64 all, const u64 *rows, const u8 *key, u32 bytes) {
  if (bytes < 3) {
    P4BPF_EACH(i, bytes) all &= rows[256 * i + key[i]];
    return all;
  }
  u32 left = bytes;
  P4BPF_ROLLED do {
    u64 at = *key++ * sizeof *rows;
    P4BPF_OPAQUE(at);  // its register becomes the address: a copy less
    all &= *(const u64 *)(at + (u64)rows);
    rows += 256;
    --left;
    P4BPF_OPAQUE(left);  // else the compiler counts by `key`, which tells the verifier no end where that is in the packet
  } while (left);
  return all;
}

// The AND of the first `words` words of all rows. `limit` is how many 64-bit words of cells there are; it and what follows are
// constants. `rows`, if not null, gets the row of each byte that an automaton ends with. False: the matrix is broken.
P4BPF_INLINE int p4bpf_matrix_walk(const struct p4bpf_matrix *matrix, const u8 *key, u64 *all, u32 *rows, u32 limit,
                                    u32 bytes, u32 words) {
  const u64 *cells = (const u64 *)(matrix + 1);
  const u64 active = matrix->active, ones = matrix->ones;
  u64 at = matrix->first;
  P4BPF_EACH(w, words) all[w] = ones;
  P4BPF_ROLLED for (u32 i = 0; i < bytes; ++i) {
    if (rows) rows[i] = (u32)ones;
    if (!(active >> i & 1)) continue;
    at += key[i];
    P4BPF_OPAQUE(at);
    if (at >= 2ull * limit) return 0;
    at = ((const p4bpf_u32 *)cells)[at];
    if (!(at & P4BPF_MATRIX_ROW)) continue;
    at -= P4BPF_MATRIX_ROW;
    P4BPF_OPAQUE(at);
    if (at > limit - words) return 0;
    if (rows) rows[i] = (u32)at;
    P4BPF_EACH(w, words) all[w] &= cells[at + w];
    at = matrix->next[i];
  }
  return 1;
}

// What the search in groups knows. Behind it are the rows, as many as the key has bytes.
struct p4bpf_matrix_search {
  const struct p4bpf_matrix *matrix;
  u64 groups;  // that have not been looked at
  u64 found;   // the rule
};

// The first group that is left: 1 if it holds the rule, or if there is none. It is called by p4bpf_loop: the verifier would follow a
// loop in the program round by round. `group` is how many words a group has.
P4BPF_INLINE long p4bpf_matrix_step(struct p4bpf_matrix_search *search, u32 limit, u32 bytes, u32 group) {
  const struct p4bpf_matrix *matrix = search->matrix;
  const u64 *cells = (const u64 *)(matrix + 1);
  const u64 groups = search->groups, ones = matrix->ones;
  const u32 *rows = (const u32 *)(search + 1);
  u64 words[4] = {ones, ones, ones, ones};
  if (!groups) return 1;
  const u32 number = p4bpf_lowest_bit(matrix, groups);
  search->groups = groups & (groups - 1);
  P4BPF_ROLLED for (u32 i = 0; i < bytes; ++i) {
    u64 at = (u64)rows[i] + number * group + 1;
    P4BPF_OPAQUE(at);
    if (at > limit - group) continue;
    P4BPF_EACH(w, group) words[w] &= cells[at + w];
  }
  const u64 first = p4bpf_first_bit(matrix, words, group);
  if (first == P4BPF_MATRIX_MISS) return 0;
  search->found = number * group * 64 + first;
  return 1;
}

// The number of the rule that wins, or P4BPF_MATRIX_MISS; of a table for up to 256 rules, whose rows have `words` words.
P4BPF_INLINE u64 p4bpf_matrix_find(const struct p4bpf_matrix *matrix, const u8 *key, u32 limit, u32 bytes, u32 words) {
  u64 all[4];
  return p4bpf_matrix_walk(matrix, key, all, 0, limit, bytes, words) ? p4bpf_first_bit(matrix, all, words)
                                                                      : P4BPF_MATRIX_MISS;
}
// The same of a table for more; `step` is its p4bpf_matrix_step.
P4BPF_INLINE u64 p4bpf_matrix_find_in_groups(struct p4bpf_matrix_search *search, const struct p4bpf_matrix *matrix, const u8 *key,
                                     u32 limit, u32 bytes, long (*step)(u32 index, void *argument)) {
  search->matrix = matrix;
  search->found = P4BPF_MATRIX_MISS;
  if (!p4bpf_matrix_walk(matrix, key, &search->groups, (u32 *)(search + 1), limit, bytes, 1)) return P4BPF_MATRIX_MISS;
  p4bpf_loop(64, step, search, 0);
  return search->found;
}
// Defines `name`, which is that.
#define P4BPF_MATRIX_IN_GROUPS(name, limit, bytes, group)                                  \
  static __attribute__((noinline)) long name##_step(u32 index, void *argument) {           \
    (void)index;                                                                           \
    return p4bpf_matrix_step((struct p4bpf_matrix_search *)argument, limit, bytes, group); \
  }                                                                                        \
  P4BPF_INLINE u64 name(const struct p4bpf_matrix *matrix, const u8 *key) {                \
    struct {                                                                               \
      struct p4bpf_matrix_search search;                                                   \
      u32 rows[bytes];                                                                     \
    } place;                                                                               \
    return p4bpf_matrix_find_in_groups(&place.search, matrix, key, limit, bytes, name##_step);     \
  }                                                                                        \
  struct p4bpf_matrix


// ---- groups of action selectors ---------------------------------------------------------------------------------------
// {half; exists; {count; member[most]}[2]}: the list that `half` names holds (src/manifest/profile.h).
#define P4BPF_NO_MEMBER 0xffffffffu

// The member at `selector` modulo their number; P4BPF_NO_MEMBER if there is none, or no group.
P4BPF_INLINE u32 p4bpf_choose(const u32 *group, u32 most, u64 selector) {
  u32 list, count, at;
  if (!group) return P4BPF_NO_MEMBER;
  list = (*(const volatile u32 *)group & 1) * (most + 1);
  count = group[2 + list];
  if (count == 0 || count > most) return P4BPF_NO_MEMBER;
  at = list + 1 + (u32)(selector % count);
  P4BPF_OPAQUE(at);
  if (at >= 2 * (most + 1)) return P4BPF_NO_MEMBER;
  return group[2 + at];
}

#endif  // P4BPF_TABLES_H
