// propagate_values: what is known on straight lines, over branches and loops, and through parsers.
#include "ir/passes/propagate_values.h"

#include <gtest/gtest.h>

#include "ir/passes/test_program.h"

namespace p4bpf::ir {
namespace {

class PropagateValuesTest : public ::testing::Test, protected TestProgram {
 protected:
  std::string result() { return after(propagate_values); }
  /// if (CONDITION) { x = then } else { x = otherwise }
  void choose(ExprId condition, int then, int otherwise) {
    Builder yes = main().nested(), no = main().nested();
    yes.assign(x, byte(then));
    no.assign(x, byte(otherwise));
    main().add(If{condition, yes.block(), no.block()});
  }
  /// flag = (packet_length == 1): something unknown.
  void forget_flag() {
    const ExprId length = main().expr(Type::bits(32), IntrinsicRef{Intrinsic::kPacketLength});
    main().assign(flag, main().binary(BinaryOp::kEq, length, main().constant(Type::bits(32), 1)));
  }
};

TEST_F(PropagateValuesTest, FollowsConstantsAndDropsStoresOfWhatIsThere) {
  main().assign(x, byte(0));
  main().assign(x, byte(3));
  main().assign(y, main().binary(BinaryOp::kAdd, main().ref(x), byte(1)));
  main().assign(y, byte(4));
  finish_with(y);
  EXPECT_EQ(result(), "x = 8w3;\ny = 8w4;\nredirect(32w4);\n");
}

TEST_F(PropagateValuesTest, ReadsTheSourceOfACopyUntilItIsWritten) {
  main().add(SetValid{a});
  main().assign(main().field(a, 0),
                main().cast(Type::bits(8), main().expr(Type::bits(32), IntrinsicRef{Intrinsic::kIngressPort})));
  main().assign(x, main().field(a, 0));
  main().assign(y, main().binary(BinaryOp::kAdd, main().ref(x), byte(1)));
  main().assign(main().field(a, 0), main().binary(BinaryOp::kAdd, main().ref(y), byte(1)));
  finish_with(x);
  EXPECT_EQ(
      result(),
      "a.setValid();\na.f = (bit<8>)ingress_port;\nx = a.f;\ny = a.f + 8w1;\na.f = y + 8w1;\nredirect((bit<32>)x);\n");
}

TEST_F(PropagateValuesTest, JoinsBranches) {
  forget_flag();
  choose(main().ref(flag), 5, 5);
  main().assign(y, main().ref(x));
  choose(main().ref(flag), 6, 7);
  main().assign(y, main().ref(x));
  finish_with(y);
  const std::string text = result();
  EXPECT_NE(text.find("y = 8w5;"), std::string::npos) << text;
  EXPECT_NE(text.find("y = x;"), std::string::npos) << text;
}

TEST_F(PropagateValuesTest, KnowsTheConditionInsideItsBranches) {
  forget_flag();
  Builder yes = main().nested(), no = main().nested(), inner = main().nested();
  inner.assign(x, byte(9));
  yes.add(If{yes.ref(flag), inner.block(), {}});
  no.assign(flag, no.constant(Type::boolean(), 0));
  main().add(If{main().ref(flag), yes.block(), no.block()});
  finish_with(x);
  EXPECT_EQ(result(), "flag = packet_length == 32w1;\nif (flag) {\n  x = 8w9;\n} else {\n}\nredirect((bit<32>)x);\n");
}

TEST_F(PropagateValuesTest, TakesTheOnlyCaseOfASwitch) {
  main().assign(x, byte(2));
  Builder one = main().nested(), two = main().nested();
  one.assign(y, byte(1));
  two.assign(y, byte(2));
  main().add(Switch{main().ref(x), {{{1}, one.block()}, {{2, 3}, two.block()}}, {}});
  finish_with(y);
  EXPECT_EQ(result(), "x = 8w2;\ny = 8w2;\nredirect(32w2);\n");
}

TEST_F(PropagateValuesTest, KnowsValidity) {
  choose(main().is_valid(a), 1, 2);
  main().add(SetValid{a});
  main().add(CopyHeader{b, a});
  choose(main().is_valid(b), 3, 4);
  finish_with(x);
  EXPECT_EQ(result(), "x = 8w2;\na.setValid();\nb = a;\nx = 8w3;\nredirect(32w3);\n");
}

TEST_F(PropagateValuesTest, ResolvesStackIndices) {
  main().assign(x, byte(1));
  main().add(SetValid{element(main().ref(x))});
  choose(main().is_valid(element(main().ref(x))), 3, 4);
  main().add(SetValid{element(byte(7))});
  finish_with(x);
  EXPECT_EQ(result(), "x = 8w1;\ns[1].setValid();\nx = 8w3;\ns[8w7].setValid();\nredirect(32w3);\n");
}

TEST_F(PropagateValuesTest, AWriteThroughAnUnknownIndexForgetsAllElements) {
  forget_flag();
  choose(main().ref(flag), 0, 1);
  main().add(SetValid{element(main().ref(x))});
  Builder yes = main().nested();
  yes.assign(y, byte(1));
  main().add(If{main().is_valid(element(byte(0))), yes.block(), {}});
  finish_with(y);
  EXPECT_NE(result().find("if (s[0].isValid()) {"), std::string::npos);
}

TEST_F(PropagateValuesTest, ForgetsAtTheHeadOfALoopWhatTheLoopWrites) {
  main().assign(x, byte(3));
  main().assign(y, byte(4));
  const LabelId label = program.labels.add({"loop"});
  Builder body = main().nested(), out = main().nested();
  out.add(Leave{label});
  body.add(If{body.binary(BinaryOp::kEq, body.ref(x), byte(0)), out.block(), {}});
  body.assign(x, body.binary(BinaryOp::kSub, body.ref(x), body.ref(y)));
  main().add(Loop{label, body.block()});
  finish_with(x);
  EXPECT_EQ(result(),
            "x = 8w3;\ny = 8w4;\nloop: loop {\n  if (x == 8w0) {\n    leave loop;\n  }\n  x = x - "
            "8w4;\n}\nredirect(32w0);\n");
}

TEST_F(PropagateValuesTest, JoinsWhatLeavesARegion) {
  forget_flag();
  const LabelId label = program.labels.add({"exit"});
  Builder body = main().nested(), early = main().nested();
  early.assign(x, byte(1));
  early.add(Leave{label});
  early.assign(x, byte(77));
  body.add(If{body.ref(flag), early.block(), {}});
  body.assign(y, byte(5));
  main().add(Region{label, body.block()});
  main().assign(y, main().binary(BinaryOp::kAdd, main().ref(y), main().ref(x)));
  finish_with(y);
  const std::string text = result();
  EXPECT_NE(text.find("y = y + x;"), std::string::npos) << text;
  EXPECT_EQ(text.find("77"), std::string::npos) << text;
}

TEST_F(PropagateValuesTest, ActionsRunOneOfManyAndSetTheirNumber) {
  const VarId run = main().var("run", Type::bits(32)), value = main().var("value", Type::bits(8));
  Builder set = main().nested(), nop = main().nested();
  set.assign(x, set.ref(value));
  main().add(ApplyTable{table("t"), {main().ref(y)}, {{{value}, set.block()}, {{}, nop.block()}}, {}, run});
  main().assign(y, main().cast(Type::bits(8), main().ref(run)));
  finish_with(x);
  EXPECT_EQ(result(),
            "t.apply(8w0) -> action_run run {\n  set(value): {\n    x = value;\n  }\n  nop(): {\n  }\n}\n"
            "y = (bit<8>)run;\nredirect((bit<32>)x);\n");
}

TEST_F(PropagateValuesTest, BehindAParserTheAcceptingWayKnowsWhatWasExtracted) {
  const ParserId p = parser("p");
  Builder start(program, program[p].states[0].body);
  start.add(Extract{a, {}});
  main().add(RunParser{p});
  Builder rejected = main().nested();
  rejected.add(Verdict{VerdictKind::kAborted, {}});
  main().add(If{main().negation(main().ref(program[p].accepted)), rejected.block(), {}});
  choose(main().is_valid(a), 1, 2);
  finish_with(x);
  EXPECT_EQ(result(), "run_parser(p);\nif (!p.ok) {\n  aborted();\n}\nx = 8w1;\nredirect(32w1);\n");
}

TEST_F(PropagateValuesTest, WithoutAskingBothWaysCount) {
  const ParserId p = parser("p");
  Builder start(program, program[p].states[0].body);
  start.add(Extract{a, {}});
  main().add(RunParser{p});
  choose(main().is_valid(a), 1, 2);
  finish_with(x);
  EXPECT_NE(result().find("if (a.isValid()) {"), std::string::npos);
}

TEST_F(PropagateValuesTest, SelectOnAConstantBecomesDirect) {
  const ParserId p = parser("p");
  Parser& made = program.parsers.edit(p);
  Builder(program, made.states[0].body).assign(x, byte(3));
  KeyMatch three;
  three.kind = KeyMatch::Kind::kExact;
  three.value = 3;
  made.states[0].transition = {
      {main().ref(x)},
      {{{three}, {StateTarget::Kind::kAccept, 0}, {}}, {{KeyMatch{}}, {StateTarget::Kind::kReject, 0}, {}}},
      {}};
  main().add(RunParser{p});
  finish_with(x);
  result();
  EXPECT_TRUE(program[p].states[0].transition.keys.empty());
  EXPECT_EQ(program[p].states[0].transition.cases[0].target.kind, StateTarget::Kind::kAccept);
}

TEST_F(PropagateValuesTest, AParserWithACycleForgetsWhatItWrites) {
  const ParserId p = parser("p");
  Builder start(program, program[p].states[0].body);
  start.assign(x, start.binary(BinaryOp::kAdd, start.ref(x), byte(1)));
  KeyMatch three;
  three.kind = KeyMatch::Kind::kExact;
  three.value = 3;
  program.parsers.edit(p).states[0].transition = {
      {main().ref(x)},
      {{{three}, {StateTarget::Kind::kAccept, 0}, {}}, {{KeyMatch{}}, {StateTarget::Kind::kState, 0}, {}}},
      {}};
  main().add(RunParser{p});
  finish_with(x);
  EXPECT_EQ(result(), "run_parser(p);\nredirect((bit<32>)x);\n");
  EXPECT_EQ(print(program, program[p].states[0].body), "x = x + 8w1;\n");
}

}  // namespace
}  // namespace p4bpf::ir
