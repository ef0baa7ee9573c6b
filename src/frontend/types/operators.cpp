// Unary and binary operators (section 8.5 to 8.11): what they take, what they give, and their compile-time values.
#include <fmt/format.h>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

using Op = ast::BinaryOp;

const char* spell(Op op) {
  switch (op) {
    case Op::kMul:
      return "*";
    case Op::kDiv:
      return "/";
    case Op::kMod:
      return "%";
    case Op::kAdd:
      return "+";
    case Op::kSub:
      return "-";
    case Op::kSatAdd:
      return "|+|";
    case Op::kSatSub:
      return "|-|";
    case Op::kShl:
      return "<<";
    case Op::kShr:
      return ">>";
    case Op::kLe:
      return "<=";
    case Op::kGe:
      return ">=";
    case Op::kLt:
      return "<";
    case Op::kGt:
      return ">";
    case Op::kNe:
      return "!=";
    case Op::kEq:
      return "==";
    case Op::kBitAnd:
      return "&";
    case Op::kBitXor:
      return "^";
    case Op::kBitOr:
      return "|";
    case Op::kConcat:
      return "++";
    case Op::kAnd:
      return "&&";
    case Op::kOr:
      return "||";
  }
  return "?";
}

const char* spell(ast::Unary::Op op) {
  switch (op) {
    case ast::Unary::Op::kNot:
      return "!";
    case ast::Unary::Op::kComplement:
      return "~";
    case ast::Unary::Op::kNegate:
      return "-";
    case ast::Unary::Op::kPlus:
      return "+";
  }
  return "?";
}

TypeId report_operands(Context& cx, Span span, Op op, TypeId left, TypeId right, const char* expected) {
  cx.error(Kind::kBadOperand, span,
           fmt::format("'{}' between {} and {}, expected {}", spell(op), cx.show(left), cx.show(right), expected));
  return cx.poison;
}

/// The numeric type of an operand: a serializable enum counts as its representation.
TypeId as_number(Context& cx, ExprId e) {
  const TypeId type = cx.type_of(e);
  const TypeId base = representation_of(cx, type);
  if (!base) return type;
  cx.out.converted_to.set(e, base);
  return base;
}

/// Section 8.7.1: the left side decides the type, the right side is unsigned; an `int` moves by what is known only.
TypeId shift_type(Context& cx, Span span, Op op, ExprId left, ExprId right) {
  const TypeId l = as_number(cx, left);
  const TypeId r = as_number(cx, right);
  if (!is_number(cx, l) || !is_number(cx, r)) return report_operands(cx, span, op, l, r, "numbers");
  const auto* right_bits = cx.get<type::Bits>(r);
  if (right_bits != nullptr && right_bits->is_signed && !cx.out.constant_of[right]) {
    cx.error(Kind::kBadOperand, cx.span(right), fmt::format("shifting by {}, expected an unsigned amount", cx.show(r)));
    return cx.poison;
  }
  const std::optional<BigInt> amount = final_int(cx, right);
  if (amount && *amount < 0) {
    cx.error(Kind::kBadOperand, cx.span(right), fmt::format("shifting by the negative amount {}", amount->str()));
    return cx.poison;
  }
  if (r == cx.int_type && !cx.is_known[right]) {
    cx.error(Kind::kNotConstant, cx.span(right), "the shift amount of type int is not a compile-time-known value");
    return cx.poison;
  }
  if (l == cx.int_type && !cx.is_known[right]) {
    Diagnostic& report =
        cx.error(Kind::kNotConstant, span, "an int shifted by an amount that is not compile-time known");
    report.notes.push_back({{}, "give the left operand a width, such as 32w1"});
    return cx.poison;
  }
  const auto* bits = cx.get<type::Bits>(l);
  if (bits != nullptr && amount && *amount >= bits->width && bits->width != 0) {
    cx.error(Kind::kOverflow, span, fmt::format("shifting {} by {} leaves nothing of it", cx.show(l), amount->str()));
  }
  return l;
}

TypeId concat_type(Context& cx, Span span, ExprId left, ExprId right) {
  const TypeId l = cx.type_of(left);
  const TypeId r = cx.type_of(right);
  if (l == cx.string_type && r == cx.string_type) return l;
  const TypeId left_type = as_number(cx, left);
  const TypeId right_type = as_number(cx, right);
  const auto* lb = cx.get<type::Bits>(left_type);
  const auto* rb = cx.get<type::Bits>(right_type);
  if (lb == nullptr || rb == nullptr) {
    return report_operands(cx, span, Op::kConcat, l, r, "two strings, or bits of known widths");
  }
  if (lb->width + rb->width > kMaxWidth) {
    cx.error(Kind::kBadWidth, span,
             fmt::format("the result has {} bits, expected at most {}", lb->width + rb->width, kMaxWidth));
    return cx.poison;
  }
  return cx.out.types.bits(lb->width + rb->width, lb->is_signed);
}

