// The values that a program may treat apart: its constants and those of its tables' entries, and a few at random.
// Packets and entries are made of the same few values of each width, so that they meet.
#pragma once

#include <map>
#include <vector>

#include "ir/ir.h"
#include "manifest/manifest.h"
#include "testing/random_source.h"

namespace p4bpf::testing {

class ValuePool {
 public:
  ValuePool(const ir::Program& program, const manifest::Manifest& manifest, RandomSource& random);
  /// A value of that many bits: out of the pool, at an edge, or any.
  BigInt value(std::uint32_t width, RandomSource& random) const;

 private:
  void add(std::uint32_t width, const BigInt& value);
  std::map<std::uint32_t, std::vector<BigInt>> by_width_;
};

/// An entry that suits the table, its keys out of the pool.
manifest::Entry random_entry(const manifest::Table& table, const ValuePool& pool, RandomSource& random);
std::vector<BigInt> random_arguments(const manifest::Action& action, const ValuePool& pool, RandomSource& random);

}  // namespace p4bpf::testing
