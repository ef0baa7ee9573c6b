// The tables that user space builds (src/tables), read by the very text that programs read them with, against a search
// through all entries.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <random>

#include "tables/prefix_parts.h"
#include "tables/prefix_table.h"
#include "tables/rule_matrix.h"

namespace {

// What p4bpf.h gives to p4bpf_tables.h.
using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using p4bpf_u32 __attribute__((may_alias)) = std::uint32_t;
#define P4BPF_INLINE [[maybe_unused]] static inline
#define P4BPF_OPAQUE(variable) (void)(variable)
#define P4BPF_ROLLED
#define P4BPF_EACH(i, count) for (u32 i = 0; i < (count); ++i)
long p4bpf_loop(u32 count, long (*step)(u32, void*), void* argument, u64) {
  for (u32 i = 0; i < count; ++i) {
    if (step(i, argument) != 0) return i + 1;
  }
  return count;
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include "codegen/runtime/p4bpf_tables.h"
#pragma GCC diagnostic pop

using namespace p4bpf::tables;

/// Bytes at an address that suits any number.
struct Block {
  explicit Block(std::size_t bytes) : words(bytes / 8 + 1) {}
  std::span<std::uint8_t> bytes() { return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 8}; }
  std::vector<u64> words;
};

using Naive = std::map<std::tuple<u32, u64, u64>, u32>;  // length and key -> value

class Prefixes {
 public:
  Prefixes(std::uint32_t key_bytes, std::uint32_t capacity, std::uint64_t seed)
      : shape_(shape_for(key_bytes, 4, capacity)),
        cells_(shape_.cells_size()),
        values_(std::size_t{shape_.values()} * shape_.value_stride()),
        entries_(shape_.entries_size()),
        table_(shape_, {cells_.bytes(), values_.bytes(), entries_.bytes()}, [this] { ++waits_; }),
        random_(seed),
        clustered_(seed % 2 == 1) {}

  /// One random change, of both; whether both say the same of it.
  testing::AssertionResult change() {
    const u32 value = random_() % 3 == 0 ? static_cast<u32>(random_()) : static_cast<u32>(random_() % 20);
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(&value), sizeof value);
    const auto kind = random_() % 10;
    const Prefix prefix = kind >= 6 && !naive_.empty() ? known() : random_prefix();
    const Naive::key_type key{prefix.length, prefix.high, prefix.low};
    const bool there = naive_.contains(key);
    if (kind < 6) {
      const int expected = there ? EEXIST : naive_.size() >= shape_.capacity ? ENOSPC : 0;
      if (!there && expected == 0) naive_[key] = value;
      return same(table_.insert(prefix, bytes), expected);
    }
    if (kind < 8) {
      naive_.erase(key);
      return same(table_.remove(prefix), there ? 0 : ENOENT);
    }
    if (there) naive_[key] = value;
    return same(table_.modify(prefix, bytes), there ? 0 : ENOENT);
  }

