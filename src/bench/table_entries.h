// Random entries for the table benchmark: many of a kind, as lines for `p4bpf table add --file`, as bytes for programs
// by hand, and keys of packets that meet them.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/kernel_run.h"

namespace p4bpf::bench {

enum class TableKind { kExact, kLpm, kTernary, kRange };
std::string name_of(TableKind kind);

/// What entries a table gets. Rules have a five-tuple of 13 bytes.
struct TableCase {
  TableKind kind = TableKind::kExact;
  std::uint32_t key_bytes = 4;
  std::size_t count = 1;
  bool is_firewall = false;  // ternary: rules as in a firewall; else each rule has a mask of its own, of any bits
};

class EntrySet {
 public:
  explicit EntrySet(const TableCase& what);

  std::size_t count() const { return what_.count; }
  /// Of ternary entries: how many different masks.
  std::size_t distinct_masks() const;
  /// The key in network order; of ranges the lowest of each field.
  std::span<const std::uint8_t> value(std::size_t i) const { return part(values_, i); }
  /// Bits that count; of ranges the highest of each field.
  std::span<const std::uint8_t> mask(std::size_t i) const { return part(masks_, i); }
  std::uint32_t prefix_length(std::size_t i) const { return lengths_[i]; }
  /// What the entry's action writes into the packet; small.
  static std::uint32_t found(std::size_t i) { return 1 + static_cast<std::uint32_t>(i) % 100; }
  /// Larger wins.
  std::size_t priority(std::size_t i) const { return count() - i; }

  /// A key that entry `i` matches, every bit that it leaves open drawn by lot.
  Bytes key_under(std::size_t i, std::mt19937_64& random) const;
  /// The sum of found() over the entries that win for these keys, as the table's rules say.
  std::uint32_t sum_of_winners(std::span<const Bytes> keys) const;
  /// A line for a file of entries, with the action or without; the number tells the actions of two files apart.
  std::string line(std::size_t i, bool with_action, std::uint32_t more = 0) const;

 private:
  std::span<const std::uint8_t> part(const Bytes& all, std::size_t i) const {
    return std::span(all).subspan(i * what_.key_bytes, what_.key_bytes);
  }
  bool matches(std::size_t i, const Bytes& key) const;
  bool is_rules() const { return what_.kind == TableKind::kTernary || what_.kind == TableKind::kRange; }
  void draw_exact(std::mt19937_64& random);
  void draw_prefix(std::mt19937_64& random);
  void draw_rule(std::mt19937_64& random, const std::vector<std::uint32_t>& networks);

  TableCase what_;
  Bytes values_, masks_;
  std::vector<std::uint8_t> lengths_;
};

}  // namespace p4bpf::bench
