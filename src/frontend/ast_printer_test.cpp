// What the printer prints parses to the same Ast again: for a sample of every construct, and for the corpus where it is
// at hand.
#include "frontend/ast_printer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "frontend/ast_equal_test_support.h"
#include "frontend/parse.h"

namespace p4bpf {
namespace {

std::string errors_of(const Diagnostics& diagnostics) { return render_all(diagnostics, false); }

/// Parses, prints, parses what was printed; the two trees and the two prints must agree.
void expect_round_trip(const std::string& text) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast first = parse_text("first.p4", text, {}, sources, diagnostics);
  ASSERT_EQ(errors_of(diagnostics), "");
  const std::string printed = print_ast(first);
  Diagnostics again(sources);
  const ast::Ast second = parse_text("printed.p4", printed, {}, sources, again);
  ASSERT_EQ(errors_of(again), "") << printed;
  EXPECT_TRUE(testing_support::AstComparison(first, second).run()) << printed;
  EXPECT_EQ(print_ast(second), printed);
}

std::string in_control(const std::string& statements) { return "control c() { apply {" + statements + "} }"; }
std::string in_const(const std::string& expression) { return "const bit<8> x = " + expression + ";"; }

TEST(AstEqualTest, SeesEveryDifference) {
  const auto same = [](const std::string& left, const std::string& right) {
    SourceMap sources;
    Diagnostics diagnostics(sources);
    const ast::Ast a = parse_text("a.p4", left, {}, sources, diagnostics);
    const ast::Ast b = parse_text("b.p4", right, {}, sources, diagnostics);
    return testing_support::AstComparison(a, b).run();
  };
  EXPECT_TRUE(same("const bit<8> x = 1;", "const  bit<8>\nx = 0x1;"));
  EXPECT_FALSE(same("const bit<8> x = 1;", "const bit<8> x = 8w1;"));
  EXPECT_FALSE(same("control c() { table t { const entries = { } } apply {} }",
                    "control c() { table t { entries = { } } apply {} }"));
  EXPECT_FALSE(same("@a const bit<8> x = 1;", "@a() const bit<8> x = 1;"));
  EXPECT_FALSE(same("control c(in bit<8> x);", "control c(out bit<8> x);"));
}

TEST(AstPrinterTest, Types) {
  for (const char* type : {"bool", "error", "string", "match_kind", "int", "bit", "bit<8>", "int<8>", "varbit<320>",
                           "bit<(W + 1)>", "bit<W>", "T", ".T", "T<bit<8>, _, void>", "T[4]", "T<bool>[N - 1]",
                           "tuple<bit<8>, tuple<bool>>", "tuple<>", "list<tuple<bit<8>>>"}) {
    expect_round_trip("const " + std::string(type) + " x = 1;");
  }
}

TEST(AstPrinterTest, Expressions) {
  for (const char* expression : {"1",
                                 "8w0xff",
                                 "4s7",
                                 "1_000",
                                 "0b1010",
                                 "0o17",
                                 "-1",
                                 "- -1",
                                 "+ +1",
                                 "!a",
                                 "~a",
                                 "true",
                                 "\"a\\n\\\"\\\\\"",
                                 "a.b.c",
                                 ".a",
                                 "a[1]",
                                 "a[7:0]",
                                 "a[i +: 8]",
                                 "a[(i + 1) +: 8]",
                                 "a + b * c",
                                 "(a + b) * c",
                                 "a - (b - c)",
                                 "a - b - c",
                                 "a << b >> c",
                                 "a >> (b >> c)",
                                 "a ++ b ++ c",
                                 "a |+| b |-| c",
                                 "a & b | c ^ d",
                                 "(a | b) & c",
                                 "a && b || c == d != e",
                                 "a < b",
                                 "(a < b) > (c)",
                                 "a <= b",
                                 "a >= b",
                                 "f(a < b, c > (d))",
                                 "f((a < b), c)",
                                 "{a < b, c > (d)}",
                                 "a ? b : c",
                                 "a ? b : c ? d : e",
                                 "(a ? b : c) ? d : e",
                                 "(bit<8>) a + b",
                                 "(bit<8>) (a + b)",
                                 "(T) {a, b}",
                                 "(T) a.b",
                                 "-a.b",
                                 "(-a).b",
                                 "f()",
                                 "f<bit<8>>(a)",
                                 "a.f<T, _>(x = 1, y = _)",
                                 "{}",
                                 "{a}",
                                 "{a, b,}",
                                 "{...}",
                                 "{a, ...}",
                                 "{x = 1, y = 2}",
                                 "{x = 1, ...}",
                                 "{#}",
                                 "...",
                                 "error.NoMatch",
                                 "E<bit<8>>.A",
                                 "this.f()",
                                 "key + apply + list",
                                 "a / b % c",
                                 "a < b && c > d"}) {
    expect_round_trip(in_const(expression));
  }
  expect_round_trip("typedef bit<8> T; const T x = (T) - (T)(1) + (T)(T) ~y;");
  expect_round_trip("extern E<T> { E(T x); } const bit<8> x = E<bit<8>>(1);");
}

TEST(AstPrinterTest, Statements) {
  for (const char* statement :
       {"a = 1;",
        "a[3:0] = b;",
        "a.b *= 1; a /= 1; a %= 1; a += 1; a -= 1; a |+|= 1; a |-|= 1; a <<= 1; a >>= 1; a &= 1; a |= 1; a ^= 1;",
        "f(x);",
        "t.apply();",
        "C.apply(a);",
        "C<bit<8>>.apply(a);",
        "f<bool>(x);",
        ";",
        "return;",
        "return a;",
        "exit;",
        "{ a = 1; { } }",
        "@x @y(1) { }",
        "if (a) b = 1;",
        "if (a) b = 1; else if (c) { d = 1; } else e = 1;",
        "bit<8> x;",
        "T x = 1;",
        "@x T y;",
        "const T z = 1;",
        "T[3] s;",
        "T<bool> u;",
        "E(1) inst;",
        "E<bit<8>>() inst[256];",
        "switch (t.apply().action_run) { a: b: { } default: { x = 1; } }",
        "switch (x) { 8w1: { } (T) 2: { } E.A: @x { } }",
        "for (bit<8> i = 0, j = 1; i < 10; i = i + 1, f(i)) { break; }",
        "for (;c;) continue;",
        "for (bit<8> i in 1 .. 10) x = i;",
        "@unroll for (@x T v in hdr.stack) { }",
        "for (i in {1, 2}) { }"}) {
    expect_round_trip(in_control(statement));
  }
}

TEST(AstPrinterTest, Annotations) {
  expect_round_trip(
      "@a @b() @c(1, x ( ) \"s\\\"\" $ # ; { @ ) @d[] @e[1, a + b] @f[x = 1, y = \"s\"] const bit<8> x = 1;");
  expect_round_trip("@pragma name \"a\nb\" 1 +\n@pragma other\nconst bit<8> x = 1;");
  expect_round_trip("control c() { apply\n@pragma x 1\n{\n@pragma y\n{ } } }\nstruct S { @a\n @pragma p\n bit<8> f; }");
}

TEST(AstPrinterTest, Declarations) {
  for (const char* declaration : {"struct S { bit<8> a; @x T b; }",
                                  "header H<T> { T x; varbit<8> v; }",
                                  "header_union U { A a; B b; }",
                                  "enum E { A, B, }",
                                  "enum bit<8> E { A = 1, @x B = 2 }",
                                  "error { A, B }",
                                  "match_kind { exact, lpm, }",
                                  "typedef bit<8> T;",
                                  "type bit<8> T;",
                                  "@x typedef @y struct S { bit<8> a; } T;",
                                  "typedef enum E { A } F;",
                                  "extern void f<T>(in T x, out bit<8> y, inout bool z = true);",
                                  "extern E<T> { E(bit<8> n); T f(); abstract void g(in T x); void h<U>(U u); }",
                                  "extern Foo<bit<8>> f();",
                                  "bit<8> f(in bit<8> x) { return x + 1; }",
                                  "T f<T>(in T x) { return x; }",
                                  "parser P<H>(packet_in p, out H h);",
                                  "control C<H>(inout H h);",
                                  "package Q<H>(P<H> p, @optional C<H> c = x);",
                                  "Q(P(), C()) main;",
                                  "E(1) e = { bit<8> f(in bit<8> x) { return x; } G() g; };",
                                  "action a(in bit<8> x, bit<8> y) { z = x; }",
                                  "const tuple<bit<8>> t = {1};",
                                  ";;",
                                  "control C(in bit<8> type, in bit<8> key)(bit<8> n) { apply { } }"}) {
    expect_round_trip(declaration);
  }
}

TEST(AstPrinterTest, Parsers) {
  expect_round_trip(R"(
parser P(packet_in p, out H h)(bit<8> n) {
  bit<8> x = 1; const bit<8> y = 2; E() e;
  value_set<bit<8>>(4) vs; value_set<tuple<bit<8>, bit<8>>>(n) ws;
  state start { p.extract(h.a); x = 2; bit<8> z; { } if (x == 1) x = 3; transition select(x, y) {
    (1, 2): a; (1 &&& 2, 3 .. 4): b; (_, default): c; default: accept; _: reject; vs: a; 1 &&& 2: a; (3 .. 4): a; {1, 2}: a; (x) + 1: a;
  } }
  @n state a { transition accept; }
  state b { }
  state c { transition select({x}) { } }
})");
}

TEST(AstPrinterTest, Tables) {
  expect_round_trip(R"(
control c() {
  action a(bit<8> x) { }
  table empty { }
  @hidden table t {
    key = { h.x: exact @name("x"); h.y & 1: lpm; }
    actions = { a; @defaultonly .b; a(1); }
    const default_action = a(1);
    size = 100;
    @x implementation = hash_table(10);
    @y const entries = { (1, 2): a(1) @z; const priority = 3: 1 &&& 2: a; priority = (x + 1): _: b; ((1) ? 2 : 3): a; }
  }
  apply { t.apply(); }
})");
}

TEST(AstPrinterTest, ExpressionsAndTypesAlone) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast ast = parse_text("x.p4", "const T<bit<8>>[3] x = a.b[3:0] + 8w255;", {}, sources, diagnostics);
  const auto& decl = std::get<ast::ConstDecl>(ast[ast.program[0]].node);
  EXPECT_EQ(print_type(ast, decl.type), "T<bit<8>>[3]");
  EXPECT_EQ(print_expr(ast, decl.value), "a.b[3:0] + 8w255");
}

