// The preprocessor expands as C does, keeps places, finds files, and answers every mistake with a diagnostic.
#include "frontend/preprocessor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "frontend/literals.h"

namespace p4bpf {
namespace {

struct Preprocessed {
  SourceMap sources;
  Diagnostics diagnostics{sources};
  TokenStream stream;
  /// The tokens, one space between.
  std::string text() const {
    std::string out;
    for (const Token& token : stream.tokens) {
      if (token.kind != TokenKind::kEnd) out += (out.empty() ? "" : " ") + std::string(token.text);
    }
    return out;
  }
  /// "line:column kind" of each diagnostic.
  std::string problems() const {
    std::string out;
    for (const Diagnostic& made : diagnostics.all()) {
      const Position at = sources.position(made.span.begin);
      out += (out.empty() ? "" : "; ") + std::to_string(at.line) + ":" + std::to_string(at.column) + " ";
      out += kind_name(made.kind);
    }
    return out;
  }
};

std::unique_ptr<Preprocessed> preprocess(std::string text, const SourceOptions& options = {}) {
  auto made = std::make_unique<Preprocessed>();
  made->stream = preprocess_text("test.p4", std::move(text), options, made->sources, made->diagnostics);
  return made;
}

std::string expanded(std::string text, const SourceOptions& options = {}) {
  const auto made = preprocess(std::move(text), options);
  return made->diagnostics.all().empty() ? made->text() : render_all(made->diagnostics, false);
}

std::string problems(std::string text) { return preprocess(std::move(text))->problems(); }

TEST(LexerTest, SplitsTokens) {
  EXPECT_EQ(expanded("a&&&b|+|=c ...d..e {#}>>= >> 8w0xF_f \"x\\\"y\" /* c */ z // e\n\\\n q"),
            "a &&& b |+|= c ... d .. e {#} >>= > > 8w0xF_f \"x\\\"y\" z q");
  const auto made = preprocess("state statement _ _x");
  EXPECT_EQ(made->stream.tokens[0].kind, TokenKind::kState);
  EXPECT_EQ(made->stream.tokens[1].kind, TokenKind::kIdentifier);
  EXPECT_EQ(made->stream.tokens[2].kind, TokenKind::kDontCare);
  EXPECT_EQ(made->stream.tokens[3].kind, TokenKind::kIdentifier);
}

TEST(LexerTest, DumpsTokensWithPlaces) {
  const auto made = preprocess("state x;\n 4s1");
  EXPECT_EQ(dump_tokens(made->stream, made->sources),
            "test.p4:1:1: keyword state\ntest.p4:1:7: name x\ntest.p4:1:8: punctuator ;\ntest.p4:2:2: integer 4s1\n"
            "test.p4:2:5: end\n");
}

TEST(LexerTest, ReportsWhatHasNoEnd) {
  EXPECT_EQ(problems("a\n /* b"), "2:2 unterminated");
  EXPECT_EQ(problems("a \"b\nc"), "1:3 unterminated");
  EXPECT_EQ(expanded("#if 0\n\" ' it's /* */ \"\n\"\n#endif\nx"), "x");
  EXPECT_EQ(problems("#if 1\nx"), "1:2 unterminated");
  EXPECT_EQ(problems("\"\xff\""), "1:1 bad-character");
}

TEST(LiteralTest, ReadsIntegers) {
  EXPECT_EQ(read_integer("12")->value, 12);
  EXPECT_FALSE(read_integer("12")->width.has_value());
  EXPECT_EQ(read_integer("8w0xFf")->value, 255);
  EXPECT_EQ(read_integer("8w0xFf")->width, 8u);
  EXPECT_TRUE(read_integer("4s0b1_01")->is_signed);
  EXPECT_EQ(read_integer("4s0b1_01")->value, 5);
  EXPECT_EQ(read_integer("0O17")->value, 15);
  EXPECT_EQ(read_integer("0d19")->value, 19);
  EXPECT_EQ(read_integer("010")->value, 10);
  EXPECT_EQ(read_integer("2048w1")->width, 2048u);
  for (const char* bad : {"8w", "0x", "12a", "8w0xg", "0b2", "2049w1", "99999999999999w1", "0s0", "8w_"}) {
    EXPECT_FALSE(read_integer(bad)) << bad;
  }
  EXPECT_FALSE(read_integer(std::string(100'000, '9')));
}

TEST(LiteralTest, StringsGoThereAndBack) {
  EXPECT_EQ(unescape_string("\"a\\n\\\"b\\\\\\\nc\\x\""), "a\n\"b\\c\\x");
  EXPECT_EQ(unescape_string(quote_string("a\n\t\"\\x")), "a\n\t\"\\x");
  EXPECT_TRUE(is_utf8("a\xe2\x9e\xb6"));
  EXPECT_FALSE(is_utf8("\xc0\x80"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xe2\x9e"));
}

TEST(MacroTest, ExpandsAsC) {
  EXPECT_EQ(expanded("#define A 1\n#define B A + A\nB"), "1 + 1");
  EXPECT_EQ(expanded("#define F(x, y) (x * y)\nF(1, (2, 3)) F"), "( 1 * ( 2 , 3 ) ) F");
  EXPECT_EQ(expanded("#define F(x) x\nF\n(1)"), "1");
  EXPECT_EQ(expanded("#define S(x) #x\nS(a  +\"b\")"), "\"a +\\\"b\\\"\"");
  EXPECT_EQ(expanded("#define J(a, b) a ## b\nJ(x, 1) J(, y) J(8w, 0x1)"), "x1 y 8w0x1");
  EXPECT_EQ(expanded("#define V(f, ...) f(__VA_ARGS__)\nV(g, 1, 2) V(g)"), "g ( 1 , 2 ) g ( )");
  EXPECT_EQ(expanded("#define V(f, ...) f(0, ## __VA_ARGS__)\nV(g, 1) V(g)"), "g ( 0 , 1 ) g ( 0 )");
  EXPECT_EQ(expanded("#define X 1\n#undef X\nX"), "X");
  EXPECT_EQ(expanded("#define E\nE a E"), "a");
  EXPECT_EQ(expanded("#define L(a) a\\\n + 1\nL(2)"), "2 + 1");
}

TEST(MacroTest, NeverExpandsWithinItself) {
  EXPECT_EQ(expanded("#define A A B\n#define B A\nA"), "A A");
  EXPECT_EQ(expanded("#define f(x) f(x) + x\nf(f(1))"), "f ( f ( 1 ) + 1 ) + f ( 1 ) + 1");
  // The example of ISO C11 6.10.3.5, paragraph 5, in part.
  EXPECT_EQ(expanded("#define x 3\n#define f(a) f(x * (a))\n#undef x\n#define x 2\n#define z z[0]\nf(y+1) + f(f(z));"),
            "f ( 2 * ( y + 1 ) ) + f ( 2 * ( f ( 2 * ( z [ 0 ] ) ) ) ) ;");
}

TEST(MacroTest, TokensCarryThePlaceOfTheUse) {
  const auto made = preprocess("#define F(x) 1 + x\n\n  F(abc)");
  const auto column = [&](std::size_t i) { return made->sources.position(made->stream.tokens[i].span.begin).column; };
  ASSERT_EQ(made->text(), "1 + abc");
  EXPECT_EQ(made->sources.position(made->stream.tokens[0].span.begin).line, 3u);
  EXPECT_EQ(column(0), 3u);
  EXPECT_EQ(column(1), 3u);
  EXPECT_EQ(column(2), 5u);  // an argument is where it was written
}

TEST(MacroTest, ReportsMisuse) {
  EXPECT_EQ(problems("#define F(x) x\nF(1, 2)"), "2:1 bad-directive");
  EXPECT_EQ(problems("#define F(x) x\nF(1"), "2:1 unterminated");
  EXPECT_EQ(problems("#define 1\n#define\n#define F(x y) z\n#undef"),
            "1:2 bad-directive; 2:2 bad-directive; 3:9 bad-directive; 4:2 bad-directive");
  EXPECT_EQ(problems("#define P a ## +\nP"), "2:1 bad-directive");
}

TEST(MacroTest, StopsAtBombs) {
  std::string bomb = "#define A0 x\n";
  for (int i = 1; i < 40; ++i) {
    const std::string below = "A" + std::to_string(i - 1);
    bomb += "#define A" + std::to_string(i) + " " + below + " " + below + "\n";
  }
  EXPECT_EQ(problems(bomb + "A39"), "41:1 too-deep");
  std::string nested = "#define F(x) x x x x x x x x\n";
  for (int i = 0; i < 50; ++i) nested += "F(";
  EXPECT_EQ(problems(nested + "1" + std::string(50, ')')).substr(5), "too-deep");
  std::string deep = "#define F(x) x\n";
  for (int i = 0; i < 5000; ++i) deep += "F(";
  EXPECT_EQ(problems(deep + std::string(5000, ')')).find("too-deep") == std::string::npos, false);
}

TEST(ConditionTest, TakesTheRightGroup) {
  EXPECT_EQ(expanded("#if 0\na\n#elif 1\nb\n#elif 1\nc\n#else\nd\n#endif"), "b");
  EXPECT_EQ(expanded("#ifdef X\na\n#else\nb\n#endif\n#ifndef X\nc\n#endif"), "b c");
  EXPECT_EQ(expanded("#if 0\n#if 1\na\n#else\nb\n#endif\n#else\nc\n#endif"), "c");
  EXPECT_EQ(expanded("#define X\n#if defined(X) && !defined Y\na\n#endif"), "a");
  EXPECT_EQ(expanded("#if 1\n#if 0\n#elif 0\n#endif\na\n#else\nb\n#endif"), "a");
}

TEST(ConditionTest, CalculatesAsC) {
  for (const char* yes :
       {"1 + 2 * 3 == 7", "(1 << 4) == 0x10", "10 % 4 == 2", "-1 < 0", "1 ? 2 : 0", "0 || 1 && 1", "~0 == -1",
        "0 && 1 / 0 || 1", "1 || 1 / 0", "010 == 8", "5 >= 5 && 4 >> 1 == 2", "UNKNOWN == 0", "!0", "20180101L > 2"}) {
    EXPECT_EQ(expanded("#if " + std::string(yes) + "\na\n#endif"), "a") << yes;
  }
  for (const char* bad : {"", "1 +", "(1", "1 / 0", "1 2", "\"x\"", "99999999999999999999", "defined", "1 ? 2", "0x"}) {
    EXPECT_EQ(problems("#if " + std::string(bad) + "\n#endif").find("bad-directive") == std::string::npos, false)
        << bad;
  }
  EXPECT_EQ(problems("#if " + std::string(10'000, '(') + "\n#endif"), "1:2 bad-directive");
  EXPECT_EQ(problems("#if " + std::string(10'000, '-') + "1\n#endif"), "1:2 bad-directive");
}

TEST(ConditionTest, ReportsWhatDoesNotPair) {
  EXPECT_EQ(problems("#endif\n#else\n#elif 1"), "1:2 bad-directive; 2:2 bad-directive; 3:2 bad-directive");
  EXPECT_EQ(problems("#if 1\n#else\n#else\n#endif"), "3:2 bad-directive");
  EXPECT_EQ(problems("#if 0\n#else\n#elif 1\n#endif"), "3:2 bad-directive");
}

TEST(DirectiveTest, ErrorsWarningsAndTheUnknown) {
  EXPECT_EQ(problems("#error don't do this\n#warning hm\n#nonsense x\n#\n#pragma whatever"),
            "1:2 user-error; 2:2 user-warning; 3:1 no-effect");
  const auto remark = preprocess("a\n  # don't \"look\n#---\nb");
  EXPECT_EQ(remark->text(), "a b");
  EXPECT_EQ(remark->problems(), "2:3 no-effect; 3:1 no-effect");
  const auto made = preprocess("#if 1\n#error \"too old\" // really\n#endif");
  ASSERT_EQ(made->diagnostics.all().size(), 1u);
  EXPECT_EQ(made->diagnostics.all()[0].message, "#error \"too old\"");
}

TEST(DirectiveTest, LineMarkersMovePlaces) {
  const auto made = preprocess("#line 100 \"other.p4\"\na\n# 7 \"third.p4\" 2\nb");
  ASSERT_EQ(made->text(), "a b");
  const Position a = made->sources.position(made->stream.tokens[0].span.begin);
  const Position b = made->sources.position(made->stream.tokens[1].span.begin);
  EXPECT_EQ(a.file + ":" + std::to_string(a.line), "other.p4:100");
  EXPECT_EQ(b.file + ":" + std::to_string(b.line), "third.p4:7");
  EXPECT_EQ(expanded("\n__LINE__ __FILE__"), "2 \"test.p4\"");
  EXPECT_EQ(problems("#line x"), "1:2 bad-directive");
}

TEST(DirectiveTest, CommandLineDefinesAndUndefines) {
  SourceOptions options;
  options.defines = {"A", "B=2 + 3", "C=4"};
  options.undefines = {"C"};
  EXPECT_EQ(expanded("A B C", options), "1 2 + 3 C");
}

class IncludeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("p4bpf_include_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(dir_ / "sub");
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(dir_ / name) << text; }
  std::unique_ptr<Preprocessed> run(const std::string& name, const SourceOptions& options = {}) {
    auto made = std::make_unique<Preprocessed>();
    Result<TokenStream> stream = preprocess_file((dir_ / name).string(), options, made->sources, made->diagnostics);
    if (stream) made->stream = std::move(*stream);
    return made;
  }
  std::filesystem::path dir_;
};

TEST_F(IncludeTest, SearchesBesideTheFileThenTheDirectories) {
  write("main.p4", "#include \"sub/a.p4\"\n#include <b.p4>\n");
  write("sub/a.p4", "#include \"c.p4\"\na");
  write("sub/b.p4", "b");
  write("sub/c.p4", "c");
  SourceOptions options;
  options.include_dirs = {(dir_ / "sub").string()};
  EXPECT_EQ(run("main.p4", options)->text(), "c a b");
  const auto without = run("main.p4");
  EXPECT_EQ(without->problems(), "2:2 file-not-found");
  EXPECT_EQ(without->text(), "c a");
}

TEST_F(IncludeTest, ReadsGuardedFilesOnce) {
  write("main.p4", "#include \"g.p4\"\n#include \"g.p4\"\n#include \"o.p4\"\n#include \"sub/../o.p4\"\n");
  write("g.p4", "#ifndef G\n#define G\ng\n#endif\n");
  write("o.p4", "#pragma once\no\n");
  EXPECT_EQ(run("main.p4")->text(), "g o");
}

TEST_F(IncludeTest, StopsAtFilesThatIncludeThemselves) {
  write("main.p4", "#include \"main.p4\"\n#include \"main.p4\"\n");
  EXPECT_EQ(run("main.p4")->problems(), "1:2 include-too-deep");
}

TEST_F(IncludeTest, FailsForAMissingMainFile) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  EXPECT_FALSE(preprocess_file((dir_ / "none.p4").string(), {}, sources, diagnostics));
  EXPECT_FALSE(preprocess_file(dir_.string(), {}, sources, diagnostics));
  EXPECT_TRUE(diagnostics.all().empty());
}

TEST_F(IncludeTest, RefusesWhatNamesNoFile) {
  EXPECT_EQ(problems("#include\n#include x\n#include <\n#include \"\"\n#include \"/\"\n#include \"/dev/zero\"\n"),
            "1:2 bad-directive; 2:2 bad-directive; 3:2 bad-directive; 4:2 bad-directive; 5:2 file-not-found; 6:2 "
            "file-not-found");
}

}  // namespace
}  // namespace p4bpf
