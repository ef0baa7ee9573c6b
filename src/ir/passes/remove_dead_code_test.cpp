// remove_dead_code: what goes, and what must stay.
#include "ir/passes/remove_dead_code.h"

#include <gtest/gtest.h>

#include "ir/passes/test_program.h"

namespace p4bpf::ir {
namespace {

class RemoveDeadCodeTest : public ::testing::Test, protected TestProgram {
 protected:
  std::string result() { return after(remove_dead_code); }
};

TEST_F(RemoveDeadCodeTest, TakesWhatNobodyReads) {
  main().assign(y, main().ref(x));  // read by a dead assignment only
  main().assign(flag, main().binary(BinaryOp::kEq, main().ref(y), byte(1)));
  main().assign(x, byte(1));
  main().assign(x, byte(2));
  finish_with(x);
  EXPECT_EQ(result(), "x = 8w2;\nredirect((bit<32>)x);\n");
}

TEST_F(RemoveDeadCodeTest, KeepsWhatOneBranchReads) {
  main().assign(x, byte(1));
  Builder yes = main().nested();
  yes.assign(x, byte(2));
  main().add(If{main().ref(flag), yes.block(), {}});
  finish_with(x);
  EXPECT_EQ(result(), "x = 8w1;\nif (flag) {\n  x = 8w2;\n}\nredirect((bit<32>)x);\n");
}

TEST_F(RemoveDeadCodeTest, HeadersLiveOnlyWhereTheyAreEmitted) {
  main().add(SetValid{a});
  main().assign(main().field(a, 0), byte(1));
  main().add(SetValid{b});
  main().assign(main().field(b, 0), byte(2));
  Builder body = main().nested();
  body.add(Emit{b});
  main().add(Deparse{body.block()});
  main().add(Verdict{VerdictKind::kPass, {}});
  EXPECT_EQ(result(), "b.setValid();\nb.f = 8w2;\ndeparse {\n  emit(b);\n}\npass();\n");
}

TEST_F(RemoveDeadCodeTest, ACopyReadsOnlyWhatIsReadOfIt) {
  main().assign(main().field(a, 0), byte(1));
  main().assign(main().field(a, 1), byte(2));
  main().add(CopyHeader{b, a});
  main().assign(x, main().field(b, 0));
  finish_with(x);
  EXPECT_EQ(result(), "a.f = 8w1;\nb = a;\nx = b.f;\nredirect((bit<32>)x);\n");
}

TEST_F(RemoveDeadCodeTest, AnElementAtAnUnknownIndexReadsThemAll) {
  const HeaderRef first{program[stack].elements[0], {}, {}};
  main().assign(main().field(first, 0), byte(1));
  main().assign(main().field(first, 1), byte(1));
  main().assign(x, main().field(element(main().ref(y)), 0));
  finish_with(x);
  EXPECT_EQ(result(), "s[0].f = 8w1;\nx = s[y].f;\nredirect((bit<32>)x);\n");
}

TEST_F(RemoveDeadCodeTest, TakesWhatCannotRunAndShapesThatDoNothing) {
  const LabelId done = program.labels.add({"return"});
  Builder body = main().nested(), early = main().nested(), empty = main().nested(), other = main().nested();
  early.assign(x, byte(1));
  early.add(Leave{done});
  early.assign(x, byte(2));
  body.add(If{body.ref(flag), early.block(), {}});
  body.add(Leave{done});
  body.assign(x, byte(3));
  main().add(Region{done, body.block()});
  other.assign(y, byte(1));
  main().add(If{main().binary(BinaryOp::kEq, main().ref(x), byte(1)), empty.block(), other.block()});
  main().assign(x, main().binary(BinaryOp::kAdd, main().ref(x), main().ref(y)));
  finish_with(x);
  EXPECT_EQ(result(),
            "if (flag) {\n  x = 8w1;\n}\nif (x != 8w1) {\n  y = 8w1;\n}\nx = x + y;\nredirect((bit<32>)x);\n");
}

TEST_F(RemoveDeadCodeTest, ALeaveAtTheEndOfItsRegionIsNone) {
  const LabelId exit = program.labels.add({"exit"}), done = program.labels.add({"return"});
  Builder outer = main().nested(), inner = main().nested(), early = main().nested(), late = main().nested();
  early.assign(x, byte(1));
  early.add(Leave{exit});
  late.add(Leave{done});
  inner.add(If{inner.ref(flag), early.block(), late.block()});
  outer.add(Region{done, inner.block()});
  main().add(Region{exit, outer.block()});
  finish_with(x);
  EXPECT_EQ(result(), "if (flag) {\n  x = 8w1;\n}\nredirect((bit<32>)x);\n");
}

TEST_F(RemoveDeadCodeTest, LoopsReadInTheNextRoundWhatTheyWriteInThis) {
  const LabelId label = program.labels.add({"loop"});
  Builder body = main().nested(), out = main().nested();
  out.add(Leave{label});
  body.add(If{body.binary(BinaryOp::kEq, body.ref(x), byte(9)), out.block(), {}});
  body.assign(x, body.binary(BinaryOp::kAdd, body.ref(x), byte(1)));
  body.assign(y, body.ref(x));
  main().add(Loop{label, body.block()});
  main().add(Verdict{VerdictKind::kDrop, {}});
  EXPECT_EQ(result(), "loop: loop {\n  if (x == 8w9) {\n    leave loop;\n  }\n  x = x + 8w1;\n}\ndrop();\n");
}

TEST_F(RemoveDeadCodeTest, TablesStayAndForgetResultsThatNobodyReads) {
  const VarId hit = main().var("hit", Type::boolean()), run = main().var("run", Type::bits(32));
  const VarId value = main().var("value", Type::bits(8));
  Builder set = main().nested(), nop = main().nested();
  set.assign(x, set.ref(value));
  main().assign(y, byte(3));
  main().add(ApplyTable{table("t"), {main().ref(y)}, {{{value}, set.block()}, {{}, nop.block()}}, hit, run});
  Builder missed = main().nested();
  missed.add(Verdict{VerdictKind::kDrop, {}});
  main().add(If{main().ref(hit), main().nested().block(), missed.block()});
  main().add(Verdict{VerdictKind::kPass, {}});
  EXPECT_EQ(result(),
            "y = 8w3;\nt.apply(y) -> hit hit {\n  set(value): {\n  }\n  nop(): {\n  }\n}\nif (!hit) {\n  "
            "drop();\n}\npass();\n");
}

TEST_F(RemoveDeadCodeTest, AFailingExtractLeavesWhatWasThere) {
  const ParserId p = parser("p");
  Builder start(program, program[p].states[0].body);
  start.assign(start.field(a, 0), byte(1));
  start.assign(y, byte(4));
  start.add(Extract{a, {}});
  start.assign(x, start.field(a, 0));
  main().add(RunParser{p});
  main().assign(x, main().binary(BinaryOp::kAdd, main().ref(x), main().field(a, 0)));
  finish_with(x);
  result();
  EXPECT_EQ(print(program, program[p].states[0].body), "a.f = 8w1;\nextract(a);\nx = a.f;\n");
}

TEST_F(RemoveDeadCodeTest, TakesStatesThatNothingLeadsTo) {
  const ParserId p = parser("p");
  Parser& made = program.parsers.edit(p);
  made.states.push_back({"lost", program.blocks.add({}), direct({StateTarget::Kind::kAccept, 0}), {}});
  made.states.push_back({"found", program.blocks.add({}), direct({StateTarget::Kind::kAccept, 0}), {}});
  made.states[0].transition = direct({StateTarget::Kind::kState, 2});
  main().add(RunParser{p});
  main().add(Verdict{VerdictKind::kDrop, {}});
  result();
  ASSERT_EQ(program[p].states.size(), 2u);
  EXPECT_EQ(program[p].states[1].name, "found");
  EXPECT_EQ(program[p].states[0].transition.cases[0].target.state, 1u);
}

}  // namespace
}  // namespace p4bpf::ir
