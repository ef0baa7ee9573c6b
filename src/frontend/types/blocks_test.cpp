// Declarations, statements, parsers, controls and tables (sections 7, 10 to 14).
#include "frontend/types/test_support.h"

namespace p4bpf::check {
namespace {

/// What the tables of these tests need of core.p4.
std::string with_core(const std::string& text) {
  return "action NoAction() {} match_kind { exact, lpm, ternary } error { NoError, Bad }\n" + text;
}
/// A control around a table body, on line 2.
std::string table(const std::string& body) {
  return with_core(
      "control c(in bit<8> x, in bit<16> y, inout bit<8> z) { action a(bit<8> v) { z = v; } action d(inout bit<8> v) "
      "{} " +
      body + " apply { t.apply(); } }");
}
std::string errors_of(const std::string& text) { return check_text(text)->errors(); }

TEST(Tables, ErrorsOfEntriesAndPropertiesAreInTheOrderOfTheText) {
  const std::string head =
      "match_kind { exact }\ncontrol c(in bit<8> x) {\naction a() {}\naction b() {}\n"
      "table t { key = { x : exact; } actions = { @tableonly a; @defaultonly b; }\n";
  const std::string tail = "} apply { t.apply(); } }";
  EXPECT_EQ(check_text(head + "entries = {\n1 : b(); }\ndefault_action = a;" + tail)->errors(),
            "7 bad-table; 8 bad-table");
  EXPECT_EQ(check_text(head + "default_action = a;\nentries = {\n1 : b(); }" + tail)->errors(),
            "6 bad-table; 8 bad-table");
}

TEST(Declarations, FieldsOfSection7_2) {
  expect_rules({
      {"a header holds bits", "header H { bit<8> a; int<8> b; bool c; varbit<8> d; }", ""},
      {"no header in a header", "header H {}\nheader G { H h; }", "2 bad-field"},
      {"no string in a header", "header H { string s; }", "1 bad-field"},
      {"a union holds headers", "header H {}\nheader_union U { H h; }", ""},
      {"and nothing else", "header_union U { bit<8> b; }", "1 bad-field"},
      {"fields have different names", "struct S {\nbit<8> a;\nbit<8> a; }", "3 duplicate-name"},
      {"generic structs", "struct S<T> { T t; }\nconst S<bit<8>> s = { 5 };", ""},
      {"need arguments", "struct S<T> { T t; }\nconst S s = { 5 };", "2 bad-type-argument"},
      {"that fit", "header H<T> {\nT t; }\nvoid f(in H<string> h) {}", "2 bad-field"},
  });
}

TEST(Declarations, EnumsOfSection7_2_1) {
  expect_rules({
      {"plain", "enum E { A, B }\nconst E e = E.A;", ""},
      {"no such member", "enum E { A, B }\nconst E e = E.C;", "2 unknown-member"},
      {"a plain enum is no number", "enum E { A, B }\nconst bit<8> e = E.A;", "2 type-mismatch"},
      {"members twice", "enum E { A, A }", "1 duplicate-name"},
      {"with a representation", "enum bit<8> E { A = 1, B = 2 }", ""},
      {"bits only", "enum bool E { A = true }", "1 bad-declaration"},
      {"known values", "void f(in bit<8> x) {}\nenum bit<8> E { A = y }", "2 unknown-name"},
      {"errors in several places", "error { A }\nerror { B }\nconst error e = error.B;", ""},
      {"errors twice", "error { A }\nerror { A }", "2 duplicate-name"},
  });
}

TEST(Declarations, ConstantsAndVariablesOfSection11) {
  expect_rules({
      {"a constant is known", "extern bit<8> g();\nconst bit<8> x = g();", "2 not-constant"},
      {"no constant of an extern", "extern E { E(); }\nconst E e = 1;", "2 bad-declaration"},
      {"no variable of int", "void f() { int x = 5; }", "1 bad-declaration"},
      {"no variable of a control", "control d();\nvoid f() { d x; }", "2 bad-declaration"},
      {"a variable does not hide a parameter", "void f(in bit<8> x) { bit<8> x = 5; }", "1 duplicate-name"},
  });
}

TEST(Declarations, SuggestsTheNearestName) {
  const auto checked = check_text("const bit<8> ttl_limit = 1;\nconst bit<8> x = ttl_limt;");
  ASSERT_EQ(checked->errors(), "2 unknown-name");
  EXPECT_EQ(checked->diagnostics.all().front().notes.front().message, "did you mean 'ttl_limit'?");
}

TEST(Declarations, OneMistakeIsReportedOnce) {
  // What follows from an unknown name says nothing new.
  EXPECT_EQ(errors_of("const bit<8> a = nowhere;\nconst bit<8> b = a + 1;\nconst bool c = a == b;"), "1 unknown-name");
  EXPECT_EQ(errors_of("struct S { nowhere x; }\nvoid f(in S s) { bit<8> y = s.x + 1; }"), "1 unknown-name");
}

TEST(Statements, ReturnsOfSection12_4) {
  expect_rules({
      {"every way returns", "bit<8> f(in bool b) { if (b) { return 1; } else { return 2; } }", ""},
      {"not every", "bit<8> f(in bool b) { if (b) { return 1; } }", "1 bad-declaration"},
      {"nothing wanted", "void f() { return 1; }", "1 bad-statement"},
      {"a value wanted", "bit<8> f() { return; }", "1 bad-statement"},
      {"exit is for controls", "void f() { exit; }", "1 bad-statement"},
      {"exit in an action", "action a() { exit; }", ""},
  });
}

TEST(Statements, SwitchesOfSection12_7) {
  expect_rules({
      {"values", "void f(in bit<8> x) { switch (x) { 1: {} 2: {} default: {} } }", ""},
      {"twice", "void f(in bit<8> x) { switch (x) { 1: {}\n1: {} } }", "2 bad-switch"},
      {"of the subject's type", "void f(in bit<8> x) { switch (x) { true: {} } }", "1 type-mismatch"},
      {"known", "void f(in bit<8> x, in bit<8> y) { switch (x) { y: {} } }", "1 not-constant"},
      {"of a struct", "struct S {}\nvoid f(in S x) { switch (x) { default: {} } }", "2 bad-switch"},
      {"default is the last", "void f(in bit<8> x) { switch (x) { default: {}\n1: {} } }", "1 bad-switch"},
  });
  const std::string head =
      "table t { actions = { a; NoAction; } default_action = NoAction; } apply { switch (t.apply().action_run) {";
  const std::string control = "control c(inout bit<8> z) { action a() { z = 1; } ";
  EXPECT_EQ(errors_of(with_core(control + head + " a: {} default: {} } } }")), "");
  EXPECT_EQ(errors_of(with_core(control + head + " b: {} } } }")), "2 bad-switch");
}

TEST(Statements, LoopsOfSection12_8) {
  expect_rules({
      {"for", "void f() { for (bit<8> i = 0; i < 8; i = i + 1) { if (i == 3) { break; } continue; } }", ""},
      {"the condition is bool", "void f() { for (bit<8> i = 0; i; i = i + 1) {} }", "1 type-mismatch"},
      {"over a range", "void f(inout bit<8> s) { for (bit<8> i in 8w1..8w5) { s = s + i; } }", ""},
      {"over a stack", "header H { bit<8> a; }\nvoid f(in H[3] s) { for (H h in s) { bit<8> x = h.a; } }", ""},
      {"over nothing that can be run through", "void f(in bit<8> x) { for (bit<8> i in x) {} }", "1 type-mismatch"},
      {"break outside", "void f() { break; }", "1 bad-statement"},
  });
}

TEST(Parsers, StatesOfSection13) {
  expect_rules({
      {"in any order", "parser p() { state start { transition b; } state b { transition accept; } }", ""},
      {"no start", "parser p() { state begin { transition accept; } }", "1 bad-state"},
      {"an unknown state", "parser p() { state start { transition acept; } }", "1 bad-state"},
      {"accept is built in", "parser p() { state start { transition accept; }\nstate accept { transition reject; } }",
       "2 bad-state"},
      {"states twice", "parser p() { state start { transition accept; }\nstate start { transition accept; } }",
       "2 duplicate-name"},
      {"no return", "parser p() { state start { return; } }", "1 bad-statement"},
      {"select",
       "parser p(in bit<8> x) { state start { transition select(x) { 1: accept; 2 &&& 3: accept; 4 .. 5: accept; _: "
       "reject; } } }",
       ""},
      {"of one type", "parser p(in bit<8> x) { state start { transition select(x) { true: accept; } } }",
       "1 type-mismatch"},
      {"several keys",
       "parser p(in bit<8> x, in bool y) { state start { transition select(x, y) { (1, true): accept; default: reject; "
       "} } }",
       ""},
      {"too few of them",
       "parser p(in bit<8> x, in bool y) { state start { transition select(x, y) {\n(1, true, 2): accept; } } }",
       "2 type-mismatch"},
      {"a value set",
       "parser p(in bit<8> x) { value_set<bit<8>>(4) s; state start { transition select(x) { s: accept; } } }", ""},
      {"of another type",
       "parser p(in bit<8> x) { value_set<bit<9>>(4) s; state start { transition select(x) { s: accept; } } }",
       "1 type-mismatch"},
  });
}

TEST(Parsers, BoundsAreKnown) {
  EXPECT_EQ(
      errors_of("parser p(in bit<8> x, in bit<8> y) { state start { transition select(x) {\n1 .. y: accept; } } }"),
      "2 not-constant");
}

TEST(Parsers, RecordsWhereStatesLead) {
  const auto checked = check_text(
      "parser p(in bool x) { state start { transition select(x) { true: b; false: reject; } } state b { } }");
  ASSERT_EQ(checked->errors(), "");
  const auto& start = checked->program.state_targets[checked->find("start")];
  ASSERT_EQ(start.size(), 2u);
  EXPECT_EQ(start[0].state, checked->find("b"));
  EXPECT_TRUE(start[1].is_reject);
  EXPECT_TRUE(checked->program.state_targets[checked->find("b")].at(0).is_reject) << "no transition means reject";
}

TEST(Parsers, PacketMethodsOfSection13_8) {
  const std::string core =
      "extern packet_in { void extract<T>(out T h); void extract<T>(out T h, in bit<32> n); T lookahead<T>(); } "
      "header H { bit<8> a; } header V { varbit<8> a; } header W { varbit<8> a; varbit<8> b; } struct S { bit<8> a; "
      "}\n";
  const auto in_state = [&](const std::string& statement) {
    return errors_of(core + "parser p(packet_in k, out H h, out V v, out W w, out S s, out H[2] hs) { state start { " +
                     statement + " transition accept; } }");
  };
  EXPECT_EQ(in_state("k.extract(h); k.extract(hs.next); k.extract(v, 8); bit<8> x = k.lookahead<bit<8>>();"), "");
  EXPECT_EQ(in_state("k.extract(s);"), "2 bad-argument");
  EXPECT_EQ(in_state("k.extract(hs);"), "2 bad-argument");
  EXPECT_EQ(in_state("k.extract(v);"), "2 bad-argument");
  EXPECT_EQ(in_state("k.extract(w, 8);"), "1 bad-field");
  EXPECT_EQ(in_state("v = k.lookahead<V>();"), "2 bad-type-argument");
}

TEST(Tables, KeysAndActionsOfSection14_2) {
  EXPECT_EQ(errors_of(table("table t { key = { x : exact; y : lpm; } actions = { a; NoAction; } }")), "");
  EXPECT_EQ(errors_of(table("table t { key = { x : exac; } actions = { a; } }")), "2 unknown-name");
  EXPECT_EQ(errors_of(table("table t { key = { x : exact; } }")), "2 bad-table");
  EXPECT_EQ(errors_of(table("table t { actions = { x; } }")), "2 bad-table");
  EXPECT_EQ(errors_of(table("table t { actions = { a; a; } }")), "2 duplicate-name");
  EXPECT_EQ(errors_of(table("table t { actions = { d; } }")), "2 bad-argument");
  EXPECT_EQ(errors_of(table("table t { actions = { d(z); } }")), "");
  EXPECT_EQ(errors_of(table("table t { actions = { a(1); } }")), "2 bad-table");
  EXPECT_EQ(errors_of(table("table t { actions = { a; } size = true; }")), "2 type-mismatch");
}

TEST(Tables, DefaultActionsOfSection14_2_1_3) {
  EXPECT_EQ(errors_of(table("table t { actions = { a; } default_action = a(5); }")), "");
  EXPECT_EQ(errors_of(table("table t { actions = { a; } default_action = a; }")), "2 bad-argument");
  EXPECT_EQ(errors_of(table("table t { actions = { a; } default_action = a(z); }")), "2 not-constant");
  EXPECT_EQ(errors_of(table("table t { actions = { a; } default_action = d(z); }")), "2 bad-table");
  EXPECT_EQ(errors_of(table("table t { actions = { d(z); } default_action = d(z); }")), "");
  EXPECT_EQ(errors_of("control c() { action a() {} table t { actions = { a; } } apply {} }"), "1 bad-table");
}

TEST(Tables, EntriesOfSection14_2_1_4) {
  const auto entries = [](const std::string& list) {
    return errors_of(
        table("table t { key = { x : exact; y : lpm; } actions = { a; @defaultonly NoAction; } entries = { " + list +
              " } }"));
  };
  EXPECT_EQ(entries("(1, 2): a(1); (2, 0xff00 &&& 0xff00): a(2); (3, _): a(3);"), "");
  EXPECT_EQ(entries("1: a(1);"), "2 type-mismatch");
  EXPECT_EQ(entries("(_, 2): a(1);"), "2 bad-table");
  EXPECT_EQ(entries("(1, 0 &&& 0x00ff): a(1);"), "2 bad-table");
  EXPECT_EQ(entries("(true, 2): a(1);"), "2 type-mismatch");
  EXPECT_EQ(entries("(z, 2): a(1);"), "2 not-constant");
  EXPECT_EQ(entries("(1, 2): d(z);"), "2 bad-table");
  EXPECT_EQ(entries("(1, 2): NoAction();"), "2 bad-table");
  EXPECT_EQ(errors_of(table("table t { actions = { a; } entries = { _ : a(1); } }")), "2 bad-table");
  EXPECT_EQ(entries("(1, 2): a(1); priority = 5: (2, 2): a(1);"), "2 bad-table");
  EXPECT_EQ(errors_of(table("table t { entries = { 1: a(1); } key = { x : exact; } actions = { a; } }")),
            "2 bad-table");
}

TEST(Tables, RecordsWhatTheElaboratorNeeds) {
  const auto checked = check_text(table(
      "table t { key = { x : exact; } actions = { d(z); a; } const default_action = a(5); entries = { 1: a(2); } }"));
  ASSERT_EQ(checked->errors(), "");
  const auto& info = checked->program.tables[checked->find("t")];
  EXPECT_EQ(info.key_match_kinds, std::vector<ast::DeclId>{checked->find("exact")});
  ASSERT_EQ(info.actions.size(), 2u);
  EXPECT_EQ(info.actions[0].argument_of_param, (std::vector<std::optional<std::size_t>>{0}));
  EXPECT_EQ(info.actions[1].argument_of_param, (std::vector<std::optional<std::size_t>>{std::nullopt}));
  ASSERT_TRUE(info.default_action);
  EXPECT_TRUE(info.default_action_is_const);
  EXPECT_EQ(info.default_action->action, checked->find("a"));
  ASSERT_EQ(info.entry_actions.size(), 1u);
}

TEST(Annotations, StructuredOnesOfSection20_3) {
  expect_rules({
      {"numbers, strings, bools", "@x[1, \"a\", true]\nconst bit<8> a = 1;", ""},
      {"no lists", "@x[a = {1, 2}]\nconst bit<8> a = 1;", "1 type-mismatch"},
      {"not with and without brackets", "@x(1)\n@x[2]\nconst bit<8> a = 1;", "2 duplicate-name"},
      {"keys once", "@x[a = 1, a = 2]\nconst bit<8> a = 1;", "1 duplicate-name"},
  });
}

TEST(Types, NoProgramIsEndless) {
  // Types and values that double with every line stay small, since they are shared or bounded.
  std::string types = "typedef tuple<bit<8>, bit<8>> T0;\n";
  std::string values = "const string s0 = \"abcdefgh\";\n";
  for (int i = 1; i < 60; ++i) {
    const std::string now = std::to_string(i), before = std::to_string(i - 1);
    types += "typedef tuple<T" + before + ", T" + before + "> T" + now + ";\n";
    values += "const string s" + now + " = s" + before + " ++ s" + before + ";\n";
  }
  EXPECT_EQ(errors_of(types + "void f(in T59 a, in T59 b) { bool x = a == b; bit<8> y = a; }"), "61 type-mismatch");
  EXPECT_EQ(errors_of(values), "15 bad-operand");
}

}  // namespace
}  // namespace p4bpf::check
