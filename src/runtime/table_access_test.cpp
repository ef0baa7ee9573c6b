// Entries survive the way into each structure and back, and every mistake is told apart.
#include "runtime/table_access.h"

#include <gtest/gtest.h>

#include "manifest/check.h"
#include "runtime/memory_kernel_fixture.h"
#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

using manifest::ByteOrder;
using manifest::Entry;
using manifest::MatchKind;
using manifest::Structure;
using manifest::Table;
using manifest::ValueKind;
using Kind = KeyMatch::Kind;

KeyMatch exact(BigInt value) { return {Kind::kExact, std::move(value), 0, 0, 0}; }
KeyMatch prefix(BigInt value, std::uint32_t length) { return {Kind::kPrefix, std::move(value), 0, 0, length}; }
KeyMatch mask(BigInt value, BigInt bits) { return {Kind::kMask, std::move(value), std::move(bits), 0, 0}; }
KeyMatch range(BigInt low, BigInt high) { return {Kind::kRange, std::move(low), 0, std::move(high), 0}; }

/// Actions: 0 set(bit<9> port, bit<48> mac, int<7> delta), 1 drop(), 2 miss() only as a default.
Table base_table(const std::string& name, Structure structure) {
  Table t;
  t.name = name;
  t.structure = structure;
  t.map = name;
  t.size = 4;
  t.value_size = 16;
  t.actions = {{"set",
                {{"port", ValueKind::kBits, 9, {}, {4, 2, ByteOrder::kHost}},
                 {"mac", ValueKind::kBits, 48, {}, {6, 6, ByteOrder::kNetwork}},
                 {"delta", ValueKind::kSigned, 7, {}, {12, 1, ByteOrder::kHost}}},
                false,
                false},
               {"drop", {}, false, false},
               {"miss", {}, true, false}};
  t.default_action = 2;
  return t;
}

Entry entry(std::vector<KeyMatch> keys, BigInt port, std::int32_t priority = 0) {
  return {std::move(keys), 0, {std::move(port), 0x020304050607, -5}, priority, false};
}

class TableAccessTest : public testing::Test {
 protected:
  TableAccessTest() {
    Table hash = base_table("hash", Structure::kHash);
    hash.keys = {{"a", MatchKind::kExact, ValueKind::kBits, 20, {}, {0, 4, ByteOrder::kHost}},
                 {"b", MatchKind::kExact, ValueKind::kSigned, 12, {}, {4, 2, ByteOrder::kNetwork}},
                 {"wide", MatchKind::kExact, ValueKind::kBits, 100, {}, {6, 13, ByteOrder::kNetwork}}};
    hash.key_size = 20;
    hash.default_symbol = "hash_default";
    hash.default_map = "data";
    hash.default_offset = 8;
    Table array = base_table("array", Structure::kArray);
    array.keys = {{"i", MatchKind::kExact, ValueKind::kBits, 8, {}, {0, 4, ByteOrder::kHost}}};
    array.key_size = 4;
    Table trie = base_table("trie", Structure::kLpmTrie);
    trie.keys = {{"vrf", MatchKind::kExact, ValueKind::kBits, 12, {}, {0, 2, ByteOrder::kNetwork}},
                 {"dst", MatchKind::kLpm, ValueKind::kBits, 20, {}, {2, 3, ByteOrder::kNetwork}}};
    trie.key_size = 5;
    Table rules = base_table("rules", Structure::kRuleList);
    rules.keys = {{"t", MatchKind::kTernary, ValueKind::kBits, 20, {}, {0, 4, ByteOrder::kHost}},
                  {"r", MatchKind::kRange, ValueKind::kSigned, 16, {}, {4, 2, ByteOrder::kHost}},
                  {"o", MatchKind::kOptional, ValueKind::kBits, 8, {}, {6, 1, ByteOrder::kHost}},
                  {"e", MatchKind::kExact, ValueKind::kSigned, 5, {}, {7, 1, ByteOrder::kHost}},
                  {"l", MatchKind::kLpm, ValueKind::kBits, 32, {}, {8, 4, ByteOrder::kNetwork}}};
    rules.key_size = 12;
    Table keyless = base_table("keyless", Structure::kNone);
    keyless.map = "";
    manifest_.tables = {hash, array, trie, rules, keyless};
    manifest_.counters = {{"both", 3, false, true, true, 64, {}, {}, "both"},
                          {"plain", 100, true, false, false, 8, {}, {}, "plain"}};
    kernel_.add("hash", BPF_MAP_TYPE_HASH, 20, 16, 4);
    kernel_.add("array", BPF_MAP_TYPE_ARRAY, 4, 16, 4);
    kernel_.add("trie", BPF_MAP_TYPE_LPM_TRIE, 9, 16, 4);
    kernel_.add("data", BPF_MAP_TYPE_ARRAY, 4, 32, 1);
    kernel_.add("rules", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1);
    kernel_.add("both", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 16, 3);
    kernel_.add("plain", BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 100);
  }
  enum { kHash, kArray, kTrie, kRules, kKeyless };
  void initialise() {
    EXPECT_EQ(manifest::find_fault(manifest_), "");
    const auto done = access_.initialise();
    ASSERT_TRUE(done) << done.error().message;
  }
  static std::vector<KeyMatch> rule_keys(int t) {
    return {mask(t, 0xff), range(-3, 7), exact(9), exact(-2), prefix(0x0a010000, 16)};
  }

