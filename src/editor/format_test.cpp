// What the formatter promises: the same tokens, comments and `#` lines; formatting twice is formatting once; the style.
#include "editor/format.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "editor/format_test_support.h"
#include "frontend/ast_equal_test_support.h"
#include "frontend/parse.h"

namespace p4bpf::editor {
namespace {

std::string formatted(const std::string& text, std::size_t width = 100) {
  SourceMap sources;
  const Loc begin = sources.add_file("test.p4", text);
  Diagnostics diagnostics(sources);
  return format(begin, {width, 4}, diagnostics).value_or("refused: " + render_all(diagnostics, false));
}

/// `after` is what `before` becomes, and what it stays.
void expect_format(const std::string& before, const std::string& after, std::size_t width = 100) {
  EXPECT_EQ(formatted(before, width), after);
  EXPECT_EQ(formatted(after, width), after);
  EXPECT_EQ(broken_promise(before, {width, 4}), "");
}

TEST(Format, Declarations) {
  expect_format("header H{bit<8>a;}struct S{}\nenum E{A,B}\nenum F\n{A,\nB}",
                "header H {\n    bit<8> a;\n}\nstruct S {}\nenum E { A, B }\nenum F {\n    A,\n    B\n}\n");
  expect_format("header H {\n  bit<8>   a;\n  bit<16> b;\n}", "header H {\n    bit<8>  a;\n    bit<16> b;\n}\n");
}

TEST(Format, AngleBracketsAndComparisons) {
  expect_format("const bool x=a<b;", "const bool x = a < b;\n");
  expect_format("const tuple < bit < 8 > , list<bit<(2+3)>> > x=f < bit<8> >(1)>>2;",
                "const tuple<bit<8>, list<bit<(2 + 3)>>> x = f<bit<8>>(1) >> 2;\n");
  expect_format("control c(){apply{if(f(a<b,c>d)){x=(bit<8>) -y - -z;}}}",
                "control c() {\n    apply {\n        if (f(a < b, c > d)) {\n            x = (bit<8>)-y - -z;\n        "
                "}\n    }\n}\n");
}

TEST(Format, StatementsWithoutBraces) {
  expect_format("action a(){if(x)if(y)f();else g();else h();k();}",
                "action a() {\n    if (x)\n        if (y)\n            f();\n        else\n            g();\n"
                "    else\n        h();\n    k();\n}\n");
}

TEST(Format, CommentsKeepTheirPlaces) {
  expect_format("a x; /* c */ // d\n\n\n\nb y;\n// e\n", "a x; /* c */  // d\n\nb y;\n// e\n");
  expect_format("control c(/* one */in bit<8>a, // two\n  in bit<8>b){}",
                "control c(/* one */ in bit<8> a,  // two\n          in bit<8> b) {}\n");
  expect_format("control c() {apply{ /* nothing */ }}", "control c() {\n    apply { /* nothing */\n    }\n}\n");
}

TEST(Format, PreprocessorLinesStay) {
  expect_format("#define A(x) \\\n   x  +  1\n  #if  0\n don't \"\n#else\nconst bit<8>x=1\n#endif\n+2;",
                "#define A(x) \\\n   x  +  1\n  #if  0\n don't \"\n#else\nconst bit<8> x = 1\n#endif\n    + 2;\n");
  expect_format("#ifdef A\ncontrol c(){\n#else\ncontrol d(){\n#endif\napply{}}",
                "#ifdef A\ncontrol c() {\n#else\ncontrol d() {\n#endif\n    apply {}\n}\n");
}

TEST(Format, LongListsHaveOneElementALine) {
  expect_format("parser P(packet_in packet, out Headers headers);",
                "parser P(packet_in packet,\n         out Headers headers);\n", 40);
  expect_format("package P<H>(Parser<H, M> a, Control<H, M> b);",
                "package P<H>(Parser<H, M> a,\n             Control<H, M> b);\n", 40);
}

TEST(Format, ExamplesAndArchitecturesAreFormatted) {
  for (const auto& entry : std::filesystem::directory_iterator(P4BPF_SOURCE_DIR "/examples")) {
    if (entry.path().extension() != ".p4") continue;
    const std::string text = read_file(entry.path().string()).value();
    EXPECT_EQ(formatted(text, FormatOptions{}.width), text) << "p4bpf fmt -i " << entry.path();
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(P4BPF_SOURCE_DIR "/p4include")) {
    if (entry.path().extension() != ".p4") continue;
    const std::string text = read_file(entry.path().string()).value();
    EXPECT_EQ(formatted(text, FormatOptions{}.width), text) << "p4bpf fmt -i " << entry.path();
  }
}

TEST(Format, WhatIsNoStructureIsRefused) {
  for (const char* const text :
       {"control c() {", "}", "const x = (1];", "/* no end", "const x = \"no end", "#if A\n", "#endif\n"}) {
    EXPECT_EQ(formatted(text).substr(0, 8), "refused:") << text;
    EXPECT_NE(formatted(text), "refused: ") << text;
  }
}

/// Whether the formatted text has the Ast of the text; what cannot be parsed is not asked.
bool keeps_its_tree(const std::string& path, const std::string& text) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast before = parse_text(path, text, {}, sources, diagnostics);
  if (diagnostics.has_errors()) return true;
  const ast::Ast after = parse_text(path, formatted(text, 40), {}, sources, diagnostics);
  return !diagnostics.has_errors() && testing_support::AstComparison(before, after).run();
}

/// The public corpus, if it lies beside the repository or P4BPF_CORPUS names it. That the printed Ast is the same is
/// asked in AstPrinterTest; equal tokens make an equal Ast, and to parse all again takes long.
TEST(Format, KeepsItsPromisesOnTheCorpus) {
  const char* const named = std::getenv("P4BPF_CORPUS");
  const std::filesystem::path corpus =
      named != nullptr ? std::filesystem::path(named) : std::filesystem::path(P4BPF_SOURCE_DIR) / "../shared/corpus/p4";
  if (!std::filesystem::is_directory(corpus / "p4_16_samples")) GTEST_SKIP() << "no corpus at hand";
  for (const auto& file : std::filesystem::directory_iterator(corpus / "p4_16_samples")) {
    if (file.path().extension() != ".p4") continue;
    EXPECT_EQ(broken_promise(read_file(file.path().string()).value(), {}), "") << file.path();
  }
}

TEST(Format, KeepsItsPromisesOnTheProgramsOfTheRepository) {
  std::size_t programs = 0;
  for (const char* const folder : {"examples", "p4include", "tests"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::string(P4BPF_SOURCE_DIR "/") + folder)) {
      if (entry.path().extension() != ".p4") continue;
      const std::string text = read_file(entry.path().string()).value();
      // Narrow, so that much is folded.
      EXPECT_EQ(broken_promise(text, {40, 4}), "") << entry.path();
      EXPECT_EQ(broken_promise(text, {100, 4}), "") << entry.path();
      EXPECT_TRUE(keeps_its_tree(entry.path().string(), text)) << entry.path();
      ++programs;
    }
  }
  EXPECT_GT(programs, 100U);
}

}  // namespace
}  // namespace p4bpf::editor