  testing::AssertionResult look_up() {
    Prefix key = random_key();
    if (random_() % 2 == 0 && !naive_.empty()) {
      const Prefix prefix = known();
      const Prefix rest = mask_of(prefix.length, bits());
      key = {prefix.high | (key.high & rest.high), prefix.low | (key.low & rest.low), bits()};
    }
    const u32* best = nullptr;
    for (const auto& [at, value] : naive_) {  // by length, so the last that matches is the longest
      const auto& [length, high, low] = at;
      if (first_bits(key, length) == Prefix{high, low, length}) best = &value;
    }
    const auto* const cells = reinterpret_cast<const u32*>(cells_.words.data());
    const u32 number =
        shape_.has_edges()
            ? p4bpf_prefix_find_long(cells, key.high, key.low, shape_.end(), shape_.root_bits, shape_.steps(),
                                     shape_.key_bytes > 8)
            : p4bpf_prefix_find(cells, static_cast<u32>(key.high >> 32), shape_.end(), shape_.root_bits, bits());
    const bool is_there = number < shape_.values();
    u32 found = 0;
    if (is_there)
      std::memcpy(&found, values_.bytes().data() + std::size_t{number} * shape_.value_stride(), sizeof found);
    if (is_there == (best != nullptr) && (!is_there || found == *best)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << std::hex << key.high << ' ' << key.low << " finds " << found;
  }

  testing::AssertionResult remove_all() {
    while (!naive_.empty()) {
      const Prefix prefix = known();
      naive_.erase({prefix.length, prefix.high, prefix.low});
      if (table_.remove(prefix) != 0) return testing::AssertionFailure() << "an entry is not there";
    }
    if (table_.count() != 0 || table_.lines_in_use() != 0)
      return testing::AssertionFailure() << table_.lines_in_use() << " lines are left";
    for (std::size_t i = 0; i < std::size_t{1} << shape_.root_bits; ++i) {
      if (reinterpret_cast<const u32*>(cells_.words.data())[i] != 0)
        return testing::AssertionFailure() << "a cell is left";
    }
    return testing::AssertionSuccess();
  }

  PrefixTable reopened() {
    return {shape_, {cells_.bytes(), values_.bytes(), entries_.bytes()}, [] {}};
  }
  const Naive& naive() const { return naive_; }
  PrefixTable& table() { return table_; }
  std::span<std::uint8_t> entries() { return entries_.bytes(); }

 private:
  u32 bits() const { return shape_.key_bytes * 8; }
  static testing::AssertionResult same(int code, int expected) {
    if (code == expected) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "a change gives " << code << " for " << expected;
  }
  /// Clustered keys have few bits that differ, so that prefixes meet in all ways.
  Prefix random_key() {
    const u64 some = clustered_ ? 0x8180018001810181ull : ~0ull;
    return first_bits({random_() & some, random_() & some, 128}, bits());
  }
  Prefix random_prefix() {
    u32 length = static_cast<u32>(random_() % (bits() + 1));
    if (random_() % 3 == 0) length = length / 4 * 4;
    return first_bits(random_key(), length);
  }
  Prefix known() {
    auto at = naive_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_() % std::min<std::size_t>(naive_.size(), 200)));
    return {std::get<1>(at->first), std::get<2>(at->first), std::get<0>(at->first)};
  }

  PrefixShape shape_;
  Block cells_, values_, entries_;
  int waits_ = 0;
  PrefixTable table_;
  std::mt19937_64 random_;
  bool clustered_;
  Naive naive_;
};

TEST(BuiltTables, PrefixesAreFoundAsASearchThroughAllFindsThem) {
  std::uint64_t seed = 0;
  for (const u32 key_bytes : {1u, 3u, 4u, 6u, 8u, 12u, 16u}) {
    for (const u32 capacity : {10u, 200u, 1000u}) {
      for (int clustered = 0; clustered < 2; ++clustered) {
        SCOPED_TRACE(testing::Message() << key_bytes << " bytes, capacity " << capacity << ", seed " << seed);
        Prefixes both(key_bytes, capacity, seed++);
        for (int step = 0; step < 3000; ++step) {
          ASSERT_TRUE(both.change()) << "step " << step;
          for (int i = 0; i < (step < 100 || step % 100 == 0 ? 20 : 0); ++i)
            ASSERT_TRUE(both.look_up()) << "step " << step;
        }
        ASSERT_TRUE(both.remove_all());
      }
    }
  }
}

TEST(BuiltTables, ALargePrefixTableHasARootOf24Bits) {
  ASSERT_EQ(shape_for(4, 4, 100000).root_bits, 24U);
  Prefixes both(4, 100000, 5);
  for (int step = 0; step < 60; ++step) {
    ASSERT_TRUE(both.change()) << "step " << step;
    ASSERT_TRUE(both.look_up()) << "step " << step;
  }
}

/// Nothing is kept but what lies in the memory: another process goes on where one left off.
TEST(BuiltTables, APrefixTableIsWhatItsMemoryHolds) {
  Prefixes both(4, 300, 7);
  for (int step = 0; step < 400; ++step) ASSERT_TRUE(both.change());
  PrefixTable other = both.reopened();
  EXPECT_EQ(other.count(), both.naive().size());
  std::size_t seen = 0;
  other.for_each([&](const Prefix& prefix, PrefixTable::Bytes bytes) {
    u32 value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    const auto at = both.naive().find({prefix.length, prefix.high, prefix.low});
    ASSERT_NE(at, both.naive().end());
    EXPECT_EQ(at->second, value);
    ++seen;
  });
  EXPECT_EQ(seen, both.naive().size());
}

