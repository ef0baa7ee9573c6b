// What a user sees of a diagnostic: the caret stands under the place whatever the line holds, and nothing harms a
// terminal.
#include <gtest/gtest.h>

#include "base/diagnostic_json.h"
#include "base/diagnostics.h"
#include "base/explanations.h"

namespace p4bpf {
namespace {

/// The excerpt for the first `word` in `line`: the source line and the caret line.
std::string shown(const std::string& line, const std::string& word) {
  SourceMap sources;
  const Loc file = sources.add_file("a.p4", line + "\n");
  const auto at = static_cast<std::uint32_t>(line.find(word));
  const Loc begin{file.offset + at};
  Diagnostics diagnostics(sources);
  diagnostics.report(DiagnosticKind::kSyntax, {begin, Loc{begin.offset + static_cast<std::uint32_t>(word.size())}},
                     "m");
  const std::string text = render_all(diagnostics, false);
  return text.substr(text.find('\n') + 1);
}

TEST(DiagnosticTextTest, TabsAreSpacesSoThatTheCaretStandsRight) {
  EXPECT_EQ(shown("\ta\tbad;", "bad"), "          a       bad;\n                  ^~~\n");
}

TEST(DiagnosticTextTest, WideAndCombiningCharactersTakeTheirCells) {
  EXPECT_EQ(shown("/* \u4e2d\u6587 */ bad", "bad"), "  /* \u4e2d\u6587 */ bad\n             ^~~\n");
  EXPECT_EQ(shown("/* e\u0301 */ bad", "bad"), "  /* e\u0301 */ bad\n          ^~~\n");
  EXPECT_EQ(shown("\"\u4e2d\" x", "\"\u4e2d\""), "  \"\u4e2d\" x\n  ^~~~\n");
}

TEST(DiagnosticTextTest, BytesThatHarmAreSpelled) {
  EXPECT_EQ(shown("\x1b[31m bad", "bad"), "  <1b>[31m bad\n           ^~~\n");
  EXPECT_EQ(shown("\xff\xc3 bad", "bad"), "  <ff><c3> bad\n           ^~~\n");
  EXPECT_EQ(shown("\u202e bad", "bad"), "  <U+202E> bad\n           ^~~\n");
  EXPECT_EQ(shown("bad\r", "bad"), "  bad\n  ^~~\n");
}

TEST(DiagnosticTextTest, LongLinesAreCutAroundTheCaret) {
  const std::string text = shown(std::string(100'000, 'x') + " bad " + std::string(100'000, 'y'), "bad");
  const std::size_t end = text.find('\n');
  EXPECT_LT(end, 130u);
  EXPECT_EQ(text.substr(0, 5), "  ...");
  EXPECT_EQ(text.substr(end - 3, 3), "...");
  EXPECT_EQ(text.find("bad"), text.find('^') - end - 1);
}

TEST(DiagnosticTextTest, NothingIsLostAtTheEndOfALine) {
  SourceMap sources;
  const Loc file = sources.add_file("a.p4", "ab");
  Diagnostics diagnostics(sources);
  diagnostics.report(DiagnosticKind::kSyntax, {Loc{file.offset + 2}, Loc{file.offset + 2}}, "m");
  EXPECT_EQ(render_all(diagnostics, false), "a.p4:1:3: error: m [syntax]\n  ab\n    ^\n");
}

TEST(DiagnosticTextTest, ColoursOnlyWhereWanted) {
  SourceMap sources;
  const Loc file = sources.add_file("a.p4", "ab");
  Diagnostics diagnostics(sources);
  diagnostics.report(DiagnosticKind::kSyntax, {file, Loc{file.offset + 2}}, "m");
  EXPECT_EQ(render_all(diagnostics, false).find('\033'), std::string::npos);
  EXPECT_NE(render_all(diagnostics, true).find("\033[1;31merror"), std::string::npos);
}

TEST(DiagnosticTextTest, AMacroIsNamed) {
  SourceMap sources;
  const Loc file = sources.add_file("a.p4", "#define M x\nM\n");
  const Span use{Loc{file.offset + 12}, Loc{file.offset + 13}};
  sources.add_expansion(use, {Loc{file.offset + 8}, Loc{file.offset + 9}});
  Diagnostics diagnostics(sources);
  diagnostics.report(DiagnosticKind::kSyntax, use, "m");
  EXPECT_EQ(render_all(diagnostics, false),
            "a.p4:2:1: error: m [syntax]\n  M\n  ^\n"
            "a.p4:1:9: note: it comes from this macro\n  #define M x\n          ^\n");
}

TEST(DiagnosticJsonTest, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(to_json(Error{"a\xff", "do b", 0}),
            "{\"severity\":\"error\",\"message\":\"a\ufffd\",\"notes\":[{\"message\":\"do b\"}]}");
}

TEST(ExplanationTest, APageWithoutBothExamplesIsNone) {
  const std::string page = "# k\n\nsum\n\ntext\n\n## Wrong\n\n```p4\na\n```\n";
  EXPECT_FALSE(parse_explanation(page));
  const auto explanation = parse_explanation(page + "\n## Right\n\n```stf\nb\n```\n");
  ASSERT_TRUE(explanation);
  EXPECT_EQ(explanation->summary, "sum");
  EXPECT_EQ(explanation->paragraph, "text");
  EXPECT_EQ(explanation->wrong.text, "a\n");
  EXPECT_EQ(explanation->right.language, "stf");
}

}  // namespace
}  // namespace p4bpf