TypeId equality_type(Context& cx, Span span, Op op, ExprId left, ExprId right) {
  const TypeId l = cx.type_of(left);
  const TypeId r = cx.type_of(right);
  const std::optional<TypeId> joined = join(cx, left, right);
  if (!joined) return report_operands(cx, span, op, l, r, "one type");
  if (cx.is_poison(*joined)) return cx.poison;
  if (cx.get<type::Variable>(*joined) != nullptr || !is_comparable(cx, *joined)) {
    return report_operands(cx, span, op, l, r, "values that can be compared");
  }
  return cx.bool_type;
}

TypeId arithmetic_type(Context& cx, Span span, Op op, ExprId left, ExprId right) {
  const TypeId l = cx.type_of(left);
  const TypeId r = cx.type_of(right);
  const TypeId left_number = representation_of(cx, l) ? representation_of(cx, l) : l;
  const TypeId right_number = representation_of(cx, r) ? representation_of(cx, r) : r;
  if (!is_number(cx, left_number) || !is_number(cx, right_number))
    return report_operands(cx, span, op, l, r, "numbers");
  const std::optional<TypeId> joined = join(cx, left, right);
  if (!joined) return report_operands(cx, span, op, l, r, "operands of one type");
  if (cx.is_poison(*joined)) return cx.poison;
  TypeId type = *joined;
  if (representation_of(cx, type)) {  // both are the same enum
    type = as_number(cx, left);
    as_number(cx, right);
  }
  if ((op == Op::kSatAdd || op == Op::kSatSub) && type == cx.int_type) {
    return report_operands(cx, span, op, l, r, "bits of a known width");
  }
  const auto* bits = cx.get<type::Bits>(type);
  if ((op == Op::kDiv || op == Op::kMod) && bits != nullptr && bits->is_signed) {
    return report_operands(cx, span, op, l, r, "unsigned operands");
  }
  if ((op == Op::kDiv || op == Op::kMod) && type != cx.int_type) {
    // By a constant, only what a shift or a mask can do is left for run time.
    const std::optional<BigInt> divisor = final_int(cx, right);
    const bool is_power = divisor && *divisor > 0 && (*divisor & BigInt(*divisor - 1)) == 0;
    if (divisor && *divisor > 0 && !is_power && !cx.is_known[left]) {
      cx.error(Kind::kBadOperand, span,
               fmt::format("'{}' by {} at run time, expected a power of two", spell(op), divisor->str()));
      return cx.poison;
    }
  }
  return type;
}

TypeId operator_type(Context& cx, Span span, Op op, ExprId left, ExprId right) {
  const TypeId l = cx.type_of(left);
  const TypeId r = cx.type_of(right);
  if (cx.is_poison(l) || cx.is_poison(r)) return cx.poison;
  switch (op) {
    case Op::kAnd:
    case Op::kOr:
      if (l != cx.bool_type || r != cx.bool_type) return report_operands(cx, span, op, l, r, "bool on both sides");
      return cx.bool_type;
    case Op::kEq:
    case Op::kNe:
      return equality_type(cx, span, op, left, right);
    case Op::kLt:
    case Op::kGt:
    case Op::kLe:
    case Op::kGe:
      return cx.is_poison(arithmetic_type(cx, span, op, left, right)) ? cx.poison : cx.bool_type;
    case Op::kShl:
    case Op::kShr:
      return shift_type(cx, span, op, left, right);
    case Op::kConcat:
      return concat_type(cx, span, left, right);
    default:
      return arithmetic_type(cx, span, op, left, right);
  }
}

Constant fold(Context& cx, Span span, Op op, ExprId left, ExprId right, TypeId type) {
  const Constant l = final_constant(cx, left);
  const Constant r = final_constant(cx, right);
  if (op == Op::kConcat) return fold_concat(cx, span, l, cx.final_type(left), r, cx.final_type(right));
  if (op == Op::kShl || op == Op::kShr) return fold_shift(cx, span, op, l, r, type);
  return fold_binary(cx, span, op, l, r, type);
}

}  // namespace

TypeId binary_type(Context& cx, Span span, Op op, ExprId left, ExprId right) {
  const TypeId type = operator_type(cx, span, op, left, right);
  if (!cx.is_poison(type) && (op == Op::kDiv || op == Op::kMod)) fold(cx, span, op, left, right, type);
  return type;
}

TypeId infer_unary(Context& cx, ExprId e, const ast::Unary& node) {
  TypeId type = infer_value(cx, node.operand);
  if (cx.is_poison(type)) return cx.poison;
  bool is_fine = false;
  if (node.op == ast::Unary::Op::kNot) {
    is_fine = type == cx.bool_type;
  } else {
    type = as_number(cx, node.operand);
    is_fine = cx.get<type::Bits>(type) != nullptr || (type == cx.int_type && node.op != ast::Unary::Op::kComplement);
  }
  if (!is_fine) {
    cx.error(Kind::kBadOperand, cx.span(e),
             fmt::format("'{}' of {}, expected {}", spell(node.op), cx.show(type),
                         node.op == ast::Unary::Op::kNot          ? "bool"
                         : node.op == ast::Unary::Op::kComplement ? "bits of a known width"
                                                                  : "a number"));
    return cx.poison;
  }
  cx.is_known.set(e, cx.is_known[node.operand]);
  cx.out.constant_of.set(e, fold_unary(cx, node.op, final_constant(cx, node.operand), type));
  return type;
}

