// The rules of base: big integers wrap and print as P4 wants, locations survive files and #line, near names are found.
#include <gtest/gtest.h>

#include "base/big_int.h"
#include "base/diagnostics.h"
#include "base/source_map.h"

namespace p4bpf {
namespace {

TEST(BigIntTest, WrapsToWidthAndSign) {
  EXPECT_EQ(wrap(256, 8, false), 0);
  EXPECT_EQ(wrap(-1, 8, false), 255);
  EXPECT_EQ(wrap(255, 8, true), -1);
  EXPECT_EQ(wrap(power_of_two(2047), 2048, true), -power_of_two(2047));
  EXPECT_EQ(saturate(300, 8, false), 255);
  EXPECT_EQ(saturate(-300, 8, true), -128);
  EXPECT_EQ(bit_slice(0xabcd, 11, 4), 0xbc);
}

TEST(BigIntTest, ConvertsToBytesAndText) {
  EXPECT_EQ(to_bytes(0x1234, 24), (std::vector<std::uint8_t>{0, 0x12, 0x34}));
  const auto bytes = to_bytes(-1, 12);
  EXPECT_EQ(from_bytes(bytes.data(), bytes.size()), 0xfff);
  EXPECT_EQ(parse_big_int("0x_ff"), std::nullopt);
  EXPECT_EQ(parse_big_int("0xf_f"), BigInt(255));
  EXPECT_EQ(parse_big_int("0b101"), BigInt(5));
  EXPECT_EQ(to_hex(10, 16), "0x000a");
}

TEST(SourceMapTest, FindsLineAndColumnAcrossFiles) {
  SourceMap sources;
  const Loc a = sources.add_file("a.p4", "one\ntwo\n");
  const Loc b = sources.add_file("b.p4", "three", Loc{a.offset + 4});
  EXPECT_EQ(sources.position(Loc{a.offset + 5}).line, 2u);
  EXPECT_EQ(sources.position(Loc{a.offset + 5}).column, 2u);
  EXPECT_EQ(sources.position(b).file, "b.p4");
  EXPECT_EQ(sources.line_text(Loc{a.offset + 6}), "two");
  sources.set_line(a, 40, "x.p4");
  EXPECT_EQ(sources.position(Loc{a.offset + 4}).line, 40u);
  EXPECT_EQ(sources.position(Loc{a.offset + 4}).file, "x.p4");
  EXPECT_EQ(sources.position(Loc{}).line, 0u);
}

TEST(DiagnosticsTest, PrintsPlaceLineAndCaretOnce) {
  SourceMap sources;
  const Loc a = sources.add_file("a.p4", "bit<8> x = yy;\n");
  Diagnostics diagnostics(sources);
  const Span span{Loc{a.offset + 11}, Loc{a.offset + 13}};
  diagnostics.report(DiagnosticKind::kUnknownName, span, "no such name");
  diagnostics.report(DiagnosticKind::kUnknownName, span, "no such name");
  EXPECT_EQ(diagnostics.error_count(), 1u);
  EXPECT_EQ(render_all(diagnostics, false),
            "a.p4:1:12: error: no such name [unknown-name]\n  bit<8> x = yy;\n             ^~\n");
}

/// As what `kind` is reported after these words of -W; nothing where it is hidden or a word is refused.
std::optional<Severity> after(const std::vector<std::string>& words, DiagnosticKind kind) {
  WarningPolicy policy;
  for (const std::string& word : words) {
    if (!policy.apply(word)) return std::nullopt;
  }
  return policy.severity(kind);
}

TEST(WarningPolicyTest, LaterWordsWin) {
  const DiagnosticKind kind = DiagnosticKind::kUserWarning;
  EXPECT_EQ(after({}, kind), Severity::kWarning);
  EXPECT_EQ(after({"no-user-warning"}, kind), std::nullopt);
  EXPECT_EQ(after({"no-user-warning", "user-warning"}, kind), Severity::kWarning);
  EXPECT_EQ(after({"none"}, kind), std::nullopt);
  EXPECT_EQ(after({"none", "user-warning"}, kind), Severity::kWarning);
  EXPECT_EQ(after({"none", "all"}, kind), Severity::kWarning);
  EXPECT_EQ(after({"error"}, kind), Severity::kError);
  EXPECT_EQ(after({"error", "no-error=user-warning"}, kind), Severity::kWarning);
  EXPECT_EQ(after({"error", "no-error"}, kind), Severity::kWarning);
  EXPECT_EQ(after({"error=user-warning"}, kind), Severity::kError);
  EXPECT_EQ(after({"none", "error=user-warning"}, kind), Severity::kError);
  EXPECT_EQ(after({"error", "no-user-warning"}, kind), std::nullopt);
  EXPECT_EQ(after({"error=user-warning"}, DiagnosticKind::kStfMissingArgument), Severity::kWarning);
  EXPECT_EQ(after({"none"}, DiagnosticKind::kSyntax), Severity::kError);
}

TEST(WarningPolicyTest, RefusesWhatIsNoWarning) {
  WarningPolicy policy;
  for (const char* const word : {"", "no-", "error=", "user-waring", "no-all", "syntax", "no-syntax", "error=syntax"}) {
    EXPECT_FALSE(policy.apply(word)) << word;
  }
  EXPECT_EQ(policy.apply("no-user-waring").error().hint, "did you mean 'user-warning'?");
  EXPECT_EQ(policy.apply("no-syntax").error().message, "'syntax' is an error and no warning");
}

TEST(DiagnosticsTest, ObeysThePolicy) {
  SourceMap sources;
  const Loc a = sources.add_file("a.p4", "text");
  WarningPolicy policy;
  ASSERT_TRUE(policy.apply("error=user-warning"));
  ASSERT_TRUE(policy.apply("no-stf-missing-argument"));
  Diagnostics diagnostics(sources, policy);
  diagnostics.report(DiagnosticKind::kStfMissingArgument, {a, a}, "hidden").notes.push_back({{}, "to nobody"});
  EXPECT_TRUE(diagnostics.all().empty());
  EXPECT_FALSE(diagnostics.wants(DiagnosticKind::kStfMissingArgument));
  diagnostics.report(DiagnosticKind::kUserWarning, {a, a}, "taken for an error");
  EXPECT_EQ(diagnostics.error_count(), 1u);
  EXPECT_EQ(render_all(diagnostics, false), "a.p4:1:1: error: taken for an error [user-warning]\n  text\n  ^\n");
}

TEST(DiagnosticsTest, FindsTheNearestName) {
  EXPECT_EQ(nearest_name("ethernt", {"ipv4", "ethernet"}), "ethernet");
  EXPECT_EQ(nearest_name("zzz", {"ipv4", "ethernet"}), "");
  EXPECT_EQ(nearest_name("lmp", {"exact", "lpm"}), "lpm");  // swapped letters are one mistake
  EXPECT_EQ(nearest_name("bit8_t", {"eth_t"}), "");
  EXPECT_EQ(nearest_name("x", {"a", "b"}), "");
}

}  // namespace
}  // namespace p4bpf
