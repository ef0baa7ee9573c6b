// Compile-time evaluation: see constants.h. Values of `int` stay below kMaxWidth bits, so that no program can make us
// count forever.
#include "frontend/types/constants.h"

#include <fmt/format.h>

#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

ConstValue of(BigInt value) { return ConstValue{std::move(value)}; }
ConstValue of(bool value) { return ConstValue{value}; }

/// `value` reduced to the range of `type`; nothing, reported, if it is an `int` beyond the limit.
Constant in_range(Context& cx, Span span, BigInt value, TypeId type) {
  if (const auto* bits = cx.get<type::Bits>(type)) return of(wrap(value, bits->width, bits->is_signed));
  const BigInt size = value < 0 ? BigInt(-value) : value;
  if (size != 0 && boost::multiprecision::msb(size) >= kMaxWidth) {
    cx.error(Kind::kBadWidth, span,
             fmt::format("this value takes more than the {} bits that are supported", kMaxWidth));
    return std::nullopt;
  }
  return of(std::move(value));
}

/// Leaves of a value, counted up to the limit.
void count_leaves(const ConstValue& value, std::size_t& leaves) {
  ++leaves;
  if (const auto* list = std::get_if<ConstList>(&value.value)) {
    for (const ConstValue& part : *list) {
      if (leaves > kMaxConstLeaves) return;
      count_leaves(part, leaves);
    }
  }
}

bool compare(ast::BinaryOp op, const BigInt& left, const BigInt& right) {
  switch (op) {
    case ast::BinaryOp::kLe:
      return left <= right;
    case ast::BinaryOp::kGe:
      return left >= right;
    case ast::BinaryOp::kLt:
      return left < right;
    default:
      return left > right;
  }
}

bool is_order(ast::BinaryOp op) {
  return op == ast::BinaryOp::kLe || op == ast::BinaryOp::kGe || op == ast::BinaryOp::kLt || op == ast::BinaryOp::kGt;
}

/// Division is defined for a positive divisor and a dividend that is not negative (section 8.8).
Constant divide(Context& cx, Span span, ast::BinaryOp op, const BigInt& left, const BigInt& right, TypeId type) {
  const char* what = op == ast::BinaryOp::kDiv ? "division" : "modulo";
  if (right == 0) {
    cx.error(Kind::kBadOperand, span, fmt::format("{} by zero", what));
    return std::nullopt;
  }
  if (left < 0 || right < 0) {
    cx.error(Kind::kBadOperand, span, fmt::format("{} is not defined for negative numbers", what));
    return std::nullopt;
  }
  return in_range(cx, span, op == ast::BinaryOp::kDiv ? BigInt(left / right) : BigInt(left % right), type);
}

/// Bits of a negative `int` are those of two's complement with room to spare; cpp_int itself refuses them.
BigInt bitwise(ast::BinaryOp op, const BigInt& left, const BigInt& right) {
  const BigInt base = power_of_two(2 * kMaxWidth);
  const BigInt l = left < 0 ? BigInt(left + base) : left;
  const BigInt r = right < 0 ? BigInt(right + base) : right;
  BigInt result = op == ast::BinaryOp::kBitAnd  ? BigInt(l & r)
                  : op == ast::BinaryOp::kBitOr ? BigInt(l | r)
                                                : BigInt(l ^ r);
  if (left < 0 || right < 0) result = wrap(result, 2 * kMaxWidth, true);
  return result;
}

}  // namespace

const BigInt* int_in(const Constant& value) { return value ? std::get_if<BigInt>(&value->value) : nullptr; }
const bool* bool_in(const Constant& value) { return value ? std::get_if<bool>(&value->value) : nullptr; }

Constant list_constant(const std::vector<Constant>& parts) {
  ConstList list;
  std::size_t leaves = 0;
  for (const Constant& part : parts) {
    if (!part) return std::nullopt;
    count_leaves(*part, leaves);
    if (leaves > kMaxConstLeaves) return std::nullopt;
    list.push_back(*part);
  }
  return ConstValue{std::move(list)};
}

Constant default_constant(Context& cx, TypeId type) {
  if (is_number(cx, type) || representation_of(cx, type)) return of(BigInt(0));
  if (const TypeId base = new_type_base(cx, type)) return default_constant(cx, base);
  if (type == cx.bool_type) return of(false);
  if (type == cx.error_type && !cx.out.errors.empty()) return ConstValue{cx.out.errors.front()};
  if (const ast::EnumDecl* decl = enum_of(cx, type); decl != nullptr && !decl->members.empty()) {
    return ConstValue{decl->members.front()};
  }
  std::vector<TypeId> parts;
  if (is_struct(cx, type)) {
    parts = field_types(cx, type);
  } else if (const auto* tuple = cx.get<type::Tuple>(type)) {
    parts = tuple->elements;
  } else {
    return std::nullopt;
  }
  std::vector<Constant> values;
  for (const TypeId part : parts) {
    values.push_back(default_constant(cx, part));
    if (!values.back()) return std::nullopt;
  }
  return list_constant(values);
}

