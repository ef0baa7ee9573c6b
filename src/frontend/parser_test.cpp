// The parser accepts each construct of the grammar and rejects broken ones at the right place.
#include <gtest/gtest.h>

#include "frontend/parse.h"

namespace p4bpf {
namespace {

struct Parsed {
  SourceMap sources;
  Diagnostics diagnostics{sources};
  ast::Ast ast;
};

std::unique_ptr<Parsed> parse(std::string text) {
  auto parsed = std::make_unique<Parsed>();
  parsed->ast = parse_text("test.p4", std::move(text), {}, parsed->sources, parsed->diagnostics);
  return parsed;
}

/// "line:column kind" of each diagnostic, joined by "; ".
std::string problems(std::string text) {
  const auto parsed = parse(std::move(text));
  std::string out;
  for (const Diagnostic& diagnostic : parsed->diagnostics.all()) {
    const Position at = parsed->sources.position(diagnostic.span.begin);
    out += (out.empty() ? "" : "; ") + std::to_string(at.line) + ":" + std::to_string(at.column) + " ";
    out += kind_name(diagnostic.kind);
  }
  return out;
}

std::string in_control(const std::string& statements) { return "control c() { apply {\n" + statements + "\n} }"; }

TEST(ParserTest, AcceptsBothOrdersOfIncludes) {
  EXPECT_EQ(problems("#include <core.p4>\n#include <xdp_model.p4>\n"), "");
  EXPECT_EQ(problems("#include <xdp_model.p4>\n#include <core.p4>\n#include <ebpf_model.p4>\n"), "");
}

TEST(ParserTest, TellsGenericCallsFromComparisons) {
  const auto parsed = parse("const bool a = b < c; const bool d = f<bit<8>, T>(x) >> 1 == e;");
  ASSERT_EQ(parsed->diagnostics.error_count(), 0u);
  const auto value = [&](std::size_t i) {
    return parsed->ast[std::get<ast::ConstDecl>(parsed->ast[parsed->ast.program[i]].node).value];
  };
  EXPECT_EQ(std::get<ast::Binary>(value(0).node).op, ast::BinaryOp::kLt);
  const ast::Binary equal = std::get<ast::Binary>(value(1).node);
  const ast::Binary shift = std::get<ast::Binary>(parsed->ast[equal.left].node);
  EXPECT_EQ(shift.op, ast::BinaryOp::kShr);
  EXPECT_EQ(std::get<ast::Call>(parsed->ast[shift.left].node).type_arguments.size(), 2u);
}

TEST(ParserTest, KnowsCastsByDeclaredTypes) {
  const auto parsed =
      parse("typedef bit<8> T; const bit<8> n = 1; const bit<8> a = (T) - n; const bit<8> b = (n) - n;");
  ASSERT_EQ(parsed->diagnostics.error_count(), 0u);
  const auto value = [&](std::size_t i) {
    return parsed->ast[std::get<ast::ConstDecl>(parsed->ast[parsed->ast.program[i]].node).value];
  };
  EXPECT_TRUE(std::holds_alternative<ast::Cast>(value(2).node));
  EXPECT_TRUE(std::holds_alternative<ast::Binary>(value(3).node));
}

TEST(ParserTest, ReportsSeveralIndependentErrorsOnce) {
  EXPECT_EQ(problems(in_control("x = ;\ny = 1;\nf(;\nif (a) { z = = 2; }")), "2:5 syntax; 4:3 syntax; 5:14 syntax");
  EXPECT_EQ(problems("struct S { bit<8> ; bit<9> b; }\nheader H { bit<> x; }\nconst bit<8> k = 1 +;\n"),
            "1:19 syntax; 2:16 syntax; 3:21 syntax");
  EXPECT_EQ(problems(in_control("x = 1;") + "\n}\ncontrol d() { apply { y 1; } }"), "4:1 syntax; 5:25 syntax");
}

TEST(ParserTest, GoesOnBehindWhatFollowsApply) {
  EXPECT_EQ(problems("control c() { apply { } action a() { } table t { } }\nconst bit<8> x = ;"),
            "1:25 syntax; 1:40 syntax; 2:18 syntax");
  EXPECT_EQ(problems("control c() { apply { } @x action a() { } }"), "1:28 syntax");
}

TEST(ParserTest, SaysWhichBraceIsOpen) {
  const auto parsed = parse("control c() { apply { if (a) { x = 1; }\ncontrol d() { apply {} }\n");
  ASSERT_EQ(parsed->diagnostics.error_count(), 1u);
  const Diagnostic& first = parsed->diagnostics.all()[0];
  EXPECT_EQ(first.message, "found keyword 'control', expected '}'");
  ASSERT_EQ(first.notes.size(), 1u);
  EXPECT_EQ(parsed->sources.position(first.notes[0].span.begin).column, 21u);
}

TEST(ParserTest, SkipsMisplacedDeclarationsWhereBracesMatch) {
  EXPECT_EQ(
      problems("control c() { struct T { bit<8> y; } bit<8> v = 1; apply { table t { } v = ; } }\nconst bit<8> k = ;"),
      "1:15 syntax; 1:60 syntax; 1:76 syntax; 2:18 syntax");
  EXPECT_EQ(problems("control c() { apply { x = 1; }\nstruct T { bit<8> y; }\ncontrol d() { apply { } }"),
            "2:1 syntax");
}

/// The notes of the only diagnostic, each with the column it points to, 0 for none.
std::vector<std::string> notes_of(std::string text) {
  const auto parsed = parse(std::move(text));
  EXPECT_EQ(parsed->diagnostics.all().size(), 1u);
  std::vector<std::string> found;
  for (const Note& note : parsed->diagnostics.all().at(0).notes) {
    const bool is_placed = note.span.begin.offset != 0;
    const std::uint32_t column = is_placed ? parsed->sources.position(note.span.begin).column : 0;
    found.push_back(std::to_string(column) + " " + note.message);
  }
  return found;
}

TEST(ParserTest, SuggestsKeywords) {
  using Notes = std::vector<std::string>;
  EXPECT_EQ(notes_of("cosnt bit<8> k = 1;"), Notes{"0 did you mean 'const'?"});
  EXPECT_EQ(notes_of("contrl c() { apply { } }"), Notes{"1 perhaps 'control' is meant here"});
  EXPECT_EQ(notes_of("struct S { bitt<8> x; }"), Notes{"12 perhaps 'bit' is meant here"});
  // Names that are declared, members, and short names are what they seem.
  EXPECT_EQ(notes_of(in_control("bit<8> tabel = 1; tabel 1;")), Notes{});
  EXPECT_EQ(notes_of(in_control("hdr.tabel = ;")), Notes{});
  EXPECT_EQ(notes_of(in_control("fi = ;")), Notes{});
}

TEST(ParserTest, SaysWhereASemicolonIsMissing) {
  EXPECT_EQ(notes_of(in_control("x = 1\ny = 2;")), std::vector<std::string>{"5 it is missing behind this"});
  EXPECT_EQ(notes_of(in_control("x = 1 y = 2;")), std::vector<std::string>{});
}

TEST(ParserTest, LimitsDepthInsteadOfRunningOutOfStack) {
  const std::size_t n = 100'000;
  std::string chain = "const int a = 1";
  for (std::size_t i = 0; i < n; ++i) chain += "+1";
  EXPECT_EQ(problems("const int a = " + std::string(n, '(') + "1;"), "1:515 too-deep");
  EXPECT_EQ(problems(chain + ";").substr(7), "too-deep");
  EXPECT_NE(problems(in_control(std::string(n, '{'))).find("too-deep"), std::string::npos);
  EXPECT_NE(problems("const int a = " + std::string(n, '-') + "1;").find("too-deep"), std::string::npos);
}

}  // namespace
}  // namespace p4bpf
