// Calls, overloads, inference of type arguments, instances (sections 6.8, 8.20, 11.3).
#include "frontend/types/test_support.h"

namespace p4bpf::check {
namespace {

TEST(Calls, DirectionsOfSection6_8) {
  expect_rules({
      {"in takes a value", "void g(in bit<8> a) {}\nvoid f() { g(1); }", ""},
      {"out takes a place", "void g(out bit<8> a) { a = 1; }\nvoid f() { g(1); }", "2 not-an-lvalue"},
      {"of exactly the type", "void g(out bit<8> a) { a = 1; }\nvoid f() { bit<16> x; g(x); }", "2 type-mismatch"},
      {"_ throws an out away", "void g(out bit<8> a) { a = 1; }\nvoid f() { g(_); }", ""},
      {"an in parameter stays", "void g(in bit<8> a) { a = 1; }", "1 not-an-lvalue"},
      {"int has no direction", "void g(in int a) {}", "1 bad-declaration"},
      {"a call is no statement of a value", "bit<8> g() { return 1; }\nvoid f() { g(); }", ""},
  });
}

TEST(Calls, ArgumentsOfSection6_8_1) {
  expect_rules({
      {"by name", "void g(in bit<8> a, in bool b) {}\nvoid f() { g(b = true, a = 1); }", ""},
      {"all or none", "void g(in bit<8> a, in bool b) {}\nvoid f() { g(1, b = true); }", "2 bad-argument"},
      {"an unknown name", "void g(in bit<8> a) {}\nvoid f() { g(x = 1); }", "2 bad-argument"},
      {"too many", "void g(in bit<8> a) {}\nvoid f() { g(1, 2); }", "2 bad-argument"},
      {"too few", "void g(in bit<8> a) {}\nvoid f() { g(); }", "2 bad-argument"},
      {"a default value", "void g(in bit<8> a = 5) {}\nvoid f() { g(); }", ""},
      {"out has no default value", "void g(out bit<8> a = 5) { a = 1; }", "1 bad-declaration"},
      {"optional", "extern void g(@optional in bit<8> a);\nvoid f() { g(); }", ""},
  });
}

TEST(Calls, OverloadsOfSection8_20) {
  expect_rules({
      {"by number", "extern void g();\nextern void g(in bit<8> a);\nvoid f() { g(); g(1); }", ""},
      {"by name", "extern void g(in bit<8> a);\nextern void g(in bit<8> b);\nvoid f() { g(b = 1); }", ""},
      {"ambiguous", "extern void g(in bit<8> a);\nextern void g(in bit<8> b);\nvoid f() { g(1); }", "3 bad-call"},
      {"the same twice", "extern void g(in bit<8> a);\nextern void g(in bit<16> a);", "2 duplicate-name"},
  });
}

TEST(Calls, InferenceOfSection8_20) {
  expect_rules({
      {"from an argument", "extern T g<T>(in T a);\nbit<8> f(in bit<8> x) { return g(x); }", ""},
      {"from two", "extern T g<T>(in T a, in T b);\nbit<8> f(in bit<8> x) { return g(1, x); }", ""},
      {"they must agree", "extern T g<T>(in T a, in T b);\nbit<8> f(in bit<8> x, in bool y) { return g(x, y); }",
       "2 type-mismatch"},
      {"a width is needed", "extern void g<T>(in T a);\nvoid f() { g(5); }", "2 bad-type-argument"},
      {"written", "extern void g<T>(in T a);\nvoid f() { g<bit<8>>(5); }", ""},
      {"the wrong number of them", "extern void g<T>(in T a);\nvoid f() { g<bit<8>, bool>(5); }",
       "2 bad-type-argument"},
      {"from what is wanted", "extern T g<T>();\nbit<8> f() { bit<8> x = g(); return x; }", ""},
      {"from nothing", "extern T g<T>();\nvoid f() { g(); }", "2 bad-type-argument"},
      {"a mistaken argument is reported once", "extern void g<T>(in T a);\nvoid f() { g(x); }", "2 unknown-name"},
  });
}

TEST(Calls, NoRecursionOfAnyKind) {
  expect_rules({
      {"functions", "bit<8> f() { return f(); }", "1 recursion"},
      {"controls", "control c() { c() x; apply {} }", "1 recursion"},
      {"structs", "struct S { S s; }", "1 recursion"},
      {"actions", "control c() { action a() { a(); } apply {} }", "1 recursion"},
  });
}

TEST(Calls, PlacesOfAppendixF) {
  expect_rules({
      {"a table in an action",
       "action NoAction() {}\ncontrol c() { table t { actions = { NoAction; } }\naction a() { t.apply(); } apply { "
       "a(); } }",
       "3 bad-call"},
      {"a control in a parser",
       "control c() { apply {} }\nparser p() { state start { c.apply(); transition accept; } }", "2 bad-call"},
      {"a parser in a control",
       "parser p() { state start { transition accept; } }\ncontrol c() { apply { p.apply(); } }", "2 bad-call"},
      {"directly applied", "control d(in bit<8> x) { apply {} }\ncontrol c() { apply { d.apply(1); } }", ""},
      {"not with constructor parameters", "control d()(bit<8> x) { apply {} }\ncontrol c() { apply { d.apply(); } }",
       "2 bad-call"},
      {"an action in a function", "action a() {}\nvoid f() { a(); }", "2 bad-call"},
      {"an instance among statements", "extern E { E(); }\ncontrol c() { apply { E() e; } }", "2 bad-declaration"},
      {"a control at the top level", "control d() { apply {} }\nd() x;", "2 bad-declaration"},
  });
}

TEST(Calls, ConstructorsOfSection11_3) {
  expect_rules({
      {"by number of arguments", "extern E { E(); E(bit<8> n); }\nE() a;\nE(5) b;", ""},
      {"none fits", "extern E { E(); E(bit<8> n); }\nE(1, 2) a;", "2 bad-call"},
      {"arguments are known", "extern E { E(bit<8> n); }\ncontrol c(in bit<8> x) { E(x) e; apply {} }",
       "2 not-constant"},
      {"constructor parameters are known", "extern E { E(bit<8> n); }\ncontrol c()(bit<8> x) { E(x) e; apply {} }", ""},
      {"type arguments are inferred", "extern E<T> { E(T n); T get(); }\nE(8w5) e;", ""},
      {"or written", "extern E<T> { E(); T get(); }\nE<bit<8>>() e;\nE() x;", "3 bad-type-argument"},
      {"a struct is none", "struct S {}\nS() s;", "2 bad-declaration"},
      {"blocks of a package",
       "control C<T>(in T x);\npackage P<T>(C<T> c);\ncontrol c(in bit<8> x) { apply {} }\nP(c()) main;", ""},
      {"that do not fit",
       "control C<T>(in T x);\npackage P<T>(C<T> c);\ncontrol c(out bit<8> x) { apply { x = 1; } }\nP(c()) main;",
       "2 type-mismatch"},
      {"main is a package", "extern E { E(); }\nE() main;", "2 bad-declaration"},
  });
}

TEST(Calls, AbstractMethodsOfSection11_3_1) {
  const char* written =
      "extern E { E(); abstract bit<8> f(in bit<8> x); }\nE() e = { bit<8> f(in bit<8> x) { return x; } };";
  const char* missing = "extern E { E(); abstract bit<8> f(in bit<8> x); }\nE() e;";
  const char* different =
      "extern E { E(); abstract bit<8> f(in bit<8> x); }\nE() e = { bit<8> f(in bit<9> x) { return 1; } };";
  const char* unknown =
      "extern E { E(); @optional abstract void f(); }\nE() e = {\nbit<8> g(in bit<9> x) { return 1; } };";
  const char* none = "extern E { E(); }\nE() e = {\nbit<8> f(in bit<9> x) { return 1; } };";
  const char* ill = "extern E { E(); }\nE() e = {\nvoid f(in int x) {} };";
  expect_rules({{"written", written, ""},
                {"missing", missing, "2 bad-declaration"},
                {"different", different, "2 bad-declaration"},
                {"unknown", unknown, "3 bad-declaration"},
                {"none to write", none, "2 bad-declaration"},
                {"wrong in itself", ill, "3 bad-declaration"}});
}

TEST(Calls, StaticAssert) {
  const std::string declared = "extern bool static_assert(bool check, string message);\n";
  EXPECT_EQ(check_text(declared + "const bool a = static_assert(8 == 8, \"fine\");")->errors(), "");
  EXPECT_EQ(check_text(declared + "const bool a = static_assert(8 == 9, \"never\");")->errors(), "2 static-assert");
}

TEST(Calls, RecordsWhichArgumentIsWhich) {
  const auto checked =
      check_text("extern void g(in bit<8> a, in bool b, @optional in bool c);\nvoid f() { g(b = true, a = 1); }");
  ASSERT_EQ(checked->errors(), "");
  for (std::size_t i = 0; i < checked->ast.exprs.size(); ++i) {
    const CallInfo& call = checked->program.call_of[ast::ExprId(i)];
    if (call.kind == CallInfo::Kind::kNone) continue;
    EXPECT_EQ(call.kind, CallInfo::Kind::kFunction);
    EXPECT_EQ(call.callee, checked->find("g"));
    EXPECT_EQ(call.argument_of_param, (std::vector<std::optional<std::size_t>>{1, 0, std::nullopt}));
    return;
  }
  FAIL() << "no call was recorded";
}

}  // namespace
}  // namespace p4bpf::check
