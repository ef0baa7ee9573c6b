// Tests of table_state.h: each match kind, and entries that come, change and go.
#include "interp/table_state.h"

#include <gtest/gtest.h>

#include "manifest/entry.h"

#include <cerrno>

namespace p4bpf::interp {
namespace {

using manifest::Entry;
using manifest::MatchKind;

KeyMatch exact(BigInt value) { return {KeyMatch::Kind::kExact, std::move(value), 0, 0, 0}; }
KeyMatch masked(BigInt value, BigInt mask) { return {KeyMatch::Kind::kMask, std::move(value), std::move(mask), 0, 0}; }
KeyMatch range(BigInt low, BigInt high) { return {KeyMatch::Kind::kRange, std::move(low), 0, std::move(high), 0}; }
KeyMatch prefix(BigInt value, std::uint32_t length) {
  return {KeyMatch::Kind::kPrefix, std::move(value), 0, 0, length};
}

/// Keys of 8 bits; the actions are `set(bit<8>)` and `NoAction()`, the default.
manifest::Table shape_of(const std::vector<MatchKind>& kinds, std::uint64_t size = 16) {
  manifest::Table table;
  table.name = "t";
  for (const MatchKind kind : kinds) table.keys.push_back({"k", kind, manifest::ValueKind::kBits, 8, {}, {}});
  table.actions.push_back({"set", {{"value", manifest::ValueKind::kBits, 8, {}, {}}}, false, false});
  table.actions.push_back({"NoAction", {}, false, false});
  table.default_action = 1;
  table.size = size;
  return table;
}
Entry set(std::vector<KeyMatch> keys, BigInt value, std::int32_t priority = 0) {
  return {std::move(keys), 0, {std::move(value)}, priority, false};
}
/// The argument of the entry that these keys hit, -1 for a miss.
BigInt hit(TableState& table, const std::vector<BigInt>& keys) {
  const Entry* entry = table.find(keys);
  return entry == nullptr ? BigInt(-1) : entry->arguments.at(0);
}

TEST(TableState, Exact) {
  const manifest::Table shape = shape_of({MatchKind::kExact, MatchKind::kExact});
  TableState table = TableState::create(shape).value();
  ASSERT_TRUE(table.insert(set({exact(1), exact(2)}, 10)));
  ASSERT_TRUE(table.insert(set({exact(2), exact(1)}, 20)));
  EXPECT_EQ(hit(table, {1, 2}), 10);
  EXPECT_EQ(hit(table, {2, 1}), 20);
  EXPECT_EQ(hit(table, {1, 1}), -1);
}

TEST(TableState, OneThatEvictsGivesUpWhatWasUsedLongestAgo) {
  manifest::Table shape = shape_of({MatchKind::kExact}, 3);
  shape.evicts = true;
  TableState table = TableState::create(shape).value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(table.insert(set({exact(i)}, i)));
  EXPECT_EQ(hit(table, {0}), 0);
  EXPECT_EQ(table.insert(set({exact(0)}, 9)).error().code, EEXIST);
  ASSERT_TRUE(table.insert(set({exact(3)}, 3)));
  EXPECT_EQ(hit(table, {1}), -1);
  ASSERT_TRUE(table.remove(set({exact(0)}, 0)));
  ASSERT_TRUE(table.insert(set({exact(4)}, 4)));
  ASSERT_TRUE(table.insert(set({exact(5)}, 5)));
  EXPECT_EQ(hit(table, {2}), -1);
  EXPECT_EQ(hit(table, {3}), 3);
  EXPECT_EQ(table.entries().size(), 3u);
}

TEST(TableState, EntriesComeChangeAndGo) {
  const manifest::Table shape = shape_of({MatchKind::kExact}, 3);
  TableState table = TableState::create(shape).value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(table.insert(set({exact(i)}, i)));
  EXPECT_EQ(table.insert(set({exact(2)}, 9)).error().code, EEXIST);
  EXPECT_EQ(table.insert(set({exact(3)}, 9)).error().code, ENOSPC);
  EXPECT_EQ(table.modify(set({exact(3)}, 9)).error().code, ENOENT);
  EXPECT_EQ(table.remove(set({exact(3)}, 9)).error().code, ENOENT);
  EXPECT_TRUE(table.modify(set({exact(2)}, 9)));
  EXPECT_TRUE(table.remove(set({exact(0)}, 0)));
  EXPECT_EQ(hit(table, {0}), -1);
  EXPECT_EQ(hit(table, {1}), 1) << "the others stay reachable";
  EXPECT_EQ(hit(table, {2}), 9);
  EXPECT_TRUE(table.insert(set({exact(7)}, 7)));
  ASSERT_TRUE(table.clear());
  EXPECT_EQ(hit(table, {7}), -1);
  EXPECT_TRUE(table.entries().empty());
}

TEST(TableState, LongestPrefixWinsWhateverThePriority) {
  const manifest::Table shape = shape_of({MatchKind::kExact, MatchKind::kLpm});
  TableState table = TableState::create(shape).value();
  ASSERT_TRUE(table.insert(set({exact(1), prefix(0, 0)}, 1, 100)));
  ASSERT_TRUE(table.insert(set({exact(1), prefix(0xa0, 4)}, 2)));
  ASSERT_TRUE(table.insert(set({exact(1), prefix(0xab, 8)}, 3)));
  EXPECT_EQ(hit(table, {1, 0xab}), 3);
  EXPECT_EQ(hit(table, {1, 0xac}), 2);
  EXPECT_EQ(hit(table, {1, 0xbb}), 1);
  EXPECT_EQ(hit(table, {2, 0xab}), -1);
  EXPECT_EQ(table.insert(set({exact(1), prefix(0xaf, 4)}, 4)).error().code, EEXIST) << "the same prefix";
}

TEST(TableState, LargestPriorityWinsThenTheFirst) {
  const manifest::Table shape = shape_of({MatchKind::kTernary, MatchKind::kRange, MatchKind::kOptional});
  TableState table = TableState::create(shape).value();
  ASSERT_TRUE(table.insert(set({masked(0, 0), range(0, 255), {}}, 1, 1)));
  ASSERT_TRUE(table.insert(set({masked(0x10, 0xf0), range(5, 9), {}}, 2, 3)));
  ASSERT_TRUE(table.insert(set({masked(0x10, 0xf0), range(9, 12), {}}, 3, 3)));
  ASSERT_TRUE(table.insert(set({masked(0, 0), range(0, 255), exact(7)}, 4, 2)));
  EXPECT_EQ(hit(table, {0x1f, 9, 7}), 2);
  EXPECT_EQ(hit(table, {0x1f, 10, 7}), 3);
  EXPECT_EQ(hit(table, {0x2f, 10, 7}), 4);
  EXPECT_EQ(hit(table, {0x2f, 10, 8}), 1);
}

TEST(TableState, EqualKeysOfOtherPriorityAreAnotherEntry) {
  const manifest::Table shape = shape_of({MatchKind::kTernary});
  TableState table = TableState::create(shape).value();
  ASSERT_TRUE(table.insert(set({masked(1, 1)}, 1, 1)));
  ASSERT_TRUE(table.insert(set({masked(1, 1)}, 2, 2)));
  EXPECT_EQ(table.insert(set({masked(3, 1)}, 3, 2)).error().code, EEXIST);
  EXPECT_EQ(hit(table, {1}), 2);
  ASSERT_TRUE(table.remove(set({masked(1, 1)}, 0, 2)));
  EXPECT_EQ(hit(table, {1}), 1);
}

TEST(TableState, ConstEntriesStay) {
  manifest::Table shape = shape_of({MatchKind::kExact});
  shape.entries = {set({exact(1)}, 1)};
  shape.entries[0].is_const = true;
  TableState table = TableState::create(shape).value();
  ASSERT_TRUE(table.insert(set({exact(2)}, 2)));
  EXPECT_EQ(table.modify(set({exact(1)}, 3)).error().code, EPERM);
  EXPECT_EQ(table.remove(set({exact(1)}, 3)).error().code, EPERM);
  ASSERT_TRUE(table.clear());
  EXPECT_EQ(hit(table, {1}), 1);
  EXPECT_EQ(hit(table, {2}), -1);
  shape.entries_are_const = true;
  TableState fixed = TableState::create(shape).value();
  EXPECT_EQ(fixed.insert(set({exact(2)}, 2)).error().code, EPERM);
}

TEST(TableState, DefaultAction) {
  const manifest::Table shape = shape_of({MatchKind::kExact});
  TableState table = TableState::create(shape).value();
  EXPECT_EQ(table.default_entry().action, 1U);
  ASSERT_TRUE(table.set_default(manifest::action_entry(0, {5})));
  EXPECT_EQ(table.default_entry().action, 0U);
  EXPECT_EQ(table.default_entry().arguments.at(0), 5);
  EXPECT_FALSE(table.set_default(manifest::action_entry(0, {256})));
  EXPECT_FALSE(table.set_default(manifest::action_entry(2, {})));
}

TEST(TableState, KeylessTableHoldsNothing) {
  const manifest::Table shape = shape_of({});
  TableState table = TableState::create(shape).value();
  EXPECT_FALSE(table.insert(set({}, 1)));
  EXPECT_EQ(table.find({}), nullptr);
}

}  // namespace
}  // namespace p4bpf::interp
