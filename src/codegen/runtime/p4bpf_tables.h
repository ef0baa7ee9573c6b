// How a program reads the tables that user space builds (src/tables): prefix tables and rule matrices. docs/tables.md tells
// how they work. Unit tests compile this text for themselves, so it is C and C++ and needs u8, u32, u64 and P4BPF_INLINE only.
#ifndef P4BPF_TABLES_H
#define P4BPF_TABLES_H

// ---- prefix tables ----------------------------------------------------------------------------------------------------
// The map's single value is the root, an array of 2^root_bits cells, and lines of 64 bytes behind it. A cell is
//   a leaf:  the number of a value, 0 for none, and above it the length of the prefix that it stands for
//   a node:  the number of a line of 16 cells, and which four bits of the key choose among them
//   an edge: the number of a line that asks for many bits at once and has a cell for yes and one for no
#define P4BPF_CELL_EDGE 0x80000000u
#define P4BPF_CELL_NODE 0x40000000u
#define P4BPF_CELL_SHIFT 22  // above the number: the length of a leaf's prefix, the first bit / 4 of a node
#define P4BPF_CELL_NUMBER ((1u << P4BPF_CELL_SHIFT) - 1)

struct p4bpf_prefix_edge {
  u64 value[2];
  u64 mask[2];
  u32 hit;
  u32 miss;
  u32 end;  // for user space: how many bits of the key are known behind it
  u32 unused[5];
};

// The number of the value for the key, whose first bit is the highest of `high`. The last arguments are constants: what the table
// was made for, and whether the key has more than 64 bits.
P4BPF_INLINE u32 p4bpf_prefix_find(const void *table, u64 high, u64 low, u32 root_bits, u32 lines, u32 steps, int is_wide) {
  const u8 *first = (const u8 *)table + (4ul << root_bits);
  u32 cell = ((const u32 *)table)[high >> (64 - root_bits)];
  P4BPF_ROLLED for (u32 i = 0; i < steps; ++i) {
    if (cell < P4BPF_CELL_NODE) break;
    u64 at = cell & P4BPF_CELL_NUMBER;
    P4BPF_OPAQUE(at);
    if (at >= lines) return 0;
    const u8 *line = first + at * 64;
    if (cell & P4BPF_CELL_EDGE) {
      const struct p4bpf_prefix_edge *edge = (const struct p4bpf_prefix_edge *)line;
      u64 differs = (high ^ edge->value[0]) & edge->mask[0];
      if (is_wide) differs |= (low ^ edge->value[1]) & edge->mask[1];
      cell = differs ? edge->miss : edge->hit;
    } else {
      const u32 level = cell >> P4BPF_CELL_SHIFT;
      const u64 word = is_wide && (level & 16) ? low : high;
      cell = ((const u32 *)line)[word >> (60 - 4 * (level & 15)) & 15];
    }
  }
  return cell & P4BPF_CELL_NUMBER;
}

// ---- rule matrices ----------------------------------------------------------------------------------------------------
// The rules stand in order of falling priority, rule k being bit k % 64 of word k / 64 of a row. Automata read the bytes of the
// key; where one ends it gives the row of the rules that these bytes satisfy. The rules that match are the AND of all rows,
// the one that wins is the first bit of it. In a table for more than 256 rules the words come in groups of four, and a word in
// front of them says in which groups there is any bit.
#define P4BPF_MATRIX_GROUP 4
#define P4BPF_MATRIX_MAX_BYTES 64
#define P4BPF_MATRIX_MISS 0xffffffffu

struct p4bpf_matrix {
  u64 active;  // bit i: byte i of the key is read
  u64 ends;    // bit i: an automaton ends behind byte i
  u64 ones;    // all bits; the verifier, which would follow a constant bit by bit, does not know
  u32 count;   // of rules
  u32 unused;
  u32 starts[P4BPF_MATRIX_MAX_BYTES];  // where the first automaton starts, and the one that follows an end, at the byte behind it
  u8 bit_of[64];                       // for p4bpf_lowest_bit
};
#define P4BPF_DE_BRUIJN 0x03f79d71b4cb0a89ull

// The number of the lowest bit that is set, by the product of that bit with a de Bruijn sequence.
P4BPF_INLINE u32 p4bpf_lowest_bit(const struct p4bpf_matrix *matrix, u64 word) {
  return matrix->bit_of[(word & (0 - word)) * P4BPF_DE_BRUIJN >> 58];
}
// The first rule of four words; one of them has a bit.
P4BPF_INLINE u32 p4bpf_first_rule(const struct p4bpf_matrix *matrix, const u64 *words) {
  u64 word = words[3];
  u32 base = 192;
  if (words[2]) word = words[2], base = 128;
  if (words[1]) word = words[1], base = 64;
  if (words[0]) word = words[0], base = 0;
  return base + p4bpf_lowest_bit(matrix, word);
}