TypeId infer_binary(Context& cx, ExprId e, const ast::Binary& first) {
  // `a + b + c + ...` leans to the left as deep as it is long; walk down and fold up instead of recursing.
  std::vector<ExprId> spine{e};
  for (ExprId at = first.left; cx.expr<ast::Binary>(at) != nullptr && !cx.out.type_of[at];) {
    spine.push_back(at);
    at = cx.expr<ast::Binary>(at)->left;
  }
  TypeId type = cx.poison;
  for (std::size_t i = spine.size(); i > 0; --i) {
    const ExprId id = spine[i - 1];
    const ast::Binary& node = *cx.expr<ast::Binary>(id);
    infer_value(cx, node.left);
    infer_value(cx, node.right);
    type = operator_type(cx, cx.span(id), node.op, node.left, node.right);
    if (!cx.is_poison(type)) {
      cx.is_known.set(id, cx.is_known[node.left] && cx.is_known[node.right]);
      const std::size_t errors = cx.diagnostics.error_count();
      Constant value = fold(cx, cx.span(id), node.op, node.left, node.right, type);
      if (cx.diagnostics.error_count() != errors) type = cx.poison;
      if (value) {
        cx.out.constant_of.set(id, std::move(value));
        cx.is_known.set(id, true);
      }
    }
    cx.out.type_of.set(id, type);
  }
  return type;
}

namespace {

/// Explicit casts (section 8.11.1), for types that do not convert by themselves.
bool may_cast(Context& cx, TypeId from, TypeId to) {
  const auto* from_bits = cx.get<type::Bits>(from);
  const auto* to_bits = cx.get<type::Bits>(to);
  if (from_bits != nullptr && to_bits != nullptr) {
    // One step changes the width or the sign, not both.
    return from_bits->is_signed == to_bits->is_signed || from_bits->width == to_bits->width;
  }
  if (from_bits != nullptr && to == cx.int_type) return true;
  if (from == cx.bool_type && to_bits != nullptr) return to_bits->width == 1 && !to_bits->is_signed;
  if (from_bits != nullptr && to == cx.bool_type) return from_bits->width == 1 && !from_bits->is_signed;
  if (from == cx.int_type && to == cx.bool_type) return true;
  if (const TypeId base = new_type_base(cx, to))
    return from == base || converts(cx, from, base) || (new_type_base(cx, base) && may_cast(cx, from, base));
  if (const TypeId base = new_type_base(cx, from))
    return base == to || (new_type_base(cx, base) && may_cast(cx, base, to));
  if (const TypeId base = representation_of(cx, to)) {
    return from == base || from == cx.int_type ||
           (representation_of(cx, from) && may_cast(cx, representation_of(cx, from), to));
  }
  if (const TypeId base = representation_of(cx, from)) return base == to || may_cast(cx, base, to);
  return false;
}

bool is_structural(const Context& cx, ExprId e) {
  return cx.expr<ast::ListExpr>(e) != nullptr || cx.expr<ast::StructExpr>(e) != nullptr ||
         cx.expr<ast::InvalidExpr>(e) != nullptr || cx.expr<ast::DotsExpr>(e) != nullptr;
}

}  // namespace

TypeId infer_cast(Context& cx, ExprId e, const ast::Cast& node) {
  const TypeId to = resolve_type(cx, node.type);
  const TypeId from = infer_value(cx, node.operand, to);
  if (cx.is_poison(to) || cx.is_poison(from)) return cx.poison;
  cx.is_known.set(e, cx.is_known[node.operand]);
  const auto finish = [&] {
    cx.out.constant_of.set(e, convert_constant(cx, final_constant(cx, node.operand), cx.final_type(node.operand), to));
    return to;
  };
  if (is_structural(cx, node.operand)) return convert(cx, node.operand, to, "the value to cast") ? finish() : cx.poison;
  const Constant value = cx.out.constant_of[node.operand];
  const BigInt* number = int_in(value);
  if (from == cx.int_type && to == cx.bool_type && (number == nullptr || (*number != 0 && *number != 1))) {
    cx.error(Kind::kBadCast, cx.span(e), "only the numbers 0 and 1 can be cast to bool");
    return cx.poison;
  }
  if (from == to || may_cast(cx, from, to)) return finish();
  if (from != cx.any_type && to != cx.any_type && converts(cx, from, to) &&
      convert(cx, node.operand, to, "the value to cast")) {
    return finish();
  }
  Diagnostic& report =
      cx.error(Kind::kBadCast, cx.span(e), fmt::format("{} cannot be cast to {}", cx.show(from), cx.show(to)));
  const auto* from_bits = cx.get<type::Bits>(from);
  if (from_bits != nullptr && cx.get<type::Bits>(to) != nullptr) {
    report.notes.push_back({{}, "change the width in one cast and the sign in another"});
  }
  return cx.poison;
}

}  // namespace p4bpf::check