/// The public corpus, if it lies beside the repository or P4BPF_CORPUS names it.
TEST(AstPrinterTest, CorpusRoundTrips) {
  const char* const named = std::getenv("P4BPF_CORPUS");
  const std::filesystem::path corpus =
      named != nullptr ? std::filesystem::path(named) : std::filesystem::path(P4BPF_SOURCE_DIR) / "../shared/corpus/p4";
  if (!std::filesystem::is_directory(corpus / "p4_16_samples")) GTEST_SKIP() << "no corpus at hand";
  std::size_t programs = 0;
  for (const auto& file : std::filesystem::directory_iterator(corpus / "p4_16_samples")) {
    if (file.path().extension() != ".p4") continue;
    SourceMap sources;
    Diagnostics diagnostics(sources);
    const Result<ast::Ast> first = parse_file(file.path().string(), {}, sources, diagnostics);
    ASSERT_TRUE(first) << file.path();
    // An architecture may not be there yet; the rest of its programs must parse all the same.
    const auto is_other = [](const Diagnostic& made) { return made.kind != DiagnosticKind::kFileNotFound; };
    EXPECT_TRUE(std::none_of(diagnostics.all().begin(), diagnostics.all().end(), is_other)) << errors_of(diagnostics);
    Diagnostics again(sources);
    const std::string printed = print_ast(*first);
    const ast::Ast second = parse_text("printed.p4", printed, {}, sources, again);
    EXPECT_EQ(errors_of(again), "") << file.path();
    EXPECT_TRUE(testing_support::AstComparison(*first, second).run()) << file.path();
    ++programs;
  }
  EXPECT_GT(programs, 700u);
}

}  // namespace
}  // namespace p4bpf