TEST(BuiltTables, TwoWhoWriteTheSamePrefixTableInTurnDoNotMixUpValues) {
  Prefixes both(4, 20, 9);
  PrefixTable other = both.reopened();
  const auto bytes = [](const u32& value) {
    return std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(&value), sizeof value);
  };
  const u32 red = 1;
  const u32 green = 2;
  const Prefix a{0x0a00000000000000ull, 0, 8};
  const Prefix b{0x0b00000000000000ull, 0, 8};
  ASSERT_EQ(both.table().insert(a, bytes(red)), 0);
  ASSERT_EQ(other.remove(a), 0);
  ASSERT_EQ(other.insert(b, bytes(green)), 0);
  ASSERT_EQ(both.table().insert(a, bytes(red)), 0);  // the number that it remembers for red is no longer red's
  EXPECT_EQ(both.table().get(a)[0], red);
  EXPECT_EQ(both.table().get(b)[0], green);
}

TEST(BuiltTables, AChangeThatWasCutShortIsMadeGood) {
  Prefixes both(4, 300, 8);
  for (int step = 0; step < 400; ++step) ASSERT_TRUE(both.change());
  both.entries()[0] = 1;  // as a process leaves it that dies in the middle
  PrefixTable other = both.reopened();
  EXPECT_EQ(other.count(), both.naive().size());
  EXPECT_EQ(both.entries()[0], 0);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(both.look_up());
}

// ---- rule matrices
// ------------------------------------------------------------------------------------------------------

struct Rules {
  MatrixShape shape;
  std::vector<u8> values, masks;
  u32 count = 0;
};

u8 random_byte(std::mt19937_64& random, bool few) { return static_cast<u8>(few ? random() % 3 * 64 : random()); }

std::vector<u8> ordered(const u8* bytes, const MatrixField& field) {
  std::vector<u8> key(bytes + field.offset, bytes + field.offset + field.size);
  if (field.is_signed) key[0] ^= 0x80;
  return key;
}

void fill_field(const MatrixField& field, u8* value, u8* mask, std::mt19937_64& random, bool few) {
  const auto kind = random() % 4;
  const u32 length = static_cast<u32>(random() % (8 * field.size + 1));
  for (u32 i = field.offset; i < field.offset + field.size; ++i) {
    const u32 done = 8 * (i - field.offset);
    const u32 left = length <= done ? 0 : std::min(8u, length - done);
    const u8 bits = static_cast<u8>(kind == 0   ? 0
                                    : kind == 1 ? 0xff
                                    : kind == 2 ? 0xff00 >> left
                                                : random() & random());
    mask[i] = field.is_range ? random_byte(random, few) : bits;
    value[i] = field.is_range ? random_byte(random, few) : random_byte(random, few) & bits;
  }
  if (!field.is_range) return;
  if (kind == 0) {  // all values
    for (u32 i = field.offset; i < field.offset + field.size; ++i) value[i] = 0, mask[i] = 0xff;
    if (field.is_signed) value[field.offset] = 0x80, mask[field.offset] = 0x7f;
  }
  if (kind == 1) std::copy_n(value + field.offset, field.size, mask + field.offset);
  if (ordered(mask, field) < ordered(value, field))
    std::swap_ranges(value + field.offset, value + field.offset + field.size, mask + field.offset);
}

Rules random_rules(std::mt19937_64& random, u32 capacity, bool few) {
  Rules rules;
  u32 at = 0;
  const auto fields = 1 + random() % 4;
  for (std::size_t i = 0; i < fields; ++i) {
    const MatrixField field{at, static_cast<u32>(1 + random() % (i == 3 ? 12 : 4)), random() % 3 == 0,
                            random() % 2 == 0};
    rules.shape.fields.push_back(field);
    at += field.size + (random() % 3 == 0 ? 1 : 0);  // gaps between fields
  }
  rules.shape.key_size = at;
  rules.shape.capacity = capacity;
  rules.count = static_cast<u32>(random() % 2 ? capacity : random() % (capacity + 1));
  rules.values.resize(std::size_t{at} * (rules.count + 1));
  rules.masks.resize(rules.values.size());
  for (u32 rule = 0; rule < rules.count; ++rule) {
    for (const MatrixField& field : rules.shape.fields)
      fill_field(field, &rules.values[at * rule], &rules.masks[at * rule], random, few);
  }
  return rules;
}