namespace {

Constant convert_list(Context& cx, const ConstList& list, TypeId from, TypeId to) {
  std::vector<TypeId> from_parts;
  std::vector<std::string> names;
  if (const auto* tuple = cx.get<type::Tuple>(from)) from_parts = tuple->elements;
  if (const auto* anonymous = cx.get<type::AnonymousStruct>(from)) {
    from_parts = anonymous->types;
    names = anonymous->names;
  }
  if (const auto* element = cx.get<type::List>(from)) from_parts.assign(list.size(), element->element);
  if (from_parts.empty() && struct_of(cx, from) != nullptr) from_parts = field_types(cx, from);
  std::vector<TypeId> to_parts;
  std::vector<std::string> to_names;
  if (const auto* tuple = cx.get<type::Tuple>(to)) to_parts = tuple->elements;
  if (const auto* element = cx.get<type::List>(to)) to_parts.assign(list.size(), element->element);
  if (const auto* stack = cx.get<type::Stack>(to)) to_parts.assign(stack->size, stack->element);
  if (const ast::StructDecl* decl = struct_of(cx, to)) {
    to_parts = field_types(cx, to);
    for (const DeclId field : decl->fields) to_names.push_back(cx.name(field));
  }
  std::vector<Constant> parts;
  for (std::size_t i = 0; i < to_parts.size(); ++i) {
    std::size_t source = i;
    if (!names.empty() && i < to_names.size()) {
      for (source = 0; source < names.size() && names[source] != to_names[i]; ++source) {
      }
    }
    if (source < list.size() && source < from_parts.size()) {
      parts.push_back(convert_constant(cx, list[source], from_parts[source], to_parts[i]));
    } else {
      parts.push_back(default_constant(cx, to_parts[i]));
    }
    if (!parts.back()) return std::nullopt;
  }
  return list_constant(parts);
}

}  // namespace

Constant convert_constant(Context& cx, const Constant& value, TypeId from, TypeId to) {
  if (!value || from == to || !to || from == cx.any_type) return value;  // `...` has its value in the wanted type
  if (const BigInt* number = int_in(value)) {
    if (const auto* bits = cx.get<type::Bits>(to)) return of(wrap(*number, bits->width, bits->is_signed));
    if (to == cx.bool_type) return of(*number != 0);
    if (const TypeId base = representation_of(cx, to)) return convert_constant(cx, value, cx.int_type, base);
    if (const TypeId base = new_type_base(cx, to)) return convert_constant(cx, value, from, base);
    return value;
  }
  if (const bool* truth = bool_in(value)) {
    if (is_number(cx, to)) return of(BigInt(*truth ? 1 : 0));
    return value;
  }
  if (const auto* list = std::get_if<ConstList>(&value->value)) return convert_list(cx, *list, from, to);
  return value;
}

Constant final_constant(Context& cx, ExprId e) {
  const TypeId to = cx.out.converted_to[e];
  return to ? convert_constant(cx, cx.out.constant_of[e], cx.type_of(e), to) : cx.out.constant_of[e];
}

std::optional<BigInt> final_int(Context& cx, ExprId e) {
  const Constant value = final_constant(cx, e);
  if (const BigInt* number = int_in(value)) return *number;
  return std::nullopt;
}

