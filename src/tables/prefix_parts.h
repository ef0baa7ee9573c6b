// The parts of a prefix table (prefix_table.h): cells, edges, the header of its memory, and bits of keys.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>

#include "tables/prefix_table.h"

namespace p4bpf::tables {

// Cells as p4bpf_tables.h describes them.
constexpr std::uint32_t kEdgeBit = 0x80000000u;
constexpr std::uint32_t kNodeBit = 0x40000000u;
constexpr std::uint32_t kCellShift = 22;
constexpr std::uint32_t kNumberMask = (1u << kCellShift) - 1;
static_assert(kMaxPrefixes * 3 + (1u << 20) / 16 < kNumberMask &&
              kMaxPrefixes * 2 + kMaxPrefixes / 8 + (1u << 24) / 16 < kNumberMask);

inline bool is_edge(std::uint32_t cell) { return (cell & kEdgeBit) != 0; }
inline bool is_leaf(std::uint32_t cell) { return cell < kNodeBit; }
inline bool is_node(std::uint32_t cell) { return !is_edge(cell) && !is_leaf(cell); }
inline std::uint32_t number_of(std::uint32_t cell) { return cell & kNumberMask; }
/// Of a leaf; of a node its level.
inline std::uint32_t length_of(std::uint32_t cell) { return cell >> kCellShift & 0xff; }
inline std::uint32_t leaf_cell(std::uint32_t value, std::uint32_t length) { return length << kCellShift | value; }
inline std::uint32_t node_cell(std::uint32_t line, std::uint32_t level) {
  return kNodeBit | level << kCellShift | line;
}
inline std::uint32_t edge_cell(std::uint32_t line) { return kEdgeBit | line; }

/// All that was written before is seen by whoever sees this.
inline void publish(std::uint32_t& cell, std::uint32_t value) {
  std::atomic_ref<std::uint32_t>(cell).store(value, std::memory_order_release);
}

/// struct p4bpf_prefix_edge; bits of `value` in front of the mask are those of the way to the edge.
struct PrefixTable::Edge {
  std::uint64_t value[2];
  std::uint64_t mask[2];
  std::uint32_t hit;
  std::uint32_t miss;
  std::uint32_t end;
  std::uint32_t unused[5];
};

/// A free list and what was freed but may still be read; 0 is the end of a list, so nothing has the number 0.
struct Pool {
  std::uint32_t used = 0;  // numbers up to this one have been given out
  std::uint32_t free = 0;
  std::uint32_t limbo = 0;
  std::uint32_t taken = 0;  // now
};

struct PrefixTable::Header {
  std::uint32_t changing;  // a change is under way, or was when its process died
  std::uint32_t count;
  std::uint32_t changes;  // so far: tells one who keeps an index of the values that another has changed them
  Pool lines;
  Pool values;
  std::uint32_t of_length[129];
};
constexpr std::size_t kHeaderSize = 1024;
constexpr std::uint32_t kInUse = 0x80000000u;
constexpr std::size_t kNowhere = ~std::size_t{0};
/// A split, an edge above it, and an edge to the new leaf; without edges a node for each four bits behind a root of 8.
constexpr std::uint32_t kLinesPerInsertion = 6;

/// Bits `from` to `end` - 1 set.
inline Prefix mask_of(std::uint32_t from, std::uint32_t end) {
  const auto first = [](std::uint32_t bits) { return bits == 0 ? 0 : bits >= 64 ? ~0ull : ~0ull << (64 - bits); };
  const auto second = [&](std::uint32_t bits) { return bits <= 64 ? 0 : first(bits - 64); };
  return {first(end) & ~first(from), second(end) & ~second(from), end};
}
inline Prefix first_bits(const Prefix& key, std::uint32_t length) {
  const Prefix mask = mask_of(0, length);
  return {key.high & mask.high, key.low & mask.low, length};
}
/// How many bits are the same from the first on, up to the shorter length.
inline std::uint32_t common_bits(const Prefix& a, const Prefix& b) {
  const std::uint64_t high = a.high ^ b.high;
  const std::uint64_t low = a.low ^ b.low;
  const int same = high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(low);
  return std::min({static_cast<std::uint32_t>(same), a.length, b.length});
}
/// The four bits of that level.
inline std::uint32_t nibble(const Prefix& key, std::uint32_t level) {
  const std::uint64_t word = level >= 16 ? key.low : key.high;
  return static_cast<std::uint32_t>(word >> (60 - 4 * (level % 16)) & 15);
}
/// `key`, of which the bits of this level are 0, with these; its length ends with them.
inline Prefix with_nibble(Prefix key, std::uint32_t level, std::uint32_t bits) {
  (level >= 16 ? key.low : key.high) |= std::uint64_t{bits} << (60 - 4 * (level % 16));
  key.length = 4 * level + 4;
  return key;
}

}  // namespace p4bpf::tables