  manifest::Manifest manifest_;
  MemoryKernel kernel_;
  TableAccess access_{kernel_, manifest_};
};

TEST_F(TableAccessTest, EntriesOfEveryStructureComeBack) {
  initialise();
  const std::vector<std::pair<std::size_t, Entry>> cases = {
      {kHash, entry({exact(0xabcde), exact(-2048), exact(power_of_two(100) - 1)}, 511)},
      {kArray, entry({exact(3)}, 1)},
      {kTrie, entry({exact(7), prefix(0xabc00, 12)}, 2)},
      {kRules, entry(rule_keys(3), 3, 10)}};
  for (const auto& [table, written] : cases) {
    const auto inserted = access_.insert(table, written);
    ASSERT_TRUE(inserted) << inserted.error().message;
    const auto dumped = access_.dump(table);
    ASSERT_TRUE(dumped) << dumped.error().message;
    ASSERT_EQ(dumped->size(), 1u) << table;
    EXPECT_EQ(dumped->at(0), written) << table;
    EXPECT_EQ(access_.get(table, written).value(), written) << table;
    EXPECT_EQ(access_.insert(table, written).error().code, EEXIST) << table;
    Entry changed = written;
    changed.action = 1;
    changed.arguments.clear();
    ASSERT_TRUE(access_.modify(table, changed)) << table;
    EXPECT_EQ(access_.get(table, written).value(), changed) << table;
    ASSERT_TRUE(access_.remove(table, written)) << table;
    EXPECT_TRUE(access_.dump(table)->empty()) << table;
    EXPECT_EQ(access_.remove(table, written).error().code, ENOENT) << table;
    EXPECT_EQ(access_.modify(table, written).error().code, ENOENT) << table;
    EXPECT_EQ(access_.get(table, written).error().code, ENOENT) << table;
  }
}

TEST_F(TableAccessTest, BytesLieAsTheManifestSays) {
  initialise();
  ASSERT_TRUE(access_.insert(kTrie, entry({exact(0x123), prefix(0xabcde, 8)}, 258)));
  const auto& [key, value] = *kernel_.maps["trie"].values.begin();
  // 16 bits of vrf, 4 bits of padding, 8 bits of prefix; what lies behind the prefix is zero.
  EXPECT_EQ(key, (Bytes{28, 0, 0, 0, 0x01, 0x23, 0x0a, 0xb0, 0x00}));
  EXPECT_EQ(value, (Bytes{0, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 0xfb, 0, 0, 0}));
}