bool matches(const Rules& rules, u32 rule, const u8* key) {
  const u8* const value = &rules.values[rules.shape.key_size * rule];
  const u8* const mask = &rules.masks[rules.shape.key_size * rule];
  for (const MatrixField& field : rules.shape.fields) {
    if (field.is_range) {
      const std::vector<u8> wanted = ordered(key, field);
      if (wanted < ordered(value, field) || ordered(mask, field) < wanted) return false;
      continue;
    }
    for (u32 i = field.offset; i < field.offset + field.size; ++i) {
      if (((key[i] ^ value[i]) & mask[i]) != 0) return false;
    }
  }
  return true;
}

/// What the constants of a program's step are; the callback has no room for them.
u32 step_limit, step_bytes, step_group;
long matrix_step(u32, void* argument) {
  return p4bpf_matrix_step(static_cast<p4bpf_matrix_search*>(argument), step_limit, step_bytes, step_group);
}

TEST(BuiltTables, AMatrixFindsTheFirstRuleThatMatches) {
  int flats = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    constexpr u32 kCapacities[] = {1, 10, 64, 70, 200, 256, 257, 500, 5000};
    const bool few = seed % 4 == 1;
    const Rules rules = random_rules(random, kCapacities[seed % 9], few);
    const u32 bytes = rules.shape.key_size;
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << rules.count << " rules of " << bytes << " bytes");
    const u32 words = rules.shape.direct_words();
    step_limit = rules.shape.cells();
    step_bytes = bytes;
    step_group = rules.shape.group_words();
    Block block(kMatrixHeader + 8 * std::size_t{step_limit});
    const std::span<u64> cells(block.words.data() + kMatrixHeader / 8, step_limit);
    build_matrix(rules.shape, {rules.count, rules.values.data(), rules.masks.data(), bytes},
                 block.bytes().first(kMatrixHeader), cells);
    const auto* const matrix = reinterpret_cast<const p4bpf_matrix*>(block.words.data());
    for (int i = 0; i < 1000; ++i) {
      std::vector<u8> key(bytes);
      for (u8& byte : key) byte = random_byte(random, few);
      if (i % 2 == 0 && rules.count != 0) {  // one that some rule takes
        const std::size_t at = bytes * (random() % rules.count);
        for (const MatrixField& field : rules.shape.fields) {
          const bool low = random() % 2 == 0;
          for (u32 b = field.offset; b < field.offset + field.size; ++b) {
            const u8 value = rules.values[at + b];
            const u8 mask = rules.masks[at + b];
            key[b] = field.is_range ? (low ? value : mask) : static_cast<u8>((key[b] & ~mask) | value);
          }
        }
      }
      u64 expected = 0;
      while (expected < rules.count && !matches(rules, static_cast<u32>(expected), key.data())) ++expected;
      if (expected == rules.count) expected = P4BPF_MATRIX_MISS;
      struct {
        p4bpf_matrix_search search;
        u32 rows[P4BPF_MATRIX_MAX_BYTES];
      } place;
      const auto flat = [&] {
        ++flats;
        u64 all = ~0ull;
        for (const MatrixField& field : rules.shape.fields) {
          all = p4bpf_matrix_rows(all, cells.data() + 256 * field.offset, &key[field.offset], field.size);
        }
        return all != 0 ? p4bpf_lowest_bit(matrix, all) : P4BPF_MATRIX_MISS;
      };
      const u64 found =
          rules.shape.is_flat() ? flat()
          : words != 0          ? p4bpf_matrix_find(matrix, key.data(), step_limit, bytes, words)
                       : p4bpf_matrix_find_in_groups(&place.search, matrix, key.data(), step_limit, bytes, matrix_step);
      ASSERT_EQ(found, expected);
    }
  }
  EXPECT_GT(flats, 5000);
}

}  // namespace
