// Run-time files: what the tutorials write is understood, and each mistake is told with its line.
#include "control/runtime_file.h"

#include <gtest/gtest.h>

namespace p4bpf::control {
namespace {

using manifest::Manifest;
using manifest::MatchKind;

manifest::KeyField key(const std::string& name, MatchKind match, std::uint32_t bits) {
  manifest::KeyField out;
  out.name = name;
  out.match = match;
  out.bits = bits;
  return out;
}

manifest::ActionParam param(const std::string& name, std::uint32_t bits) {
  manifest::ActionParam out;
  out.name = name;
  out.bits = bits;
  return out;
}

Manifest program() {
  Manifest out;
  manifest::Table lpm;
  lpm.name = "MyIngress.ipv4_lpm";
  lpm.keys = {key("hdr.ipv4.dstAddr", MatchKind::kLpm, 32)};
  lpm.actions = {{"MyIngress.ipv4_forward", {param("dstAddr", 48), param("port", 9)}}, {"MyIngress.drop", {}}};
  lpm.default_action = 1;
  lpm.size = 1024;
  manifest::Table acl = lpm;
  acl.name = "MyIngress.acl";
  acl.keys = {key("src", MatchKind::kTernary, 32), key("port", MatchKind::kRange, 16),
              key("kind", MatchKind::kExact, 8)};
  out.tables = {lpm, acl};
  return out;
}

Result<RuntimeFile> read(const std::string& text) { return read_runtime_file(program(), text, "s1.json", {}); }

std::string fault(const std::string& text) {
  const Result<RuntimeFile> file = read(text);
  return file ? "" : file.error().message;
}

TEST(RuntimeFile, EntriesAndDefaults) {
  const Result<RuntimeFile> file = read(R"({
    "target": "bmv2", "p4info": "build/basic.p4.p4info.txtpb", "bmv2_json": "build/basic.json",
    "table_entries": [
      {"table": "MyIngress.ipv4_lpm", "default_action": true, "action_name": "MyIngress.drop", "action_params": {}},
      {"table": "MyIngress.ipv4_lpm", "match": {"hdr.ipv4.dstAddr": ["10.0.1.1", 32]},
       "action_name": "MyIngress.ipv4_forward", "action_params": {"dstAddr": "08:00:00:00:01:11", "port": 1}},
      {"table": "acl", "match": {"src": ["10.0.0.0", "255.0.0.0"], "port": [80, "0x1bb"], "kind": [6]},
       "action_name": "drop", "priority": 7}]})");
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->changes.size(), 3u);
  EXPECT_TRUE(file->changes[0].is_default);
  EXPECT_EQ(file->changes[0].entry.action, 1u);
  const manifest::Entry& route = file->changes[1].entry;
  EXPECT_EQ(file->changes[1].line, 5u);
  EXPECT_EQ(route.keys[0].value, 0x0a000101);
  EXPECT_EQ(route.keys[0].prefix_length, 32u);
  EXPECT_EQ(route.arguments, (std::vector<BigInt>{0x080000000111, 1}));
  const manifest::Entry& rule = file->changes[2].entry;
  EXPECT_EQ(rule.keys[0].mask, 0xff000000);
  EXPECT_EQ(rule.keys[1].high, 0x1bb);
  EXPECT_EQ(rule.keys[2].value, 6);
  EXPECT_EQ(rule.priority, 7);
}

TEST(RuntimeFile, GroupsAndSessions) {
  const Result<RuntimeFile> file = read(R"({
    "multicast_group_entries": [{"multicast_group_id": 1, "replicas": [{"egress_port": 1, "instance": 1}, {"egress_port": 2}]}],
    "clone_session_entries": [{"clone_session_id": 5, "replicas": [{"egress_port": 3, "instance": 9}],
                               "packet_length_bytes": 128, "class_of_service": 2},
                              {"clone_session_id": 0, "replicas": [{"port": 4}]}]})");
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->copies.size(), 3u);
  EXPECT_EQ(file->copies[0].kind, manifest::ReplicationKind::kMulticastGroup);
  EXPECT_EQ(file->copies[0].number, 1u);
  EXPECT_EQ(file->copies[0].list.replicas, (std::vector<manifest::Replica>{{1, 1}, {2, 0}}));
  EXPECT_EQ(file->copies[1].kind, manifest::ReplicationKind::kCloneSession);
  EXPECT_EQ(file->copies[1].number, 5u);
  EXPECT_EQ(file->copies[1].list.replicas, (std::vector<manifest::Replica>{{3, 9}}));
  EXPECT_EQ(file->copies[1].list.truncate_bytes, 128u);
  EXPECT_EQ(file->copies[1].list.class_of_service, 2u);
  EXPECT_EQ(file->copies[2].list.replicas, (std::vector<manifest::Replica>{{4, 0}}));
  EXPECT_EQ(file->copies[2].list.truncate_bytes, 0u);
}

