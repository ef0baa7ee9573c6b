// insert_trace: where records are made, and of what.
#include "ir/trace.h"

#include <gtest/gtest.h>

#include "ir/passes/test_program.h"

namespace p4bpf::ir {
namespace {

class TraceTest : public ::testing::Test, protected TestProgram {
 protected:
  using Kind = TracePoint::Kind;

  /// The entry with the calls; `points` says what they tell.
  std::string traced(TraceDetail detail = TraceDetail::kSteps) {
    points = insert_trace(program, detail);
    const std::string fault = find_fault(program);
    return fault.empty() ? print(program, program.entry) : "the program is broken: " + fault;
  }
  std::vector<TracePoint> points;
};

TEST_F(TraceTest, FieldsAreToldBeforeTheyChange) {
  main().assign(main().field(a, 0), main().ref(x));
  main().assign(y, byte(1));
  finish_with(y);
  EXPECT_EQ(traced(),
            "$trace(32w2, {});\n$trace(32w0, {a.f, x});\na.f = x;\ny = 8w1;\n$trace(32w1, "
            "{(bit<32>)y});\nredirect((bit<32>)y);\n");
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].kind, Kind::kAssign);
  EXPECT_EQ(points[0].subject, "a.f");
  EXPECT_TRUE(points[0].is_change);
  EXPECT_EQ(points[1].kind, Kind::kVerdict);
  EXPECT_EQ(points[2].kind, Kind::kPass);
}

TEST_F(TraceTest, VariablesAreToldOnlyIfAskedFor) {
  main().assign(y, byte(1));
  finish_with(y);
  EXPECT_NE(traced(TraceDetail::kAll).find("{y, 8w1});\ny = 8w1;\n"), std::string::npos);
}

TEST_F(TraceTest, NoFieldIsToldWhereOnlyTablesAreAskedFor) {
  main().assign(main().field(a, 0), byte(1));
  finish_with(y);
  EXPECT_EQ(traced(TraceDetail::kTables),
            "$trace(32w1, {});\na.f = 8w1;\n$trace(32w0, {(bit<32>)y});\nredirect((bit<32>)y);\n");
}

TEST_F(TraceTest, ATableTellsItsKeysAndThenWhichActionRuns) {
  const TableId made = table("t");
  Builder set = main().nested(), nop = main().nested();
  set.assign(set.field(a, 1), set.ref(y));
  main().add(ApplyTable{made, {main().ref(x)}, {{{y}, set.block()}, {{}, nop.block()}}, {}, {}});
  finish_with(x);
  const std::string text = traced();
  EXPECT_NE(text.find("$trace(32w0, {x});\nt.apply(x)"), std::string::npos) << text;
  EXPECT_NE(text.find("{hit of t, y});\n    $trace("), std::string::npos) << text;
  EXPECT_NE(text.find("{hit of t});\n"), std::string::npos) << text;
  EXPECT_EQ(points[0].kind, Kind::kKeys);
  EXPECT_EQ(
      std::count_if(points.begin(), points.end(), [](const TracePoint& one) { return one.kind == Kind::kAction; }), 2);
}

TEST_F(TraceTest, CopiesAndTheVerdictBehindThemStayTogether) {
  main().add(NewPass{true, {}, std::nullopt});
  main().add(NewPass{false, {}, std::nullopt});
  main().add(Verdict{VerdictKind::kDrop, {}});
  const std::string text = traced();
  EXPECT_NE(text.find("$trace(32w2, {});\n"), std::string::npos) << text;
  const std::vector<Stmt>& statements = program[program.entry].statements;
  ASSERT_EQ(statements.size(), 7u);
  EXPECT_TRUE(std::holds_alternative<Verdict>(statements[6].node));
  EXPECT_TRUE(std::holds_alternative<NewPass>(statements[5].node));
  EXPECT_TRUE(std::holds_alternative<NewPass>(statements[4].node));
}

TEST_F(TraceTest, ParsersTellStatesHeadersAndHowTheyEnd) {
  const ParserId made = parser("p");
  Builder body(program, program[made].states[0].body);
  const Span first{{10}, {11}}, second{{20}, {21}};
  body.add(Extract{a, {}}, first);
  body.add(Extract{b, {}}, second);
  main().add(RunParser{made});
  finish_with(x);
  const std::string text = traced();
  EXPECT_NE(text.find("run_parser(p);\n$trace(32w3, {p.ok, p.error});\n"), std::string::npos) << text;
  ASSERT_EQ(points.size(), 6u);
  EXPECT_EQ(points[0].kind, Kind::kExtract);
  EXPECT_EQ(points[0].values.size(), 2u);
  EXPECT_EQ(points[0].next_read, second) << "what fails next is the second";
  EXPECT_EQ(points[2].kind, Kind::kState);
  EXPECT_EQ(points[2].subject, "start");
  EXPECT_EQ(points[2].next_read, first);
}

TEST_F(TraceTest, AnElementAtARunTimeIndexIsToldWithItsIndex) {
  main().add(SetValid{element(main().ref(x))});
  finish_with(x);
  traced();
  EXPECT_EQ(points[0].subject, "s[?]");
  ASSERT_EQ(points[0].values.size(), 1u);
  EXPECT_EQ(points[0].values[0].name, "index");
}

}  // namespace
}  // namespace p4bpf::ir