Constant fold_unary(Context& cx, ast::Unary::Op op, const Constant& value, TypeId type) {
  if (const bool* truth = bool_in(value); truth != nullptr && op == ast::Unary::Op::kNot) return of(!*truth);
  const BigInt* number = int_in(value);
  if (number == nullptr) return std::nullopt;
  switch (op) {
    case ast::Unary::Op::kPlus:
      return value;
    case ast::Unary::Op::kNegate:
      return in_range(cx, {}, -*number, type);
    case ast::Unary::Op::kComplement:
      return in_range(cx, {}, BigInt(-*number - 1), type);
    case ast::Unary::Op::kNot:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<bool> equal_constants(const Constant& left, const Constant& right) {
  if (!left || !right || left->value.index() != right->value.index()) return std::nullopt;
  if (const auto* list = std::get_if<ConstList>(&left->value)) {
    const auto& other = std::get<ConstList>(right->value);
    if (list->size() != other.size()) return false;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::optional<bool> same = equal_constants((*list)[i], other[i]);
      if (!same || !*same) return same;
    }
    return true;
  }
  if (const BigInt* number = int_in(left)) return *number == *int_in(right);
  if (const bool* truth = bool_in(left)) return *truth == *bool_in(right);
  if (const auto* text = std::get_if<std::string>(&left->value)) return *text == std::get<std::string>(right->value);
  return std::get<DeclId>(left->value) == std::get<DeclId>(right->value);
}

Constant fold_binary(Context& cx, Span span, ast::BinaryOp op, const Constant& left, const Constant& right,
                     TypeId type) {
  using Op = ast::BinaryOp;
  if (op == Op::kDiv || op == Op::kMod) {
    const BigInt* divisor = int_in(right);
    if (divisor != nullptr && *divisor == 0) return divide(cx, span, op, BigInt(0), *divisor, type);
  }
  if (op == Op::kEq || op == Op::kNe) {
    const std::optional<bool> same = equal_constants(left, right);
    return same ? Constant(of(*same == (op == Op::kEq))) : std::nullopt;
  }
  if (op == Op::kAnd || op == Op::kOr) {
    // The right side does not matter where the left one decides.
    if (const bool* truth = bool_in(left)) {
      if (*truth == (op == Op::kOr)) return of(*truth);
      return right;
    }
    return std::nullopt;
  }
  const BigInt* l = int_in(left);
  const BigInt* r = int_in(right);
  if (l == nullptr || r == nullptr) return std::nullopt;
  if (is_order(op)) return of(compare(op, *l, *r));
  switch (op) {
    case Op::kMul:
      return in_range(cx, span, *l * *r, type);
    case Op::kAdd:
      return in_range(cx, span, *l + *r, type);
    case Op::kSub:
      return in_range(cx, span, *l - *r, type);
    case Op::kDiv:
    case Op::kMod:
      return divide(cx, span, op, *l, *r, type);
    case Op::kSatAdd:
    case Op::kSatSub: {
      const auto* bits = cx.get<type::Bits>(type);
      if (bits == nullptr) return std::nullopt;
      return of(saturate(op == Op::kSatAdd ? BigInt(*l + *r) : BigInt(*l - *r), bits->width, bits->is_signed));
    }
    case Op::kBitAnd:
    case Op::kBitOr:
    case Op::kBitXor:
      return in_range(cx, span, bitwise(op, *l, *r), type);
    default:
      return std::nullopt;
  }
}

Constant fold_shift(Context& cx, Span span, ast::BinaryOp op, const Constant& left, const Constant& right,
                    TypeId type) {
  const BigInt* value = int_in(left);
  const BigInt* by = int_in(right);
  if (value == nullptr || by == nullptr || *by < 0) return std::nullopt;
  if (*value == 0) return left;
  const bool is_left = op == ast::BinaryOp::kShl;
  const auto* bits = cx.get<type::Bits>(type);
  if (is_left) {
    if (bits != nullptr && *by >= bits->width) return of(BigInt(0));
    if (*by > kMaxWidth) {
      cx.error(Kind::kBadWidth, span,
               fmt::format("this value takes more than the {} bits that are supported", kMaxWidth));
      return std::nullopt;
    }
    return in_range(cx, span, *value * power_of_two(static_cast<std::uint32_t>(*by)), type);
  }
  if (*by > kMaxWidth) return of(BigInt(*value < 0 ? -1 : 0));
  // An arithmetic shift: rounds towards minus infinity.
  const BigInt divisor = power_of_two(static_cast<std::uint32_t>(*by));
  return of(*value < 0 ? BigInt(-((-*value + divisor - 1) / divisor)) : BigInt(*value / divisor));
}

Constant fold_concat(Context& cx, Span span, const Constant& left, TypeId left_type, const Constant& right,
                     TypeId right_type) {
  if (!left || !right) return std::nullopt;
  if (left_type == cx.string_type) {
    const auto* l = std::get_if<std::string>(&left->value);
    const auto* r = std::get_if<std::string>(&right->value);
    if (l == nullptr || r == nullptr) return std::nullopt;
    if (l->size() + r->size() > kMaxStringBytes) {
      cx.error(Kind::kBadOperand, span, fmt::format("this string is longer than {} bytes", kMaxStringBytes));
      return std::nullopt;
    }
    return ConstValue{*l + *r};
  }
  const auto* lb = cx.get<type::Bits>(left_type);
  const auto* rb = cx.get<type::Bits>(right_type);
  const BigInt* l = int_in(left);
  const BigInt* r = int_in(right);
  if (lb == nullptr || rb == nullptr || l == nullptr || r == nullptr) return std::nullopt;
  const BigInt low = wrap(*r, rb->width, false);
  return of(wrap(wrap(*l, lb->width, false) * power_of_two(rb->width) + low, lb->width + rb->width, lb->is_signed));
}

}  // namespace p4bpf::check
