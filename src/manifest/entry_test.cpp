// Tests of entry.h: what tables accept, and what becomes of it.
#include "manifest/entry.h"

#include <gtest/gtest.h>

namespace p4bpf::manifest {
namespace {

KeyMatch exact(BigInt value) {
  KeyMatch match;
  match.kind = KeyMatch::Kind::kExact;
  match.value = std::move(value);
  return match;
}
KeyMatch masked(BigInt value, BigInt mask) {
  KeyMatch match;
  match.kind = KeyMatch::Kind::kMask;
  match.value = std::move(value);
  match.mask = std::move(mask);
  return match;
}
KeyMatch range(BigInt low, BigInt high) {
  KeyMatch match;
  match.kind = KeyMatch::Kind::kRange;
  match.value = std::move(low);
  match.high = std::move(high);
  return match;
}
KeyMatch prefix(BigInt value, std::uint32_t length) {
  KeyMatch match;
  match.kind = KeyMatch::Kind::kPrefix;
  match.value = std::move(value);
  match.prefix_length = length;
  return match;
}

/// A table of one key with the actions `forward(bit<9> port)`, `drop()` (default only) and `permit()` (table only).
Table table_of(MatchKind kind, std::uint32_t bits, ValueKind value_kind = ValueKind::kBits) {
  Table table;
  table.name = "t";
  table.keys.push_back({"k", kind, value_kind, bits, {}, {}});
  table.actions.push_back({"forward", {{"port", ValueKind::kBits, 9, {}, {}}}, false, false});
  table.actions.push_back({"drop", {}, true, false});
  table.actions.push_back({"permit", {}, false, true});
  return table;
}
Entry entry_of(std::vector<KeyMatch> keys, std::int32_t priority = 0, std::size_t action = 2) {
  return {std::move(keys), action, {}, priority, false};
}
Entry permit(KeyMatch key) { return entry_of({std::move(key)}); }
Result<KeyMatch> key_of(MatchKind kind, std::uint32_t bits, KeyMatch key, ValueKind value_kind = ValueKind::kBits) {
  Result<Entry> entry = normalize(table_of(kind, bits, value_kind), permit(std::move(key)));
  if (!entry) return fail(entry.error());
  return entry->keys[0];
}

TEST(Entry, ExactTakesOneValueThatFits) {
  EXPECT_EQ(key_of(MatchKind::kExact, 8, exact(255)).value(), exact(255));
  EXPECT_FALSE(key_of(MatchKind::kExact, 8, exact(256)));
  EXPECT_FALSE(key_of(MatchKind::kExact, 8, KeyMatch{}));
  EXPECT_FALSE(key_of(MatchKind::kExact, 8, masked(1, 255)));
  EXPECT_EQ(key_of(MatchKind::kExact, 8, exact(-128), ValueKind::kSigned).value(), exact(-128));
  EXPECT_FALSE(key_of(MatchKind::kExact, 8, exact(128), ValueKind::kSigned));
}

TEST(Entry, LpmKeepsOnlyThePrefix) {
  EXPECT_EQ(key_of(MatchKind::kLpm, 32, prefix(0x0a010203, 16)).value(), prefix(0x0a010000, 16));
  EXPECT_EQ(key_of(MatchKind::kLpm, 32, exact(0x0a010203)).value(), prefix(0x0a010203, 32));
  EXPECT_EQ(key_of(MatchKind::kLpm, 32, KeyMatch{}).value(), prefix(0, 0));
  EXPECT_EQ(key_of(MatchKind::kLpm, 32, masked(0x0a010203, 0xff000000)).value(), prefix(0x0a000000, 8));
  EXPECT_FALSE(key_of(MatchKind::kLpm, 32, masked(0, 0xff00ff00)));
  EXPECT_FALSE(key_of(MatchKind::kLpm, 32, prefix(0, 33)));
}

TEST(Entry, TernaryClearsBitsThatDoNotMatter) {
  EXPECT_EQ(key_of(MatchKind::kTernary, 8, masked(0xff, 0x0f)).value(), masked(0x0f, 0x0f));
  EXPECT_EQ(key_of(MatchKind::kTernary, 8, exact(3)).value(), masked(3, 0xff));
  EXPECT_EQ(key_of(MatchKind::kTernary, 8, KeyMatch{}).value(), masked(0, 0));
  EXPECT_EQ(key_of(MatchKind::kTernary, 8, prefix(0xff, 4)).value(), masked(0xf0, 0xf0));
  EXPECT_FALSE(key_of(MatchKind::kTernary, 8, masked(0, 0x100)));
}

TEST(Entry, RangesAreOrderedInTheSignOfTheKey) {
  EXPECT_EQ(key_of(MatchKind::kRange, 8, range(3, 9)).value(), range(3, 9));
  EXPECT_EQ(key_of(MatchKind::kRange, 8, KeyMatch{}).value(), range(0, 255));
  EXPECT_EQ(key_of(MatchKind::kRange, 8, exact(7)).value(), range(7, 7));
  EXPECT_EQ(key_of(MatchKind::kRange, 8, KeyMatch{}, ValueKind::kSigned).value(), range(-128, 127));
  EXPECT_FALSE(key_of(MatchKind::kRange, 8, range(9, 3)));
  EXPECT_FALSE(key_of(MatchKind::kRange, 8, range(0, 256)));
}

TEST(Entry, OptionalIsAValueOrNothing) {
  EXPECT_EQ(key_of(MatchKind::kOptional, 8, KeyMatch{}).value(), KeyMatch{});
  EXPECT_EQ(key_of(MatchKind::kOptional, 8, masked(5, 0xff)).value(), exact(5));
  EXPECT_EQ(key_of(MatchKind::kOptional, 8, masked(5, 0)).value(), KeyMatch{});
  EXPECT_FALSE(key_of(MatchKind::kOptional, 8, masked(5, 0x0f)));
}

TEST(Entry, ActionsAreChecked) {
  const Table table = table_of(MatchKind::kExact, 8);
  Entry entry = entry_of({exact(1)}, 0, 0);
  entry.arguments = {511};
  EXPECT_TRUE(normalize(table, entry));
  entry.arguments = {512};
  EXPECT_FALSE(normalize(table, entry));
  entry.arguments = {};
  EXPECT_FALSE(normalize(table, entry));
  entry.action = 1;
  EXPECT_FALSE(normalize(table, entry)) << "drop is default only";
  entry.action = 3;
  EXPECT_FALSE(normalize(table, entry));
  entry.action = 2;
  entry.keys.clear();
  EXPECT_FALSE(normalize(table, entry));

  EXPECT_TRUE(check_default(table, action_entry(1, {})));
  EXPECT_FALSE(check_default(table, action_entry(2, {}))) << "permit is table only";
  Table fixed = table;
  fixed.default_is_const = true;
  EXPECT_FALSE(check_default(fixed, action_entry(1, {})));
}

TEST(Entry, WhoWins) {
  const Table lpm = table_of(MatchKind::kLpm, 32);
  EXPECT_FALSE(has_priorities(lpm));
  const Entry wide = entry_of({prefix(0, 8)}, 10);
  const Entry narrow = entry_of({prefix(0, 16)});
  EXPECT_TRUE(wins_over(lpm, narrow, wide));
  EXPECT_FALSE(wins_over(lpm, wide, narrow));

  const Table ternary = table_of(MatchKind::kTernary, 32);
  EXPECT_TRUE(has_priorities(ternary));
  EXPECT_TRUE(wins_over(ternary, entry_of({masked(0, 0)}, 2), entry_of({masked(1, 1)}, 1)));
  Table two = lpm;
  two.keys.push_back(two.keys[0]);
  EXPECT_TRUE(has_priorities(two));
  EXPECT_TRUE(wins_over(two, entry_of({prefix(0, 0), prefix(0, 8)}), entry_of({prefix(0, 0), prefix(0, 4)})));
}

}  // namespace
}  // namespace p4bpf::manifest
