// The names that a control plane sees, and what tables and extern objects look like once they are elaborated.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/embedded.h"
#include "testing/p4_fixture.h"

namespace p4bpf::testing {
namespace {

const ir::Table* find_table(const P4Fixture& program, std::string_view name) {
  for (const ir::Table& table : program.program().tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

std::string action_names(const ir::Table& table) {
  std::string result;
  for (const ir::Action& action : table.actions) result += (result.empty() ? "" : " ") + action.name;
  return result;
}

std::string key_names(const ir::Table& table) {
  std::string result;
  for (const ir::TableKey& key : table.keys) result += (result.empty() ? "" : " ") + key.name;
  return result;
}

TEST(Names, AreQualifiedByTheInstance) {
  P4Fixture program(
      control_program("control C(inout bit<8> x) { action a() { x = 1; } table t { key = { x : exact; } actions = { a; "
                      "NoAction; } } apply { t.apply(); } "
                      "}\ncontrol D(inout bit<8> x) { C() c; apply { c.apply(x); } }\n",
                      "C() c1; D() d;", "c1.apply(hdr.h.a); c1.apply(hdr.h.b); d.apply(hdr.h.c); C.apply(hdr.h.d);"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  EXPECT_EQ(program.program().tables.size(), 3U) << "a table exists once for each instance";
  ASSERT_NE(find_table(program, "sw.c1.t"), nullptr);
  EXPECT_EQ(action_names(*find_table(program, "sw.c1.t")), "sw.c1.a NoAction");
  EXPECT_NE(find_table(program, "sw.d.c.t"), nullptr);
  EXPECT_NE(find_table(program, "sw.C.t"), nullptr);
}

TEST(Names, AnnotationsAreRelativeOrAbsolute) {
  P4Fixture program(control_program(
      "",
      "@name(\"act\") action a() { } @name(\".top\") action b() { } @name(\"tab\") table t { key = { hdr.h.a : "
      "exact; } actions = { a; b; } default_action = a(); } @name(\".deep.u\") table u { key = { hdr.h.a : "
      "exact; } actions = { a; } default_action = a(); }",
      "t.apply(); u.apply();"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  ASSERT_NE(find_table(program, "sw.tab"), nullptr);
  EXPECT_EQ(action_names(*find_table(program, "sw.tab")), "sw.act top");
  EXPECT_NE(find_table(program, "deep.u"), nullptr);
}

TEST(Names, OfControlsAreTheirOwnAndOfParametersAnnotated) {
  P4Fixture program(control_program(
      "@name(\"other\") control C() { action a(@name(\"amount\") bit<8> x) { } table t { key = { } actions = { a; } "
      "default_action = a(1); } apply { t.apply(); } }\n",
      "", "C.apply();"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  const ir::Table* table = find_table(program, "sw.C.t");
  ASSERT_NE(table, nullptr) << "the name of a type is the one that it is declared by";
  EXPECT_EQ(table->actions.front().params.front().name, "amount");
}

TEST(Names, OfKeysHaveTheNamesThatFieldsAreGiven) {
  P4Fixture program(control_program(
      "struct Inner { @name(\".whole.drop\") bit<8> set_drop; bit<8> rest; }\n"
      "struct Meta { @name(\"ingress_metadata\") Inner local; }\n",
      "Meta meta; action a() { } table t { key = { meta.local.rest : exact; meta.local.set_drop : exact; } actions = { a; "
      "} default_action = a(); }",
      "meta.local = { 1, 2 }; t.apply();"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  EXPECT_EQ(key_names(*find_table(program, "sw.t")), "meta.ingress_metadata.rest whole.drop");
}

TEST(Names, OfKeysAreTheExpressionsAsWritten) {
  P4Fixture program(control_program(
      "",
      "action a() { } table t { key = { hdr.h.a : exact; hdr.h.isValid() : exact; hdr.s[1].b : exact; hdr.h.c[3 : "
      "0] : exact; hdr.h.d : exact @name(\"dd\"); } actions = { a; } default_action = a(); }",
      "t.apply();"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  ASSERT_NE(find_table(program, "sw.t"), nullptr);
  EXPECT_EQ(key_names(*find_table(program, "sw.t")), "hdr.h.a hdr.h.$valid$ hdr.s[1].b hdr.h.c[3:0] dd");
}

TEST(Names, ANoActionIsAddedForMissesOnly) {
  P4Fixture program(
      control_program("", "action a() { } table t { key = { hdr.h.a : exact; } actions = { a; } }", "t.apply();"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  const ir::Table* table = find_table(program, "sw.t");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(action_names(*table), "sw.a NoAction");
  EXPECT_EQ(table->default_action, 1U);
  EXPECT_TRUE(table->actions[1].default_only);
}

TEST(Tables, ActionDataIsWhatTheActionListDoesNotBind) {
  P4Fixture program(control_program(
      "",
      "action a(inout bit<8> x, Pair p, bit<4> y) { x = p.l + (bit<8>) y; } table t { key = { hdr.h.a : exact; } "
      "actions = { a(hdr.h.b); } default_action = a(hdr.h.b, { 1, 2 }, 3); }",
      "t.apply();"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  const ir::Table* table = find_table(program, "sw.t");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->actions[0].params.size(), 3U);
  EXPECT_EQ(table->actions[0].params[0].name, "p.l");
  EXPECT_EQ(table->actions[0].params[2].type, ir::Type::bits(4));
  EXPECT_EQ(table->default_arguments, (std::vector<BigInt>{1, 2, 3}));
  EXPECT_EQ(program.send("09090909"), "0: 09040909");
}

TEST(Tables, PrioritiesFollowEachOther) {
  P4Fixture program(
      control_program("",
                      "action a() { } table t { key = { hdr.h.a : ternary; } actions = { a; } default_action = a(); "
                      "priority_delta = 10; entries = { priority = 60 : 1 : a(); priority = 50 : 2 : a(); 3 : a(); } }",
                      "t.apply();"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  const ir::Table* table = find_table(program, "sw.t");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->entries.size(), 3U);
  EXPECT_EQ(table->entries[0].priority, 60);
  EXPECT_EQ(table->entries[1].priority, 50);
  EXPECT_EQ(table->entries[2].priority, 40);
}

TEST(Tables, AConstructorParameterGivesTheSize) {
  P4Fixture program(
      control_program("control C(inout bit<8> x)(bit<32> n) { action a() { } table t { key = { x : exact; } actions = "
                      "{ a; } size = n + 1; default_action = "
                      "a(); } apply { t.apply(); } }\n",
                      "C(7) c;", "c.apply(hdr.h.a);"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  ASSERT_NE(find_table(program, "sw.c.t"), nullptr);
  EXPECT_EQ(find_table(program, "sw.c.t")->size, 8U);
}

TEST(ValueSets, GiveAKeyForEachField) {
  P4Fixture program(parser_program(
      "struct S { bit<8> x; @match(ternary) bit<8> y; }\n",
      "value_set<S>(4) vs; state start { p.extract(hdr.w); transition select(hdr.w.v[15:8], hdr.w.v[7:0]) { vs: "
      "accept; (1, 2): accept; } }"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  const ir::Table* table = find_table(program, "prs.vs");
  ASSERT_NE(table, nullptr);
  EXPECT_TRUE(table->is_value_set);
  EXPECT_EQ(key_names(*table), "x y");
  EXPECT_EQ(table->keys[0].match, ir::MatchKind::kExact);
  EXPECT_EQ(table->keys[1].match, ir::MatchKind::kTernary);
  EXPECT_EQ(program.send("0102"), "0: 0102");
  EXPECT_EQ(program.send("0103"), "-");
}

TEST(Externs, ThoseOfTheProgramItselfAreTheUsers) {
  P4Fixture program(
      control_program("extern bit<8> mine(in bit<8> x, inout bit<8> y);\n", "",
                      "hdr.h.a = mine(hdr.h.b, hdr.h.c[7:0]); hdr.h.d = (bit<8>) csum_replace2(1, 2, 3);"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  std::size_t seen = 0;
  for (const ir::ExternFunction& function : program.program().extern_functions) {
    EXPECT_EQ(function.is_user, function.name == "mine") << function.name;
    ++seen;
  }
  EXPECT_EQ(seen, 2U);
}

TEST(Elaboration, ExternsAreTheArchitecturesInWhateverFileItStands) {
  const auto& files = embedded_files();
  const auto v1model =
      std::find_if(files.begin(), files.end(), [](const auto& file) { return file.path == "p4include/v1model.p4"; });
  ASSERT_NE(v1model, files.end());
  const std::string switch_program = R"(
struct Headers {}
struct Meta {}
parser Parse(packet_in p, out Headers h, inout Meta m, inout standard_metadata_t s) { state start { transition accept; } }
control Check(inout Headers h, inout Meta m) { apply {} }
control In(inout Headers h, inout Meta m, inout standard_metadata_t s) {
    register<bit<32>>(1) cells;
    apply { bit<32> x; cells.read(x, 0); cells.write(0, x + 1); mark_to_drop(s); }
}
control Out(inout Headers h, inout Meta m, inout standard_metadata_t s) { apply {} }
control Write(packet_out p, in Headers h) { apply {} }
V1Switch(Parse(), Check(), In(), Out(), Check(), Write()) main;
)";
  P4Fixture program("# 1 \"our_switch.p4\"\n" + std::string(v1model->text) + "\n# 1 \"test.p4\"\n" + switch_program);
  ASSERT_TRUE(program.is_built()) << program.errors();
  EXPECT_GT(program.program().extern_functions.size(), 1U);
  for (const ir::ExternFunction& function : program.program().extern_functions)
    EXPECT_FALSE(function.is_user) << function.name;
}

TEST(Elaboration, WithoutMainThereIsNothing) {
  P4Fixture program("#include <core.p4>\nconst bit<8> a = 1;\n");
  EXPECT_FALSE(program.is_built());
  EXPECT_NE(program.errors().find("test.p4:2:"), std::string::npos) << program.errors();
  EXPECT_NE(program.errors().find("[no-main]"), std::string::npos) << program.errors();
}

TEST(Elaboration, ReportsEachThingThatIsUnsupported) {
  P4Fixture program(control_program("extern Pair two();\n", "Pair p;", "p = two();\np = two();"));
  EXPECT_FALSE(program.is_built());
  const std::string errors = program.errors();
  const std::size_t first = errors.find("[unsupported]");
  ASSERT_NE(first, std::string::npos) << errors;
  EXPECT_NE(errors.find("[unsupported]", first + 1), std::string::npos) << errors;
}

TEST(Elaboration, AProgramThatMultipliesWithoutEndIsAnError) {
  std::string controls = "control C0(inout bit<8> x) { apply { x = x + 1; } }\n";
  for (int i = 1; i <= 40; ++i) {
    controls +=
        fmt::format("control C{}(inout bit<8> x) {{ C{}() c; apply {{ c.apply(x); c.apply(x); }} }}\n", i, i - 1);
  }
  P4Fixture program(control_program(controls, "C40() c;", "c.apply(hdr.h.a);"));
  EXPECT_FALSE(program.is_built());
  EXPECT_NE(program.errors().find("too large"), std::string::npos) << program.errors().substr(0, 1000);
}

}  // namespace
}  // namespace p4bpf::testing
