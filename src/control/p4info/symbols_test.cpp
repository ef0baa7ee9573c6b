// Ids and aliases: those that public descriptions of well-known programs have, @id, ids that meet, shortest suffixes.
#include "control/p4info/symbols.h"

#include <gtest/gtest.h>

namespace p4bpf::control {
namespace {

using manifest::Manifest;

manifest::Table table(const std::string& name, const std::vector<std::string>& actions = {}) {
  manifest::Table out;
  out.name = name;
  for (const std::string& action : actions) out.actions.push_back({action, {}});
  return out;
}

TEST(P4InfoSymbols, IdsAreThoseOfPublicDescriptions) {
  Manifest manifest;
  manifest.tables.push_back(table("MyIngress.ipv4_lpm", {"MyIngress.ipv4_forward", "MyIngress.drop", "NoAction"}));
  manifest::Table set = table("MyParser.pvs");
  set.is_value_set = true;
  manifest.tables.push_back(set);
  manifest::Register flowlet;
  flowlet.name = "ingress.flowlet_id";
  manifest.registers.push_back(flowlet);
  manifest::Profile profile;
  profile.name = "IngressI.ap_ws";
  manifest.profiles.push_back(profile);
  manifest::Digest digest;
  digest.name = "test_digest_t";
  manifest.digests.push_back(digest);
  manifest::ControllerHeader header;
  header.name = "packet_in";
  header.type_name = "packet_in_header_t";
  manifest.controller_headers.push_back(header);
  const Result<Symbols> symbols = Symbols::of(manifest);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->id(SymbolKind::kTable, "MyIngress.ipv4_lpm"), 37375156u);
  EXPECT_EQ(symbols->id(SymbolKind::kAction, "MyIngress.ipv4_forward"), 28792405u);
  EXPECT_EQ(symbols->id(SymbolKind::kAction, "MyIngress.drop"), 25652968u);
  EXPECT_EQ(symbols->id(SymbolKind::kAction, "NoAction"), 21257015u);
  EXPECT_EQ(symbols->id(SymbolKind::kValueSet, "MyParser.pvs"), 56033750u);
  EXPECT_EQ(symbols->id(SymbolKind::kRegister, "ingress.flowlet_id"), 384519412u);
  EXPECT_EQ(symbols->id(SymbolKind::kActionProfile, "IngressI.ap_ws"), 285903678u);
  EXPECT_EQ(symbols->id(SymbolKind::kDigest, "test_digest_t"), 387015589u);
  EXPECT_EQ(symbols->id(SymbolKind::kControllerHeader, "packet_in_header_t"), 81826293u);
}

TEST(P4InfoSymbols, TheProgramGivesIds) {
  Manifest manifest;
  manifest.tables.push_back(table("c.t"));
  manifest.tables[0].annotations = {"@name(\"t\")", "@id(0x02000007)"};
  manifest.tables.push_back(table("c.u"));
  manifest.tables[1].annotations = {"@id(8)"};
  const Result<Symbols> symbols = Symbols::of(manifest);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->id(SymbolKind::kTable, "c.t"), 0x02000007u);
  EXPECT_EQ(symbols->id(SymbolKind::kTable, "c.u"), 0x02000008u);
  manifest.tables[1].annotations = {"@id(7)"};
  EXPECT_NE(Symbols::of(manifest).error().message.find("that of another object"), std::string::npos);
  manifest.tables[1].annotations = {"@id(0x01000007)"};
  EXPECT_NE(Symbols::of(manifest).error().message.find("another kind"), std::string::npos);
  manifest.tables[1].annotations = {"@id(seven)"};
  EXPECT_FALSE(Symbols::of(manifest));
  manifest.tables[1].annotations = {"@id(0)"};
  EXPECT_FALSE(Symbols::of(manifest));
}

TEST(P4InfoSymbols, AnIdThatIsTakenGivesWay) {
  Manifest manifest;
  manifest.tables.push_back(table("MyIngress.ipv4_lpm"));
  manifest.tables.push_back(table("other"));
  manifest.tables[1].annotations = {"@id(37375156)"};
  const Result<Symbols> symbols = Symbols::of(manifest);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->id(SymbolKind::kTable, "other"), 37375156u);
  EXPECT_EQ(symbols->id(SymbolKind::kTable, "MyIngress.ipv4_lpm"), 37375157u);
}

TEST(P4InfoSymbols, AliasesAreTheShortestSuffixesThatNobodyElseHas) {
  Manifest manifest;
  manifest.tables.push_back(table("ingress.forward", {"ingress.drop", "NoAction"}));
  manifest.tables.push_back(table("egress.send", {"egress.drop", "drop"}));
  const Result<Symbols> symbols = Symbols::of(manifest);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->alias("ingress.forward"), "forward");
  EXPECT_EQ(symbols->alias("ingress.drop"), "ingress.drop");
  EXPECT_EQ(symbols->alias("egress.drop"), "egress.drop");
  EXPECT_EQ(symbols->alias("drop"), "drop");
  EXPECT_EQ(symbols->alias("NoAction"), "NoAction");
}

}  // namespace
}  // namespace p4bpf::control
