// Each invariant of ir.h, broken once.
#include "ir/validator.h"

#include <gtest/gtest.h>

#include "ir/passes/test_program.h"

namespace p4bpf::ir {
namespace {

class ValidatorTest : public ::testing::Test, protected TestProgram {
 protected:
  /// The program ends in a verdict, so that nothing but what the test adds is wrong.
  std::string fault() {
    main().add(Verdict{VerdictKind::kDrop, {}});
    return find_fault(program);
  }
};

#define EXPECT_FAULT(part) EXPECT_NE(fault().find(part), std::string::npos) << fault()

TEST_F(ValidatorTest, TakesASoundProgram) {
  main().assign(x, main().binary(BinaryOp::kAdd, main().ref(x), byte(1)));
  EXPECT_EQ(fault(), "");
}
TEST_F(ValidatorTest, WantsOperandsOfOneType) {
  main().assign(x, main().binary(BinaryOp::kAdd, main().ref(x), main().constant(Type::bits(9), 1)));
  EXPECT_FAULT("operands of different types: x + 9w1");
}
TEST_F(ValidatorTest, WantsConstantsInRange) {
  main().assign(x, main().expr(Type::bits(8), Const{256}));
  EXPECT_FAULT("a constant out of range");
}
TEST_F(ValidatorTest, WantsAssignmentsOfOneType) {
  main().assign(x, main().constant(Type::bits(9), 1));
  EXPECT_FAULT("types differ in x = 9w1");
}
TEST_F(ValidatorTest, WantsStorageOnTheLeft) {
  main().assign(byte(1), byte(1));
  EXPECT_FAULT("no storage on the left");
}
TEST_F(ValidatorTest, WantsALeaveInsideItsRegion) {
  main().add(Leave{program.labels.add({"lost"})});
  EXPECT_FAULT("a leave outside the region of its label");
}
TEST_F(ValidatorTest, WantsABlockInOnePlace) {
  const BlockId body = main().nested().block();
  main().add(If{main().ref(flag), body, body});
  EXPECT_FAULT("a block hangs in two places");
}
TEST_F(ValidatorTest, WantsParserStatementsInParsers) {
  main().add(Extract{a, {}});
  EXPECT_FAULT("a parser statement outside a parser");
}
TEST_F(ValidatorTest, WantsEmitInDeparse) {
  main().add(Emit{a});
  EXPECT_FAULT("emit outside deparse");
}
TEST_F(ValidatorTest, WantsAPeekInAParser) {
  main().assign(x, main().expr(Type::bits(8), Peek{0}));
  EXPECT_FAULT("a lookahead outside a parser");
}
TEST_F(ValidatorTest, WantsABodyForEachAction) {
  main().add(ApplyTable{table("t"), {main().ref(x)}, {}, {}, {}});
  EXPECT_FAULT("table t needs a body for each action");
}
TEST_F(ValidatorTest, WantsAnAddedEntryInAnActionOfItsTable) {
  const TableId learns = table("t"), other = table("u");
  program.tables.edit(learns).add_on_miss = program.tables.edit(other).add_on_miss = true;
  const auto apply_with = [&](const AddEntry& added) {
    Builder set = main().nested(), nop = main().nested();
    nop.add(added);
    main().add(ApplyTable{learns, {main().ref(x)}, {{{x}, set.block()}, {{}, nop.block()}}, {}, {}});
    return find_fault(program);
  };
  EXPECT_EQ(apply_with({learns, 0, {byte(1)}, main().ref(flag)}), "entry: a path ends without a verdict");
  EXPECT_NE(apply_with({other, 0, {byte(1)}, {}}).find("outside the application of its table"), std::string::npos);
}
TEST_F(ValidatorTest, WantsArgumentsForAnAddedEntry) {
  const TableId learns = table("t");
  program.tables.edit(learns).add_on_miss = true;
  Builder set = main().nested(), nop = main().nested();
  nop.add(AddEntry{learns, 0, {main().ref(flag)}, {}});
  main().add(ApplyTable{learns, {main().ref(x)}, {{{x}, set.block()}, {{}, nop.block()}}, {}, {}});
  EXPECT_FAULT("an argument of set has another type");
}
TEST_F(ValidatorTest, WantsAPortForARedirectOnly) {
  main().add(Verdict{VerdictKind::kRedirect, {}});
  EXPECT_FAULT("a port belongs to a redirect");
}
TEST_F(ValidatorTest, WantsAVerdictOnEachPath) {
  EXPECT_EQ(find_fault(program), "entry: a path ends without a verdict");
  const LabelId label = program.labels.add({"exit"});
  Builder body = main().nested(), out = main().nested();
  out.add(Leave{label});
  body.add(If{body.ref(flag), out.block(), {}});
  body.add(Verdict{VerdictKind::kDrop, {}});
  main().add(Region{label, body.block()});
  EXPECT_EQ(find_fault(program), "entry: a path ends without a verdict");
  main().add(Verdict{VerdictKind::kDrop, {}});
  EXPECT_EQ(find_fault(program), "");
}
TEST_F(ValidatorTest, WantsTargetsThatAreStates) {
  program.parsers.edit(parser("p")).states[0].transition = direct({StateTarget::Kind::kState, 7});
  EXPECT_FAULT("parser p: state start: a target is no state");
}
TEST_F(ValidatorTest, AbortsNamingThePass) {
  EXPECT_DEATH(assert_valid(program, "some_pass"), "after some_pass: entry: a path ends without a verdict");
}

}  // namespace
}  // namespace p4bpf::ir