// What the search in groups knows.
struct p4bpf_matrix_search {
  const struct p4bpf_matrix *matrix;
  const u64 *cells;
  u64 groups;  // that have not been looked at
  u64 found;   // the rule
  u32 rows[P4BPF_MATRIX_MAX_BYTES];  // where an automaton ends behind byte i: the row that it gave
};

// The first group that is left: 1 if it holds the rule, or if there is none. It is called by p4bpf_loop: the verifier would follow a
// loop in the program round by round. `limit` and `bytes` are constants.
P4BPF_INLINE long p4bpf_matrix_step(struct p4bpf_matrix_search *search, u32 limit, u32 bytes) {
  const u64 groups = search->groups, ends = search->matrix->ends, ones = search->matrix->ones;
  u64 words[P4BPF_MATRIX_GROUP] = {ones, ones, ones, ones};
  if (!groups) return 1;
  const u32 group = p4bpf_lowest_bit(search->matrix, groups);
  search->groups = groups & (groups - 1);
  P4BPF_EACH(i, bytes) {
    if (ends >> i & 1) {
      u64 at = (u64)search->rows[i] + P4BPF_MATRIX_GROUP + P4BPF_MATRIX_GROUP * group;
      P4BPF_OPAQUE(at);
      if (at > limit - P4BPF_MATRIX_GROUP) return 1;
      P4BPF_EACH(w, P4BPF_MATRIX_GROUP) words[w] &= search->cells[at + w];
      if (!(words[0] | words[1] | words[2] | words[3])) return 0;
    }
  }
  search->found = group * 64 * P4BPF_MATRIX_GROUP + p4bpf_first_rule(search->matrix, words);
  return 1;
}
#define P4BPF_MATRIX_STEP(name, limit, bytes)                                       \
  static __attribute__((noinline)) long name(u32 index, void *argument) {           \
    (void)index;                                                                    \
    return p4bpf_matrix_step((struct p4bpf_matrix_search *)argument, limit, bytes); \
  }                                                                                 \
  struct p4bpf_matrix

// The number of the rule that wins, or P4BPF_MATRIX_MISS. `limit` is how many 64-bit words `cells` has, `direct` how many words a row
// has if they are not in groups, else 0; these and the following are constants. `step` is the table's P4BPF_MATRIX_STEP, if
// they are.
P4BPF_INLINE u64 p4bpf_matrix_find(const struct p4bpf_matrix *matrix, const u64 *cells, const u8 *key, u32 limit, u32 direct,
                                   u32 bytes, long (*step)(u32 index, void *argument)) {
  const u64 active = matrix->active, ends = matrix->ends;
  const u32 heads = direct ? direct : 1;
  const u64 ones = matrix->ones;
  u64 all[P4BPF_MATRIX_GROUP] = {ones, ones, ones, ones};
  struct p4bpf_matrix_search search;
  u64 at = matrix->starts[0];
  if (matrix->count == 0) return P4BPF_MATRIX_MISS;
  P4BPF_EACH(i, bytes) {
    if (active >> i & 1) {
      u64 cell = at + key[i];
      P4BPF_OPAQUE(cell);
      if (cell >= 2ull * limit) return P4BPF_MATRIX_MISS;
      at = ((const p4bpf_u32 *)cells)[cell];
    }
    if (!direct) search.rows[i] = (u32)at;
    if (ends >> i & 1) {
      u64 row = at;
      P4BPF_OPAQUE(row);
      if (row >= limit - P4BPF_MATRIX_GROUP) return P4BPF_MATRIX_MISS;
      P4BPF_EACH(h, heads) all[h] &= cells[row + h];
      at = matrix->starts[i + 1 < P4BPF_MATRIX_MAX_BYTES ? i + 1 : i];
    }
  }
  if (direct) {
    P4BPF_EACH(h, heads) {
      if (all[h]) return h * 64 + p4bpf_lowest_bit(matrix, all[h]);
    }
    return P4BPF_MATRIX_MISS;
  }
  if (!all[0]) return P4BPF_MATRIX_MISS;
  search.matrix = matrix;
  search.cells = cells;
  search.groups = all[0];
  search.found = P4BPF_MATRIX_MISS;
  if (!step(0, &search)) p4bpf_loop(63, step, &search, 0);
  return search.found;
}

#endif  // P4BPF_TABLES_H
