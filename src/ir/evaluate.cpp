// Constant operators. Bitwise ones go through the unsigned bit pattern, so that negative numbers need no thought.
#include "ir/evaluate.h"

namespace p4bpf::ir {
namespace {

BigInt bit_pattern(const Type& type, const BigInt& value) { return wrap(value, type.width, false); }

BigInt in_type(const Type& type, const BigInt& value) {
  return wrap(value, type.width, type.kind == Type::Kind::kBits && type.is_signed);
}

/// Section 8.6 and 8.7: `>>` of a signed value keeps the sign.
BigInt shift(BinaryOp op, const Type& type, const BigInt& value, const BigInt& amount) {
  if (amount >= type.width) return op == BinaryOp::kShr && value < 0 ? -1 : 0;
  const auto places = static_cast<std::uint32_t>(amount);
  if (op == BinaryOp::kShl) return in_type(type, value << places);
  if (value >= 0) return value >> places;
  return -((-value - 1) >> places) - 1;
}

}  // namespace

BigInt evaluate_unary(Unary::Op op, const Type& type, const BigInt& operand) {
  switch (op) {
    case Unary::Op::kNot:
      return operand == 0 ? 1 : 0;
    case Unary::Op::kComplement:
      return in_type(type, -operand - 1);
    case Unary::Op::kNegate:
      break;
  }
  return in_type(type, -operand);
}

BigInt evaluate_binary(BinaryOp op, const Type& type, const Type& left_type, const BigInt& left, const Type& right_type,
                       const BigInt& right) {
  switch (op) {
    case BinaryOp::kMul:
      return in_type(type, left * right);
    case BinaryOp::kDiv:
      return right == 0 ? BigInt(0) : in_type(type, left / right);
    case BinaryOp::kMod:
      return right == 0 ? left : in_type(type, left % right);
    case BinaryOp::kAdd:
      return in_type(type, left + right);
    case BinaryOp::kSub:
      return in_type(type, left - right);
    case BinaryOp::kSatAdd:
      return saturate(left + right, type.width, type.is_signed);
    case BinaryOp::kSatSub:
      return saturate(left - right, type.width, type.is_signed);
    case BinaryOp::kShl:
    case BinaryOp::kShr:
      return shift(op, type, left, right);
    case BinaryOp::kLe:
      return left <= right ? 1 : 0;
    case BinaryOp::kGe:
      return left >= right ? 1 : 0;
    case BinaryOp::kLt:
      return left < right ? 1 : 0;
    case BinaryOp::kGt:
      return left > right ? 1 : 0;
    case BinaryOp::kNe:
      return left != right ? 1 : 0;
    case BinaryOp::kEq:
      return left == right ? 1 : 0;
    case BinaryOp::kBitAnd:
    case BinaryOp::kAnd:
      return in_type(type, bit_pattern(left_type, left) & bit_pattern(right_type, right));
    case BinaryOp::kBitOr:
    case BinaryOp::kOr:
      return in_type(type, bit_pattern(left_type, left) | bit_pattern(right_type, right));
    case BinaryOp::kBitXor:
      return in_type(type, bit_pattern(left_type, left) ^ bit_pattern(right_type, right));
    case BinaryOp::kConcat:
      break;
  }
  return in_type(type, (bit_pattern(left_type, left) << right_type.width) | bit_pattern(right_type, right));
}

BigInt evaluate_cast(const Type& to, const BigInt& operand) { return in_type(to, operand); }

}  // namespace p4bpf::ir
