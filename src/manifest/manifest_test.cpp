// The manifest survives JSON, a damaged one is refused with the place named, and no damage crashes the reader.
#include "manifest/manifest.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "manifest/check.h"

namespace p4bpf::manifest {
namespace {

/// One of everything.
Manifest sample() {
  Manifest m;
  m.program = "router";
  m.source = "examples/router.p4";
  m.architecture = "xdp_model";
  m.kernel_programs = {{"p4_xdp", Hook::kXdp}, {"p4_egress", Hook::kTcEgress}};
  m.parts = {"p4_xdp_part_1"};
  Table routes;
  routes.name = "Ingress.routes";
  routes.keys = {{"vrf", MatchKind::kExact, ValueKind::kEnum, 16, {"red", "blue"}, {0, 2, ByteOrder::kNetwork}},
                 {"dst", MatchKind::kLpm, ValueKind::kBits, 32, {}, {2, 4, ByteOrder::kNetwork}}};
  routes.actions = {{"forward", {{"port", ValueKind::kBits, 9, {}, {4, 2, ByteOrder::kHost}}}, false, true},
                    {"drop", {}, true, false}};
  routes.default_action = 1;
  Entry entry;
  entry.keys = {{KeyMatch::Kind::kExact, 1, 0, 0, 0}, {KeyMatch::Kind::kPrefix, 0x0a000000, 0, 0, 8}};
  entry.arguments = {511};
  entry.priority = -3;
  routes.entries = {entry};
  routes.size = 1024;
  routes.structure = Structure::kLpmTrie;
  routes.map = "routes";
  routes.key_size = 6;
  routes.value_size = 8;
  routes.default_symbol = "routes_default";
  m.tables = {routes};
  m.counters = {{"Ingress.packets", 16, true, false, true, 32, {}, {}, "packets"}};
  m.port_of_ifindex_symbol = "port_of_ifindex";
  m.port_of_ifindex_map = "global_bss";
  m.port_of_ifindex_offset = 8;
  m.ifindex_of_port_map = "ifindex_of_port";
  m.test_port_symbol = "test_port";
  return m;
}

TEST(ManifestJson, RoundTripKeepsEverything) {
  const std::string text = to_json(sample());
  const Result<Manifest> back = from_json(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json(*back), text);
  EXPECT_EQ(back->tables[0].entries, sample().tables[0].entries);
  EXPECT_EQ(back->tables[0].keys[1].slot.offset, 2u);
  EXPECT_EQ(back->counters[0].map, "packets");
}

TEST(ManifestJson, WideValuesSurvive) {
  Manifest m = sample();
  m.tables[0].structure = Structure::kHash;
  m.tables[0].keys = {{"wide", MatchKind::kTernary, ValueKind::kBits, 2048, {}, {0, 256, ByteOrder::kNetwork}}};
  m.tables[0].key_size = 256;
  const BigInt all = power_of_two(2048) - 1;
  m.tables[0].entries[0].keys = {{KeyMatch::Kind::kMask, all, all, 0, 0}};
  const Result<Manifest> back = from_json(to_json(m));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->tables[0].entries[0].keys[0].mask, all);
}

struct Damage {
  std::string from, to, complaint;
};
class DamagedManifest : public testing::TestWithParam<Damage> {};

TEST_P(DamagedManifest, IsRefusedWithItsPlace) {
  std::string text = to_json(sample());
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, GetParam().from.size(), GetParam().to);
  const Result<Manifest> read = from_json(text);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find(GetParam().complaint), std::string::npos) << read.error().message;
  EXPECT_FALSE(read.error().hint.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, DamagedManifest,
    testing::Values(Damage{"\"program\"", "\"programme\"", "'program' is missing"},
                    Damage{"\"version\": 1", "\"version\": 9", "version 9"},
                    Damage{"\"version\": 1,", "\"version\": 1, \"more\": 2,", "'more' is unknown"},
                    Damage{"\"bits\": 16", "\"bits\": -1", "'tables[0].keys[0].bits' is not an integer in range"},
                    Damage{"\"bits\": 16", "\"bits\": 4294967296", "'tables[0].keys[0].bits' is not an integer"},
                    Damage{"\"bits\": 16", "\"bits\": 9999", "key 'vrf' has 9999 bits"},
                    Damage{"\"match\": \"lpm\"", "\"match\": \"best\"", "none of its values"},
                    Damage{"\"default_action\": 1", "\"default_action\": 7", "default action that does not exist"},
                    Damage{"\"511\"", "\"512\"", "argument that is too wide"},
                    Damage{"\"511\"", "\"5x\"", "decimal digits"},
                    Damage{"\"prefix_length\": 8", "\"prefix_length\": 33", "prefix that is too long"},
                    Damage{"\"offset\": 2", "\"offset\": 3", "lies outside its struct"},
                    Damage{"\"offset\": 2", "\"offset\": 4294967295", "lies outside its struct"},
                    Damage{"\"lpm_trie\"", "\"array\"", "array without exactly one"},
                    Damage{"\"default_only\": false", "\"default_only\": 0", "is not true or false"},
                    Damage{"\"tables\": [", "\"tables\": {}, \"x\": [", "'tables' is not an array"}));

TEST(ManifestJson, NoMutationCrashesTheReader) {
  const std::string text = to_json(sample());
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string mutated = text;
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < changes; ++i) {
      const std::size_t at = random() % mutated.size();
      if (random() % 3 == 0) mutated.resize(at + 1);
      mutated[at] = "0123456789{}[]\",:truefalsn-\xff"[random() % 28];
    }
    const Result<Manifest> read = from_json(mutated);
    if (read) {
      EXPECT_EQ(find_fault(*read), "");
    }
  }
}

TEST(ManifestJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "[]", "null", "3", "{\"version\": \"1\"}"}) EXPECT_FALSE(from_json(text)) << text;
  EXPECT_FALSE(from_json(std::string(200000, '[')));
}

TEST(FindByName, TakesExactThenUniqueSuffix) {
  const std::vector<std::string> names = {"In.acl", "Out.acl", "In.routes", "routes"};
  EXPECT_EQ(find_by_name("table", "In.acl", names).value(), 0u);
  EXPECT_EQ(find_by_name("table", "routes", names).value(), 3u);
  const auto ambiguous = find_by_name("table", "acl", names);
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().message, "table 'acl' is ambiguous");
  EXPECT_EQ(ambiguous.error().hint, "it could be In.acl, Out.acl");
}

TEST(FindByName, OffersWhatIsNear) {
  const std::vector<std::string> names = {"In.ipv4_lpm", "In.acl"};
  EXPECT_EQ(find_by_name("table", "ipv4_lmp", names).error().hint, "did you mean In.ipv4_lpm?");
  EXPECT_EQ(find_by_name("table", "zzz", names).error().hint, "there are: In.ipv4_lpm, In.acl");
  EXPECT_FALSE(find_by_name("table", "", names));
  EXPECT_FALSE(find_by_name("table", "pv4_lpm", names));  // no dot before it
}

}  // namespace
}  // namespace p4bpf::manifest
