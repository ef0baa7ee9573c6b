// Identities and constant operators.
#include "ir/passes/fold.h"

#include <gtest/gtest.h>

#include "ir/evaluate.h"
#include "ir/passes/test_program.h"

namespace p4bpf::ir {
namespace {

class FoldTest : public ::testing::Test, protected TestProgram {
 protected:
  std::string fold(ExprId id) {
    const ExprId out = Folder(program).simplify(id, program[id]);
    EXPECT_EQ(program[out].type, program[id].type);
    return print(program, out);
  }
  std::string fold(BinaryOp op, ExprId left, ExprId right) { return fold(main().binary(op, left, right)); }
  ExprId constant(std::uint32_t width, BigInt value, bool is_signed = false) {
    return main().constant(Type::bits(width, is_signed), std::move(value));
  }
};

TEST_F(FoldTest, ComputesConstantsInTheirWidth) {
  EXPECT_EQ(fold(BinaryOp::kAdd, byte(250), byte(10)), "8w4");
  EXPECT_EQ(fold(BinaryOp::kSatAdd, byte(250), byte(10)), "8w0xff");
  EXPECT_EQ(fold(BinaryOp::kSatSub, constant(8, -100, true), constant(8, 100, true)), "-8s0x80");
  EXPECT_EQ(fold(BinaryOp::kDiv, byte(7), byte(0)), "8w0");
  EXPECT_EQ(fold(BinaryOp::kMod, byte(7), byte(0)), "8w7");
  EXPECT_EQ(fold(BinaryOp::kShl, byte(1), byte(200)), "8w0");
  EXPECT_EQ(fold(BinaryOp::kShr, constant(8, -5, true), byte(1)), "-8s3");
  EXPECT_EQ(fold(BinaryOp::kShr, constant(8, -5, true), byte(200)), "-8s1");
  EXPECT_EQ(fold(BinaryOp::kConcat, constant(8, -1, true), byte(1)), "-16s0xff");
  EXPECT_EQ(fold(BinaryOp::kBitAnd, constant(8, -1, true), constant(8, 0x70, true)), "8s0x70");
  EXPECT_EQ(fold(BinaryOp::kLt, constant(8, -1, true), constant(8, 0, true)), "true");
  EXPECT_EQ(fold(BinaryOp::kMul, constant(128, power_of_two(100)), constant(128, power_of_two(28))), "128w0");
}

TEST_F(FoldTest, ExtendsByTheSignOfTheOperand) {
  EXPECT_EQ(fold(main().cast(Type::bits(16), constant(8, -1, true))), "16w0xffff");
  EXPECT_EQ(fold(main().cast(Type::bits(16, true), byte(255))), "16s0xff");
  EXPECT_EQ(fold(main().cast(Type::bits(8, true), byte(255))), "-8s1");
}

TEST_F(FoldTest, KnowsIdentities) {
  const ExprId v = main().ref(x), w = main().ref(y), c = main().ref(flag);
  EXPECT_EQ(fold(BinaryOp::kAdd, v, byte(0)), "x");
  EXPECT_EQ(fold(BinaryOp::kAdd, byte(3), v), "x + 8w3");
  EXPECT_EQ(fold(BinaryOp::kSub, byte(0), v), "8w0 - x");
  EXPECT_EQ(fold(BinaryOp::kBitAnd, byte(255), v), "x");
  EXPECT_EQ(fold(BinaryOp::kBitOr, v, byte(255)), "8w0xff");
  EXPECT_EQ(fold(BinaryOp::kSub, v, main().ref(x)), "8w0");
  EXPECT_EQ(fold(BinaryOp::kDiv, v, v), "x / x");
  EXPECT_EQ(fold(BinaryOp::kEq, v, w), "x == y");
  EXPECT_EQ(fold(BinaryOp::kLe, v, v), "true");
  EXPECT_EQ(fold(BinaryOp::kGe, v, byte(0)), "true");
  EXPECT_EQ(fold(BinaryOp::kAnd, c, main().constant(Type::boolean(), 0)), "false");
  EXPECT_EQ(fold(BinaryOp::kEq, c, main().constant(Type::boolean(), 0)), "!flag");
  EXPECT_EQ(fold(main().negation(main().binary(BinaryOp::kLt, v, w))), "x >= y");
  EXPECT_EQ(fold(main().expr(Type::bits(8), Mux{c, v, main().ref(x)})), "x");
}

TEST_F(FoldTest, SeesThroughCastsAndSlices) {
  const ExprId v = main().ref(x), w = main().ref(y);
  const ExprId wide = main().cast(Type::bits(32), v);
  EXPECT_EQ(fold(main().cast(Type::bits(8), wide)), "x");
  EXPECT_EQ(fold(main().cast(Type::bits(4), wide)), "(bit<4>)x");
  EXPECT_EQ(fold(main().cast(Type::bits(64), wide)), "(bit<64>)(bit<32>)x");
  EXPECT_EQ(fold(main().expr(Type::bits(4), Slice{wide, 7, 4})), "x[7:4]");
  const ExprId both = main().binary(BinaryOp::kConcat, v, w);
  EXPECT_EQ(fold(main().expr(Type::bits(8), Slice{both, 7, 0})), "y");
  EXPECT_EQ(fold(main().expr(Type::bits(4), Slice{both, 15, 12})), "x[7:4]");
  EXPECT_EQ(fold(main().expr(Type::bits(4), Slice{both, 9, 6})), "(x ++ y)[9:6]");
}

}  // namespace
}  // namespace p4bpf::ir
