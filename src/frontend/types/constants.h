// Compile-time evaluation (section 18.1): what operators do with values that are known.
#pragma once

#include <optional>

#include "frontend/types/context.h"

namespace p4bpf::check {

using Constant = std::optional<ConstValue>;

/// The integer in a value, or nullptr.
const BigInt* int_in(const Constant& value);
const bool* bool_in(const Constant& value);

/// `value` of type `from` as a value of type `to`; nothing if that cannot be. Reports nothing.
Constant convert_constant(Context& cx, const Constant& value, TypeId from, TypeId to);
/// The value of `e` after the context's conversion, nothing if it is not known.
Constant final_constant(Context& cx, ExprId e);
/// The same as an integer.
std::optional<BigInt> final_int(Context& cx, ExprId e);

/// Evaluate; operands and result have the type `type` (for shifts and concatenation see the parameters). Mistakes
/// (division by zero, a result that is too large) are reported at `span`.
Constant fold_unary(Context& cx, ast::Unary::Op op, const Constant& value, TypeId type);
Constant fold_binary(Context& cx, Span span, ast::BinaryOp op, const Constant& left, const Constant& right,
                     TypeId type);
Constant fold_shift(Context& cx, Span span, ast::BinaryOp op, const Constant& left, const Constant& right, TypeId type);
Constant fold_concat(Context& cx, Span span, const Constant& left, TypeId left_type, const Constant& right,
                     TypeId right_type);
/// Whether two values of one type are equal; nothing if that is not known.
std::optional<bool> equal_constants(const Constant& left, const Constant& right);
/// A list of known values, nothing if one is unknown or the list would be too large.
Constant list_constant(const std::vector<Constant>& parts);
/// The default value of `type` (section 7.3), nothing where it has none that is a value (headers).
Constant default_constant(Context& cx, TypeId type);

}  // namespace p4bpf::check