TEST(RuntimeFile, MistakesAreAtTheirLines) {
  const auto entry = [](const std::string& what) {
    return "{\"table_entries\": [\n{\"table\": \"ipv4_lpm\",\n" + what + "}]}";
  };
  const std::string drop = "\"action_name\": \"drop\"";
  EXPECT_EQ(fault("{\n\"table_entrys\": []}"), "s1.json:2: 'table_entrys' means nothing here");
  EXPECT_EQ(fault(entry("\"match\": {\"hdr.ipv4.dstAdr\":\n 1}," + drop)),
            "s1.json:4: there is no key 'hdr.ipv4.dstAdr'");
  EXPECT_TRUE(fault(entry("\"match\": {\"dstAddr\":\n[\"10.0.0.1\", 33]}," + drop))
                  .starts_with("s1.json:4: the prefix length 33"));
  EXPECT_TRUE(
      fault(entry("\"match\": {\"dstAddr\":\n[1, 2, 3]}," + drop)).starts_with("s1.json:4: a list of 3 values"));
  EXPECT_TRUE(fault(entry("\"match\": {\"dstAddr\":\n true}," + drop)).starts_with("s1.json:4: "));
  EXPECT_TRUE(fault(entry("\"action_name\":\n\"drp\"")).starts_with("s1.json:4: there is no action 'drp'"));
  EXPECT_TRUE(fault(entry("\"action_name\": \"ipv4_forward\", \"action_params\": {\"port\": 1}"))
                  .starts_with("s1.json:3: argument 'dstAddr'"));
  EXPECT_TRUE(fault(entry("\"action_name\": \"ipv4_forward\", \"action_params\": {\"dstAddr\": 1, \"port\": 512}"))
                  .find("does not fit") != std::string::npos);
  EXPECT_TRUE(
      fault(entry("\"priority\": 5, " + drop)).starts_with("s1.json:3: table 'MyIngress.ipv4_lpm' has no priorities"));
  EXPECT_TRUE(fault(entry("\"default_action\": true, \"match\":\n{\"dstAddr\": 1}, " + drop))
                  .starts_with("s1.json:4: a default action has no"));
  EXPECT_TRUE(fault("{\"table_entries\": [\n{\"table\": \"acl\", \"match\": {\"kind\": 6},\n" + drop + "}]}")
                  .starts_with("s1.json:2: an entry of table 'MyIngress.acl' needs a 'priority'"));
  EXPECT_TRUE(fault("{\"table_entries\": [\n{\"table\": \"acl\", \"priority\": 1,\n" + drop + "}]}")
                  .starts_with("s1.json:2: key 'kind' is missing"));
  const std::string twice = "{\"table\": \"ipv4_lpm\", \"match\": {\"dstAddr\": [\"10.0.0.0\", 8]}, " + drop + "}";
  EXPECT_EQ(fault("{\"table_entries\": [\n" + twice + ",\n" + twice + "]}"),
            "s1.json:3: this entry stands at line 2 already");
  EXPECT_TRUE(fault("{\"multicast_group_entries\": [\n{\"multicast_group_id\": 0, \"replicas\": []}]}")
                  .starts_with("s1.json:2: 0 is no"));
  EXPECT_TRUE(fault("{\"multicast_group_entries\": [\n{\"multicast_group_id\": 1}]}")
                  .starts_with("s1.json:2: 'replicas' is missing"));
  EXPECT_TRUE(fault("{\"clone_session_entries\": [\n{\"replicas\": []}]}")
                  .starts_with("s1.json:2: 'clone_session_id' is missing"));
  EXPECT_TRUE(fault("{\"clone_session_entries\": [\n{\"clone_session_id\": 1, \"replicas\": [{\n\"port\": \"x\"}]}]}")
                  .starts_with("s1.json:3: "));
  EXPECT_EQ(fault("{\"multicast_group_entries\": [{\"multicast_group_id\": 1, \"replicas\": [],\n\"class_of_service\": 1}]}"),
            "s1.json:2: 'class_of_service' means nothing here");
}

}  // namespace
}  // namespace p4bpf::control
