// Elaboration: compile-time values to IR, and IR back to compile-time values (constructor parameters are known only
// now).
#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"
#include "ir/evaluate.h"

namespace p4bpf::ir {

/// A constant of type `int`, as wide as it needs; whoever uses it converts it.
ExprId Elaboration::int_constant(const BigInt& value, Span span) {
  const BigInt magnitude = value < 0 ? BigInt(-value) : value;
  const auto bits = magnitude == 0 ? 1U : static_cast<std::uint32_t>(boost::multiprecision::msb(magnitude)) + 1;
  return out_.constant(Type::bits(bits + 1, true), value, span);
}

/// The index of an error, or of a member in its enum.
std::size_t Elaboration::member_index(ast::DeclId member) const {
  if (const auto at = error_index_.find(member); at != error_index_.end()) return at->second;
  const auto at = enum_members_.find(member);
  P4BPF_CHECK(at != enum_members_.end(), "a constant names no member of an enum");
  return at->second.second;
}

Value Elaboration::from_constant(const ConstValue& constant, TypeId type, Span span) {
  const TypeId plain = strip(type);
  return std::visit(Match{[&](const BigInt& value) -> Value {
                            if (!is_scalar(plain) || typed_.types.get<type::InfInt>(plain) != nullptr)
                              return {int_constant(value, span)};
                            return {out_.constant(scalar(plain, span), value, span)};
                          },
                          [&](bool value) -> Value { return {out_.constant(Type::boolean(), value ? 1 : 0, span)}; },
                          [&](const std::string& value) -> Value {
                            return {out_.expr({Type::Kind::kString, 0, false, {}}, StringConst{value}, span)};
                          },
                          [&](ast::DeclId member) -> Value {
                            if (error_index_.count(member) != 0)
                              return {out_.constant(Type::error(), member_index(member), span)};
                            const auto of_enum = enum_members_.find(member);
                            if (of_enum == enum_members_.end()) unsupported(span, "a match kind is no value here");
                            const Type member_type = Type::enumeration(enum_type(of_enum->second.first));
                            return {out_.constant(member_type, member_index(member), span)};
                          },
                          [&](const ConstList& list) -> Value {
                            Aggregate result;
                            const std::vector<std::pair<std::string, TypeId>> wanted = members(plain);
                            const auto* elements = typed_.types.get<type::List>(plain);
                            const auto* stack = typed_.types.get<type::Stack>(plain);
                            const TypeId element_type = elements != nullptr ? elements->element
                                                        : stack != nullptr  ? stack->element
                                                                            : TypeId{};
                            for (std::size_t i = 0; i < list.size(); ++i) {
                              if (i < wanted.size() && typed_.types.get<type::Tuple>(plain) == nullptr)
                                result.names.push_back(wanted[i].first);
                              const TypeId member_type = i < wanted.size() ? wanted[i].second : element_type;
                              if (!member_type) unsupported(span, "this list constant is not supported here");
                              result.members.push_back(from_constant(list[i], member_type, span));
                            }
                            return convert({std::move(result)}, plain, span);
                          }},
                    constant.value);
}

std::optional<BigInt> Elaboration::fold(ExprId id) const {
  const Expr& expr = program_[id];
  if (const auto* constant = std::get_if<Const>(&expr.node)) return constant->value;
  if (const auto* unary = std::get_if<Unary>(&expr.node)) {
    const auto operand = fold(unary->operand);
    if (operand) return evaluate_unary(unary->op, expr.type, *operand);
  } else if (const auto* binary_node = std::get_if<Binary>(&expr.node)) {
    const auto left = fold(binary_node->left);
    if (!left) return std::nullopt;
    const auto right = fold(binary_node->right);
    if (!right) return std::nullopt;
    return evaluate_binary(binary_node->op, expr.type, program_[binary_node->left].type, *left,
                           program_[binary_node->right].type, *right);
  } else if (const auto* cast = std::get_if<Cast>(&expr.node)) {
    const auto operand = fold(cast->operand);
    if (operand) return evaluate_cast(expr.type, *operand);
  } else if (const auto* slice = std::get_if<Slice>(&expr.node)) {
    const auto operand = fold(slice->operand);
    if (operand) return bit_slice(wrap(*operand, program_[slice->operand].type.width, false), slice->hi, slice->lo);
  } else if (const auto* mux = std::get_if<Mux>(&expr.node)) {
    const auto condition = fold(mux->condition);
    if (condition) return fold(*condition != 0 ? mux->yes : mux->no);
  }
  return std::nullopt;
}

/// The integer (or bool, or member's index) that the expression is known to have, constructor parameters included.
std::optional<BigInt> Elaboration::constant(ast::ExprId id) {
  if (const auto& known = typed_.constant_of[id]) {
    if (const auto* value = std::get_if<BigInt>(&known->value); value != nullptr && !typed_.converted_to[id])
      return *value;
  }
  if (has_effects(id)) return std::nullopt;
  const Value value = eval(id);
  const auto* expr = std::get_if<ExprId>(&value.node);
  return expr == nullptr ? std::nullopt : fold(*expr);
}

BigInt Elaboration::need_constant(ast::ExprId id, const char* what) {
  const std::optional<BigInt> value = constant(id);
  if (!value)
    abandon(DiagnosticKind::kNotConstant, at(id).span, fmt::format("{} is not a compile-time-known value", what));
  return *value;
}

}  // namespace p4bpf::ir
