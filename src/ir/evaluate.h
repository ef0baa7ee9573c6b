// What operators mean on constants, as ir.h fixes it. Values are in the range of their type before and after.
#pragma once

#include "ir/ir.h"

namespace p4bpf::ir {

BigInt evaluate_unary(Unary::Op op, const Type& type, const BigInt& operand);

/// `type` is the result's, `left_type` and `right_type` the operands'.
BigInt evaluate_binary(BinaryOp op, const Type& type, const Type& left_type, const BigInt& left, const Type& right_type,
                       const BigInt& right);

BigInt evaluate_cast(const Type& to, const BigInt& operand);

}  // namespace p4bpf::ir
