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
// the one that wins is the first bit of it. A row starts with its heads: the words themselves where there are no more than
// P4BPF_MATRIX_HEADS, else a summary, in which each bit says whether 2^group words have any bit.
#define P4BPF_MATRIX_HEADS 4
#define P4BPF_MATRIX_MAX_BYTES 64
#define P4BPF_MATRIX_MISS 0xffffffffu

struct p4bpf_matrix {
  u64 active;  // bit i: byte i of the key is read
  u64 ends;    // bit i: an automaton ends behind byte i
  u32 words;   // 64-bit words of a row; 0: there are no rules
  u32 group;
  u32 count;   // of rules, for user space
  u32 unused;
  u32 starts[P4BPF_MATRIX_MAX_BYTES];  // where the automaton that begins at that byte starts
  u8 bit_of[64];                       // for p4bpf_lowest_bit
};
#define P4BPF_DE_BRUIJN 0x03f79d71b4cb0a89ull

// The number of the lowest bit that is set, by the product of that bit with a de Bruijn sequence.
P4BPF_INLINE u32 p4bpf_lowest_bit(const struct p4bpf_matrix *matrix, u64 word) {
  return matrix->bit_of[(word & (0 - word)) * P4BPF_DE_BRUIJN >> 58];
}

// Looks behind the heads: for each bit of the summary, whether a bit is left in the AND of the words it stands for.
// `rows` are the `count` rows of the key; `max_words`, `max_group` and `bytes` are constants.
P4BPF_INLINE u32 p4bpf_matrix_search(const struct p4bpf_matrix *matrix, const u64 *cells, u32 limit, const u64 *heads,
                                     const u32 *rows, u32 count, u32 bytes) {
  P4BPF_EACH(h, P4BPF_MATRIX_HEADS) {
    u64 left = heads[h];
    P4BPF_ROLLED for (u32 round = 0; round < 64; ++round) {
      if (!left) break;
      const u32 word = h * 64 + p4bpf_lowest_bit(matrix, left);
      left &= left - 1;
      u64 found = ~0ull;
      P4BPF_ROLLED for (u32 k = 0; k < bytes; ++k) {
        if (k >= count) break;
        u64 at = (u64)rows[k] + P4BPF_MATRIX_HEADS + word;
        P4BPF_OPAQUE(at);
        if (at >= limit) return P4BPF_MATRIX_MISS;
        found &= cells[at];
        if (!found) break;
      }
      if (found) return word * 64 + p4bpf_lowest_bit(matrix, found);
    }
  }
  return P4BPF_MATRIX_MISS;
}

// The number of the rule that wins, or P4BPF_MATRIX_MISS. `limit` is how many 64-bit words `cells` has; the last arguments are constants.
P4BPF_INLINE u32 p4bpf_matrix_find(const struct p4bpf_matrix *matrix, const u64 *cells, const u8 *key, u32 limit, u32 heads,
                                   u32 bytes) {
  const u64 active = matrix->active, ends = matrix->ends;
  u64 all[P4BPF_MATRIX_HEADS] = {~0ull, ~0ull, ~0ull, ~0ull};
  u32 rows[P4BPF_MATRIX_MAX_BYTES];
  u32 count = 0;
  u64 at = matrix->starts[0];
  if (matrix->words == 0) return P4BPF_MATRIX_MISS;
  P4BPF_EACH(i, bytes) {
    if (active >> i & 1) {
      u64 cell = at + key[i];
      P4BPF_OPAQUE(cell);
      if (cell >= 2ull * limit) return P4BPF_MATRIX_MISS;
      at = ((const p4bpf_u32 *)cells)[cell];
    }
    if (heads == P4BPF_MATRIX_HEADS) {
      // Counted without a branch: the verifier would follow both sides to the end for each byte.
      u64 is_end = ends >> i & 1;
      P4BPF_OPAQUE(is_end);
      rows[count] = (u32)at;
      count += (u32)is_end;
    }
    if (ends >> i & 1) {
      u64 row = at;
      P4BPF_OPAQUE(row);
      if (row >= limit - P4BPF_MATRIX_HEADS) return P4BPF_MATRIX_MISS;
      P4BPF_EACH(h, heads) all[h] &= cells[row + h];
      at = matrix->starts[i + 1 < P4BPF_MATRIX_MAX_BYTES ? i + 1 : i];
    }
  }
  if (heads == P4BPF_MATRIX_HEADS && matrix->words > P4BPF_MATRIX_HEADS)
    return p4bpf_matrix_search(matrix, cells, limit, all, rows, count, bytes);
  P4BPF_EACH(h, heads) {
    if (all[h]) return h * 64 + p4bpf_lowest_bit(matrix, all[h]);
  }
  return P4BPF_MATRIX_MISS;
}

#endif  // P4BPF_TABLES_H