TEST_F(TableAccessTest, RulesStandByFallingPriorityAndKeepTheirOrderAmongEquals) {
  initialise();
  int t = 0;
  for (const int priority : {5, 9, 5, 1}) {
    ++t;
    ASSERT_TRUE(access_.insert(kRules, entry(rule_keys(t), t, priority)));
  }
  EXPECT_EQ(access_.insert(kRules, entry(rule_keys(77), 1, 3)).error().code, ENOSPC);
  const auto rules = access_.dump(kRules);
  std::vector<BigInt> ports;
  for (const Entry& rule : *rules) ports.push_back(rule.arguments[0]);
  EXPECT_EQ(ports, (std::vector<BigInt>{2, 1, 3, 4}));
  EXPECT_EQ(rules->at(0).priority, 9);
}

TEST_F(TableAccessTest, SamePriorityAndKeyIsTheSameRule) {
  initialise();
  ASSERT_TRUE(access_.insert(kRules, entry(rule_keys(1), 1, 5)));
  EXPECT_EQ(access_.insert(kRules, entry(rule_keys(1), 2, 5)).error().code, EEXIST);
  EXPECT_TRUE(access_.insert(kRules, entry(rule_keys(1), 2, 6)));
}

TEST_F(TableAccessTest, RuleMasksCoverExactKeysAndPadding) {
  Table& rules = manifest_.tables[kRules];
  auto block = RuleBlock::read(rules, {});
  std::size_t at = 0;
  ASSERT_EQ(block->change(Change::kAdd,
                          {entry({mask(0xf0, 0xf0), range(-1, 1), KeyMatch{}, exact(-2), prefix(0, 0)}, 1, 7)}, at),
            0);
  Bytes bytes(block->size());
  block->lay_out(bytes);
  ASSERT_EQ(bytes.size(), 8u + 4 * (16 + 16 + 16) + 16);
  EXPECT_EQ(bytes[0], 1);                                  // one rule
  EXPECT_EQ(Bytes(bytes.begin() + 8, bytes.begin() + 20),  // values
            (Bytes{0xf0, 0, 0, 0, 0xff, 0xff, 0, 0xfe, 0, 0, 0, 0}));
  EXPECT_EQ(Bytes(bytes.begin() + 24, bytes.begin() + 40),  // masks, range end, padding
            (Bytes{0xf0, 0, 0, 0, 1, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(bytes[8 + 4 * 48], 7);  // priority of the first
}

TEST_F(TableAccessTest, FullTables) {
  initialise();
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(access_.insert(kHash, entry({exact(i), exact(0), exact(0)}, 1)));
    ASSERT_TRUE(access_.insert(kTrie, entry({exact(i), prefix(0, 0)}, 1)));
    ASSERT_TRUE(access_.insert(kArray, entry({exact(i)}, 1)));
  }
  EXPECT_EQ(access_.insert(kHash, entry({exact(9), exact(0), exact(0)}, 1)).error().code, ENOSPC);
  EXPECT_EQ(access_.insert(kTrie, entry({exact(9), prefix(0, 0)}, 1)).error().code, ENOSPC);
  EXPECT_EQ(access_.insert(kArray, entry({exact(4)}, 1)).error().code, ERANGE);
}

TEST_F(TableAccessTest, ABatchStopsAtItsFirstFailureOrDoesNothing) {
  initialise();
  const auto keys = [](int i) { return std::vector<KeyMatch>{exact(i), exact(0), exact(0)}; };
  std::size_t at = 0;
  ASSERT_TRUE(access_.change_all(kHash, Change::kAdd, {entry(keys(1), 1), entry(keys(2), 1)}, at));
  EXPECT_EQ(access_.change_all(kHash, Change::kModify, {entry(keys(1), 2), entry(keys(3), 2), entry(keys(2), 2)}, at)
                .error()
                .code,
            ENOENT);
  EXPECT_EQ(at, 1u);
  EXPECT_EQ(access_.get(kHash, entry(keys(1), 0))->arguments[0], 2);
  EXPECT_EQ(access_.get(kHash, entry(keys(2), 0))->arguments[0], 1);
  EXPECT_EQ(access_.change_all(kHash, Change::kDelete, {entry(keys(2), 0), entry(keys(2), 0)}, at).error().code,
            ENOENT);
  EXPECT_EQ(access_.dump(kHash)->size(), 1u);

  const auto rule = [&](int i, int port) { return entry(rule_keys(i), port, 5); };
  ASSERT_TRUE(access_.change_all(kRules, Change::kAdd, {rule(1, 1), rule(2, 1), rule(3, 1)}, at));
  EXPECT_EQ(access_.change_all(kRules, Change::kModify, {rule(1, 2), rule(4, 2)}, at).error().code, ENOENT);
  EXPECT_EQ(at, 1u);
  EXPECT_EQ(access_.get(kRules, rule(1, 0))->arguments[0], 1);
  ASSERT_TRUE(access_.change_all(kRules, Change::kModify, {rule(1, 2), rule(3, 2)}, at));
  EXPECT_EQ(access_.change_all(kRules, Change::kDelete, {rule(1, 0), rule(2, 0), rule(1, 0)}, at).error().code, ENOENT);
  ASSERT_TRUE(access_.change_all(kRules, Change::kDelete, {rule(1, 0), rule(2, 0)}, at));
  ASSERT_EQ(access_.dump(kRules)->size(), 1u);
  EXPECT_EQ(access_.dump(kRules)->at(0).arguments[0], 2);
}

/// More than are looked for one by one.
TEST_F(TableAccessTest, ManyChangesOfRulesAreWhatTheSameOnesOneByOneAre) {
  manifest_.tables[kRules].size = 64;
  initialise();
  std::vector<Entry> rules;
  for (int i = 0; i < 40; ++i) rules.push_back(entry(rule_keys(i), i, i % 5));
  std::size_t at = 0;
  ASSERT_TRUE(access_.change_all(kRules, Change::kAdd, rules, at));
  const auto batch = access_.dump(kRules);
  access_.clear(kRules).value();
  for (const Entry& rule : rules) ASSERT_TRUE(access_.insert(kRules, rule));
  EXPECT_EQ(*batch, *access_.dump(kRules));
  ASSERT_TRUE(access_.change_all(kRules, Change::kDelete, {rules.begin() + 10, rules.begin() + 30}, at));
  const auto left = access_.dump(kRules);
  ASSERT_EQ(left->size(), 20u);
  for (const Entry& rule : *left) EXPECT_TRUE(rule.arguments[0] < 10 || rule.arguments[0] >= 30);
}

TEST_F(TableAccessTest, ARepeatedRuleOfTheProgramIsOne) {
  manifest_.tables[kRules].entries = {entry(rule_keys(1), 1, 3), entry(rule_keys(1), 2, 3), entry(rule_keys(2), 2, 3)};
  initialise();
  ASSERT_EQ(access_.dump(kRules)->size(), 2u);
  EXPECT_EQ(access_.dump(kRules)->at(0).arguments[0], 1);
}

TEST_F(TableAccessTest, ClearKeepsConstEntries) {
  Entry fixed = entry({exact(1), exact(1), exact(1)}, 1);
  fixed.is_const = true;
  manifest_.tables[kHash].entries = {fixed};
  Entry rule = entry(rule_keys(1), 1, 3);
  rule.is_const = true;
  manifest_.tables[kRules].entries = {rule, entry(rule_keys(2), 1, 4)};
  initialise();
  ASSERT_TRUE(access_.insert(kHash, entry({exact(2), exact(1), exact(1)}, 1)));
  EXPECT_EQ(access_.clear(kHash).value(), 1u);
  EXPECT_EQ(access_.clear(kRules).value(), 1u);
  ASSERT_EQ(access_.dump(kHash)->size(), 1u);
  EXPECT_TRUE(access_.dump(kHash)->at(0).is_const);
  EXPECT_EQ(access_.dump(kRules)->at(0).priority, 3);
  EXPECT_EQ(access_.remove(kHash, fixed).error().code, EROFS);
  EXPECT_EQ(access_.modify(kRules, rule).error().code, EROFS);
}

TEST_F(TableAccessTest, ConstTablesRefuseChanges) {
  manifest_.tables[kHash].entries_are_const = true;
  initialise();
  const Entry e = entry({exact(1), exact(1), exact(1)}, 1);
  EXPECT_EQ(access_.insert(kHash, e).error().code, EROFS);
  EXPECT_EQ(access_.modify(kHash, e).error().code, EROFS);
  EXPECT_EQ(access_.remove(kHash, e).error().code, EROFS);
  EXPECT_EQ(access_.clear(kHash).error().code, EROFS);
}

TEST_F(TableAccessTest, RefusesWhatDoesNotSuitTheTable) {
  initialise();
  EXPECT_FALSE(access_.insert(kHash, entry({exact(1)}, 1)));                                     // too few keys
  EXPECT_FALSE(access_.insert(kHash, entry({exact(power_of_two(20)), exact(0), exact(0)}, 1)));  // key too wide
  EXPECT_FALSE(access_.insert(kHash, entry({exact(1), exact(0), exact(0)}, 512)));               // argument too wide
  EXPECT_FALSE(access_.insert(kHash, entry({prefix(1, 3), exact(0), exact(0)}, 1)));             // wrong match kind
  Entry only_default = entry({exact(1), exact(0), exact(0)}, 1);
  only_default.action = 2;
  only_default.arguments.clear();
  EXPECT_FALSE(access_.insert(kHash, only_default));
  EXPECT_FALSE(access_.insert(kKeyless, Entry{}));
  EXPECT_TRUE(kernel_.maps["hash"].values.empty());
}

TEST_F(TableAccessTest, DefaultActionLivesInGlobalData) {
  initialise();
  ASSERT_TRUE(access_.set_default(kHash, 0, {5, 6, -7}));
  EXPECT_EQ(kernel_.maps["data"].values.begin()->second[12], 5);  // offset 8 + slot 4
  const auto now = access_.get_default(kHash);
  ASSERT_TRUE(now) << now.error().message;
  EXPECT_EQ(now->action, 0u);
  EXPECT_EQ(now->arguments, (std::vector<BigInt>{5, 6, -7}));
  ASSERT_TRUE(access_.reset_default(kHash));
  EXPECT_EQ(access_.get_default(kHash)->action, 2u);
  EXPECT_EQ(access_.set_default(kArray, 1, {}).error().code, EROFS);  // inlined
  EXPECT_EQ(access_.get_default(kArray)->action, 2u);
}

TEST_F(TableAccessTest, CountersAreSumsOverTheCpus) {
  Bytes& cpus = kernel_.maps["both"].values[MemoryKernel::index(1)];
  cpus[0] = 3;       // packets of CPU 0
  cpus[8] = 100;     // bytes of CPU 0
  cpus[16 + 0] = 4;  // packets of CPU 1
  cpus[16 + 9] = 1;  // bytes of CPU 1
  const auto value = access_.read_counter(0, 1);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->packets, 7u);
  EXPECT_EQ(value->bytes, 356u);
  EXPECT_EQ(access_.read_counter(0, 3).error().code, ERANGE);
  EXPECT_EQ(access_.read_counters(0)->size(), 3u);
  ASSERT_TRUE(access_.reset_counters(0));
  EXPECT_EQ(access_.read_counter(0, 1)->packets, 0u);
}

TEST_F(TableAccessTest, SparseCountersReadZeroWhereUntouched) {
  EXPECT_EQ(access_.read_counter(1, 42)->packets, 0u);
  kernel_.maps["plain"].values[MemoryKernel::index(42)] = Bytes{255, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(access_.read_counter(1, 42)->packets, 2u);  // 258 in 8 bits
  EXPECT_EQ(access_.read_counters(1)->size(), 1u);
  ASSERT_TRUE(access_.reset_counter(1, 42));
  EXPECT_TRUE(access_.read_counters(1)->empty());
}

TEST_F(TableAccessTest, AForeignActionNumberIsAFailureNotACrash) {
  initialise();
  const Entry e = entry({exact(1), exact(1), exact(1)}, 1);
  ASSERT_TRUE(access_.insert(kHash, e));
  kernel_.maps["hash"].values.begin()->second[0] = 77;
  EXPECT_FALSE(access_.dump(kHash));
  EXPECT_FALSE(access_.get(kHash, e));
}

}  // namespace
}  // namespace p4bpf::runtime
