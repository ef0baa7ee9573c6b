// Handles: one for each entry while it is there, in every structure, with nothing left of the entry before.
#include <gtest/gtest.h>

#include <set>

#include "runtime/memory_kernel_fixture.h"
#include "runtime/table_access.h"
#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

using manifest::ByteOrder;
using manifest::Entry;
using manifest::MatchKind;
using manifest::Structure;
using manifest::ValueKind;
using Kind = KeyMatch::Kind;

class Handles : public testing::TestWithParam<Structure> {
 protected:
  Handles() {
    manifest::Table table;
    table.name = table.map = "t";
    table.structure = GetParam();
    table.size = 3;
    table.value_size = 16;
    table.key_size = 4;
    table.handle_offset = 4;
    table.handle_map = "handles";
    const bool has_rules = GetParam() == Structure::kRuleList;
    table.keys = {
        {"k", has_rules ? MatchKind::kTernary : MatchKind::kExact, ValueKind::kBits, 8, {}, {0, 4, ByteOrder::kHost}}};
    table.actions = {{"set", {{"x", ValueKind::kBits, 32, {}, {8, 4, ByteOrder::kHost}}}, false, false}};
    manifest_.tables = {table};
    manifest_.counters = {{"hits", 4, false, true, false, 64, 0, {}, "hits"}};
    kernel_.add("handles", BPF_MAP_TYPE_ARRAY, 4, 16, 1);
    kernel_.add("hits", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 4);
    kernel_.add("t", has_rules ? BPF_MAP_TYPE_ARRAY_OF_MAPS : BPF_MAP_TYPE_HASH, 4, has_rules ? 4 : 16, 3);
  }
  static Entry entry(int key, int argument = 0) {
    const bool has_rules = GetParam() == Structure::kRuleList;
    const KeyMatch match = has_rules ? KeyMatch{Kind::kMask, key, 0xff, 0, 0} : KeyMatch{Kind::kExact, key, 0, 0, 0};
    return {{match}, 0, {argument}, has_rules ? 10 : 0, false};
  }
  std::uint32_t handle(int key) {
    const Result<std::uint32_t> found = access_.handle_of(0, entry(key));
    return found ? *found : 0;
  }
  void count(std::uint32_t handle) { kernel_.maps["hits"].values[MemoryKernel::index(handle)] = Bytes(16, 1); }

  manifest::Manifest manifest_;
  MemoryKernel kernel_;
  TableAccess access_{kernel_, manifest_};
};

TEST_P(Handles, AreGivenAndTakenBack) {
  ASSERT_TRUE(access_.insert(0, entry(1)));
  ASSERT_TRUE(access_.insert(0, entry(2)));
  ASSERT_TRUE(access_.insert(0, entry(3)));
  EXPECT_EQ((std::set<std::uint32_t>{handle(1), handle(2), handle(3)}), (std::set<std::uint32_t>{1, 2, 3}));
  const auto full = access_.insert(0, entry(4));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ENOSPC);
  const std::uint32_t freed = handle(2);
  count(freed);
  EXPECT_NE(access_.read_counter(0, freed)->packets, 0u);
  ASSERT_TRUE(access_.remove(0, entry(2)));
  EXPECT_EQ(access_.handle_of(0, entry(2)).error().code, ENOENT);
  ASSERT_TRUE(access_.insert(0, entry(4)));
  EXPECT_EQ(handle(4), freed);
  EXPECT_EQ(access_.read_counter(0, freed)->packets, 0u);
}

TEST_P(Handles, StayWhereAnEntryIsModified) {
  ASSERT_TRUE(access_.insert(0, entry(1)));
  ASSERT_TRUE(access_.insert(0, entry(2)));
  const std::uint32_t before = handle(2);
  count(before);
  ASSERT_TRUE(access_.modify(0, entry(2, 77)));
  EXPECT_EQ(handle(2), before);
  EXPECT_EQ(access_.get(0, entry(2))->arguments[0], 77);
  EXPECT_NE(access_.read_counter(0, before)->packets, 0u);
}

TEST_P(Handles, AreFreeAgainBehindAFailureAndAClear) {
  ASSERT_TRUE(access_.insert(0, entry(1)));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(access_.insert(0, entry(1)).error().code, EEXIST);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(access_.remove(0, entry(9)).error().code, ENOENT);
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(*access_.clear(0), round == 0 ? 1u : 3u);
    std::size_t at = 0;
    ASSERT_TRUE(access_.change_all(0, Change::kAdd, {entry(1), entry(2), entry(3)}, at));
  }
}

TEST_P(Handles, OfEntriesThatWentByThemselvesAreFoundAgain) {
  if (GetParam() != Structure::kHash) GTEST_SKIP() << "only a hash evicts";
  for (int key : {1, 2, 3}) ASSERT_TRUE(access_.insert(0, entry(key)));
  kernel_.maps["t"].values.erase(kernel_.maps["t"].values.begin());
  ASSERT_TRUE(access_.insert(0, entry(4)));
  const auto all = access_.dump_stored(0);
  ASSERT_TRUE(all);
  std::set<std::uint32_t> handles;
  for (const Stored& one : *all) handles.insert(one.handle);
  EXPECT_EQ(handles, (std::set<std::uint32_t>{1, 2, 3}));
}

INSTANTIATE_TEST_SUITE_P(Structures, Handles, ::testing::Values(Structure::kHash, Structure::kRuleList));

}  // namespace
}  // namespace p4bpf::runtime
