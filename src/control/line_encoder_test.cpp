// Plain lines give the bytes that the slow way gives, and what is not plain is left to it.
#include "control/line_encoder.h"

#include <gtest/gtest.h>

#include "control/entries.h"
#include "manifest/entry.h"
#include "runtime/table_layout.h"

namespace p4bpf::control {
namespace {

using manifest::ByteOrder;
using manifest::MatchKind;
using manifest::ValueKind;
using runtime::Change;

/// A table with keys of 128, 48, 20 and 32 bits, the last one exact or lpm, and actions with arguments of 32 and 9
/// bits.
manifest::Table sample(bool has_lpm) {
  manifest::Table table;
  table.name = "t";
  table.map = "t";
  table.structure = has_lpm ? manifest::Structure::kPrefixTable : manifest::Structure::kHash;
  const auto key = [&](std::uint32_t bits, std::uint32_t offset, std::uint32_t size, ByteOrder order) {
    table.keys.push_back(
        {"k" + std::to_string(bits), MatchKind::kExact, ValueKind::kBits, bits, {}, {offset, size, order}});
  };
  if (!has_lpm) key(128, 0, 16, ByteOrder::kNetwork);
  const std::uint32_t base = has_lpm ? 0 : 16;
  key(48, base, 6, ByteOrder::kNetwork);
  key(20, base + 6, 4, has_lpm ? ByteOrder::kNetwork : ByteOrder::kHost);
  key(32, base + 10, 4, ByteOrder::kNetwork);
  if (has_lpm) table.keys.back().match = MatchKind::kLpm;
  table.key_size = base + 14;
  table.value_size = 12;
  table.actions = {{"a.set",
                    {{"x", ValueKind::kBits, 32, {}, {4, 4, ByteOrder::kHost}},
                     {"y", ValueKind::kBits, 9, {}, {8, 2, ByteOrder::kHost}}},
                    false,
                    false},
                   {"a.none", {}, false, false},
                   {"a.only", {}, true, false}};
  return table;
}

struct Case {
  const char* line;
  bool is_plain;
};

void expect_same(const manifest::Table& table, const std::vector<Case>& cases) {
  LineEncoder encoder(table, Change::kAdd);
  for (const Case& one : cases) {
    runtime::EncodedEntries entries;
    ASSERT_EQ(encoder.encode(one.line, entries), one.is_plain) << one.line;
    if (!one.is_plain) {
      EXPECT_TRUE(entries.keys.empty() && entries.values.empty()) << one.line;
      continue;
    }
    const auto words = split_line(one.line);
    ASSERT_TRUE(words);
    const auto parsed = parse_entry(table, *words, [](std::string_view) { return std::nullopt; });
    ASSERT_TRUE(parsed) << one.line << ": " << parsed.error().message;
    const auto entry = manifest::normalize(table, *parsed);
    ASSERT_TRUE(entry) << one.line;
    EXPECT_EQ(entries.keys, runtime::encode_key(table, entry->keys)) << one.line;
    EXPECT_EQ(entries.values, runtime::encode_value(table, *entry)) << one.line;
  }
}

TEST(LineEncoder, WritesTheSameBytesAsTheSlowWay) {
  expect_same(sample(false), {{"2001:db8::1 00:11:22:aa:BB:cc 1048575 10.0.200.3 set 4294967295 511", true},
                              {"0xffffffffffffffffffffffffffffffff 0x10 0 0x0a000001 a.none", true},
                              {"\t18446744073709551615 0 7 0 none\r", false},  // 20 digits
                              {"1844674407370955161 0 7 0 none\r", true},
                              {"1 2 3 4294967295 a.set 10.0.0.1 0x1ff", true}});
}

TEST(LineEncoder, WritesPrefixes) {
  expect_same(sample(true), {{"00:00:00:00:00:01 5 10.1.0.0/16 set 1 2", true},
                             {"1 5 0.0.0.0/0 set 1 2", true},
                             {"1 5 10.1.2.3 set 1 2", true},
                             {"1 5 10.1.2.3/32 none", true},
                             {"1 5 10.1.2.3/31 none", false},
                             {"1 5 10.1.2.2/33 none", false},
                             {"1 5 10.1.2.2/ none", false}});
}

TEST(LineEncoder, LeavesTheRestToTheSlowWay) {
  expect_same(sample(false), {{"", false},
                              {"# 1 2 3 4 none", false},
                              {"1 2 3 4", false},
                              {"1 2 3 4 none 5", false},
                              {"1 2 3 4 none # comment", false},
                              {"1 2 3 4 only", false},
                              {"1 2 3 4 nothing", false},
                              {"1 2 0x100000 4 none", false},
                              {"1 2 3 4294967296 none", false},
                              {"1 2 3 4 set 1 512", false},
                              {"1 2 3 4 set 1", false},
                              {"01 2 3 4 none", false},
                              {"0b1 2 3 4 none", false},
                              {"-1 2 3 4 none", false},
                              {"1 2 3 10.0.0 none", false},
                              {"1 2 3 10.0.0.256 none", false},
                              {"1 2 3 10.0.0.1.2 none", false},
                              {"1 00:11:22:33:44:5x 3 4 none", false},
                              {"1 00:11:22:33:44 3 4 none", false},
                              {":: 2 3 4 none", true},
                              {"2001:db8:::1 2 3 4 none", false},
                              {"0x 2 3 4 none", false},
                              {"k128=1 2 3 4 none", false},
                              {"0x100000000000000000000000000000000 2 3 4 none", false}});
}

TEST(LineEncoder, TakesKeysAloneToDelete) {
  const manifest::Table table = sample(false);
  LineEncoder encoder(table, Change::kDelete);
  runtime::EncodedEntries entries;
  EXPECT_TRUE(encoder.encode("1 2 3 4", entries));
  EXPECT_FALSE(encoder.encode("1 2 3 4 none", entries));
  EXPECT_FALSE(encoder.encode("1 2 3", entries));
  EXPECT_EQ(entries.count(), 1u);
  EXPECT_TRUE(entries.values.empty());
}

}  // namespace
}  // namespace p4bpf::control
