// Elaboration of expressions. Pure ones stay whole trees, as written; what has an effect becomes statements in
// evaluation order.
#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

Value Elaboration::eval(ast::ExprId id) {
  const Span span = at(id).span;
  const TypeId converted = typed_.converted_to[id];
  if (const auto& known = typed_.constant_of[id]) {
    const Value value = from_constant(*known, type_of(id), span);
    return converted ? convert(value, bind(converted), span) : value;
  }
  const Value value = eval_raw(id);
  return converted ? convert(value, bind(converted), span) : value;
}

ExprId Elaboration::eval_scalar(ast::ExprId id) {
  const Value value = eval(id);
  const auto* expr = std::get_if<ExprId>(&value.node);
  if (expr == nullptr) unsupported(at(id).span, "a single value was expected here");
  return *expr;
}

Value Elaboration::eval_raw(ast::ExprId id) {
  const Span span = at(id).span;
  return std::visit(Match{[&](const ast::IntLiteral& node) -> Value {
                            return from_constant(ConstValue{node.value}, type_of(id), span);
                          },
                          [&](const ast::BoolLiteral& node) -> Value {
                            return from_constant(ConstValue{node.value}, type_of(id), span);
                          },
                          [&](const ast::StringLiteral& node) -> Value {
                            return from_constant(ConstValue{node.value}, type_of(id), span);
                          },
                          [&](const ast::NameExpr& node) { return eval_name(id, node); },
                          [&](const ast::Member& node) { return eval_member(id, node); },
                          [&](const ast::Index& node) { return eval_index(id, node); },
                          [&](const ast::Slice& node) { return eval_slice(id, node); },
                          [&](const ast::PlusSlice& node) { return eval_plus_slice(id, node); },
                          [&](const ast::Unary& node) { return eval_unary(id, node); },
                          [&](const ast::Binary& node) { return eval_binary(id, node); },
                          [&](const ast::Conditional& node) { return eval_conditional(id, node); },
                          [&](const ast::Cast& node) { return convert(eval(node.operand), type_of(id), span); },
                          [&](const ast::Call& node) { return eval_call(id, node, true); },
                          [&](const ast::ListExpr& node) { return eval_list(id, node); },
                          [&](const ast::StructExpr& node) { return eval_struct(id, node); },
                          [&](const ast::InvalidExpr&) { return default_value(final_type(id), span); },
                          [&](const ast::DotsExpr&) { return default_value(final_type(id), span); },
                          [&](const auto&) -> Value { unsupported(span, "this expression is not supported here"); }},
                    at(id).node);
}

Value Elaboration::eval_name(ast::ExprId id, const ast::NameExpr& name) {
  const ast::DeclId decl = typed_.decl_of[id];
  P4BPF_CHECK(decl, "unresolved name " + name.name.text);
  return lookup(decl, at(id).span);
}

Value Elaboration::lookup(ast::DeclId decl, Span span) {
  for (const Env* scope = &env(); scope != nullptr; scope = scope->parent) {
    const auto found = scope->values.find(decl);
    if (found != scope->values.end()) return found->second;
  }
  return global(decl, span);
}

/// A constant, or an instance at the top level, made when it is first named.
Value Elaboration::global(ast::DeclId decl, Span span) {
  const ast::Decl& node = ast()[decl];
  if (const auto& known = typed_.constant_of_decl[decl]) return from_constant(*known, typed_.type_of_decl[decl], span);
  Scoped<Frame> frame(frame_, Frame{});
  frame_.env = &globals_;
  if (const auto* constant_decl = std::get_if<ast::ConstDecl>(&node.node)) {
    return convert(eval(constant_decl->value), typed_.type_of_decl[decl], span);
  }
  if (!std::holds_alternative<ast::InstanceDecl>(node.node)) {
    unsupported(span, fmt::format("'{}' is not supported as a value here", node.name.text));
  }
  const Value instance = construct_declared(decl);
  globals_.values[decl] = instance;
  return instance;
}

Value Elaboration::eval_member(ast::ExprId id, const ast::Member& node) {
  const Span span = at(id).span;
  const std::string& name = node.member.text;
  if (const auto* applied = as<type::ApplyResult>(type_of(node.base))) {
    const auto* call = std::get_if<ast::Call>(&at(node.base).node);
    if (call == nullptr) unsupported(span, "the result of a table application must be used where the table is applied");
    const bool wants_hit = name != "action_run";
    const ApplyResult result = apply_table(*call, applied->table, wants_hit, !wants_hit, span);
    if (name == "miss") return {out_.negation(out_.ref(result.hit, span), span)};
    return {out_.ref(wants_hit ? result.hit : result.action_run, span)};
  }
  const Value base = eval(node.base);
  if (const auto* stack = std::get_if<StackPlace>(&base.node)) return stack_member(*stack, name, span);
  return member(base, name, span);
}

/// next, last, lastIndex and size of a stack (section 8.18). next and last reject where there is no such element.
Value Elaboration::stack_member(const StackPlace& stack, const std::string& name, Span span) {
  const Stack& first = program_[stack.stacks.front()];
  const Type index_type = Type::bits(32);
  const ExprId size = out_.constant(index_type, first.elements.size(), span);
  const ExprId next = out_.ref(first.next_index, span);
  const ExprId one = out_.constant(index_type, 1, span);
  if (name == "size") return {size};
  if (name == "lastIndex") return {out_.binary(BinaryOp::kSub, next, one, span)};
  if (name == "next") {
    reject_if(out_.binary(BinaryOp::kGe, next, size, span), "StackOutOfBounds", span);
    return element(stack, next, span);
  }
  if (name != "last") unsupported(span, fmt::format("there is no member '{}' of a header stack", name));
  reject_if(out_.binary(BinaryOp::kEq, next, out_.constant(index_type, 0, span), span), "StackOutOfBounds", span);
  return element(stack, out_.binary(BinaryOp::kSub, next, one, span), span);
}

Value Elaboration::eval_index(ast::ExprId id, const ast::Index& node) {
  const Span span = at(id).span;
  std::vector<Value> both = eval_in_order({node.base, node.index});
  const auto* index = std::get_if<ExprId>(&both[1].node);
  if (index == nullptr) unsupported(span, "this index is not supported");
  if (const auto* stack = std::get_if<StackPlace>(&both[0].node)) {
    ExprId unsigned_index = *index;
    if (const Type type = program_[*index].type; type.is_signed && !fold(*index)) {
      unsigned_index = cast_to(Type::bits(type.width), *index, span);
    }
    return element(*stack, unsigned_index, span);
  }
  const std::optional<BigInt> position = fold(*index);
  const std::vector<Value> elements = parts(both[0], span);
  if (!position || *position < 0 || *position >= elements.size()) {
    unsupported(span, "an element of this value can only be chosen by a compile-time-known index within its bounds");
  }
  return elements[static_cast<std::size_t>(*position)];
}

Value Elaboration::eval_slice(ast::ExprId id, const ast::Slice& node) {
  const Span span = at(id).span;
  const ExprId base = eval_scalar(node.base);
  const BigInt hi = need_constant(node.hi, "the upper bound of a slice");
  const BigInt lo = need_constant(node.lo, "the lower bound of a slice");
  const std::uint32_t width = program_[base].type.width;
  if (lo < 0 || hi < lo || hi >= width) {
    abandon(DiagnosticKind::kBadSlice, span,
            fmt::format("the slice [{}:{}] is not within {} bits", hi.str(), lo.str(), width));
  }
  const auto high = static_cast<std::uint32_t>(hi);
  const auto low = static_cast<std::uint32_t>(lo);
  return {out_.expr(Type::bits(high - low + 1), Slice{base, high, low}, span)};
}

/// `base[lo +: width]`; lo may be known only at run time.
Value Elaboration::eval_plus_slice(ast::ExprId id, const ast::PlusSlice& node) {
  const Span span = at(id).span;
  const std::vector<Value> both = eval_in_order({node.base, node.lo});
  const ExprId base = std::get<ExprId>(both[0].node);
  ExprId lo = std::get<ExprId>(both[1].node);
  const BigInt width = need_constant(node.width, "the width of a slice");
  const std::uint32_t whole = program_[base].type.width;
  const std::optional<BigInt> fixed = fold(lo);
  if (width < 1 || width > whole || (fixed && (*fixed < 0 || *fixed + width > whole))) {
    abandon(DiagnosticKind::kBadSlice, span,
            fmt::format("the slice of {} bits is not within {} bits", width.str(), whole));
  }
  const auto bits = static_cast<std::uint32_t>(width);
  if (fixed) {
    const auto low = static_cast<std::uint32_t>(*fixed);
    return {out_.expr(Type::bits(bits), Slice{base, low + bits - 1, low}, span)};
  }
  if (program_[lo].type.is_signed) lo = cast_to(Type::bits(program_[lo].type.width), lo, span);
  const ExprId shifted = out_.binary(BinaryOp::kShr, cast_to(Type::bits(whole), base, span), lo, span);
  return {cast_to(Type::bits(bits), shifted, span)};
}

Value Elaboration::eval_unary(ast::ExprId id, const ast::Unary& node) {
  const Span span = at(id).span;
  const ExprId operand = eval_scalar(node.operand);
  const Type type = program_[operand].type;
  const bool is_int = as<type::InfInt>(type_of(id)) != nullptr;
  switch (node.op) {
    case ast::Unary::Op::kPlus:
      return {operand};
    case ast::Unary::Op::kNot:
      return {out_.negation(operand, span)};
    case ast::Unary::Op::kComplement:
      return {out_.expr(type, Unary{Unary::Op::kComplement, operand}, span)};
    case ast::Unary::Op::kNegate:
      if (const auto value = fold(operand); is_int && value) return {int_constant(-*value, span)};
      return {out_.expr(type, Unary{Unary::Op::kNegate, operand}, span)};
  }
  return {operand};
}

Value Elaboration::eval_binary(ast::ExprId id, const ast::Binary& node) {
  const bool is_logical = node.op == ast::BinaryOp::kAnd || node.op == ast::BinaryOp::kOr;
  if (is_logical && has_effects(node.right)) return eval_short_circuit(id, node);
  const std::vector<Value> both = eval_in_order({node.left, node.right});
  return binary(node.op, both[0], both[1], type_of(id), at(id).span);
}

namespace {

bool is_comparison(BinaryOp op) {
  return op == BinaryOp::kEq || op == BinaryOp::kNe || op == BinaryOp::kLt || op == BinaryOp::kLe ||
         op == BinaryOp::kGt || op == BinaryOp::kGe;
}

}  // namespace

Value Elaboration::binary(ast::BinaryOp ast_op, const Value& left_value, const Value& right_value, TypeId type,
                          Span span) {
  static_assert(static_cast<int>(ast::BinaryOp::kOr) == static_cast<int>(BinaryOp::kOr),
                "the two lists run in parallel");
  const auto op = static_cast<BinaryOp>(ast_op);
  const auto* left_expr = std::get_if<ExprId>(&left_value.node);
  const auto* right_expr = std::get_if<ExprId>(&right_value.node);
  if (left_expr == nullptr || right_expr == nullptr) {
    if (op != BinaryOp::kEq && op != BinaryOp::kNe) unsupported(span, "this operator is not supported on these values");
    const ExprId same = equal(left_value, right_value, span);
    return {op == BinaryOp::kEq ? same : out_.negation(same, span)};
  }
  ExprId left = *left_expr;
  ExprId right = *right_expr;
  const bool is_shift = op == BinaryOp::kShl || op == BinaryOp::kShr;
  const bool is_int = type && as<type::InfInt>(type) != nullptr;
  if (is_shift) {
    // The amount is unsigned in the IR; a constant one takes what bits it needs.
    if (program_[right].type.is_signed)
      right = cast_to(Type::bits(std::max(program_[right].type.width, 32U)), right, span);
    if (is_int) left = cast_to(Type::bits(2048, true), left, span);
  } else if (is_int) {
    // Operators of `int` on constructor arguments: wide enough that nothing is lost, converted where it is used.
    left = cast_to(Type::bits(2048, true), left, span);
    right = cast_to(Type::bits(2048, true), right, span);
  } else if (op != BinaryOp::kConcat && program_[left].type != program_[right].type) {
    const Type common = is_comparison(op) ? wider(program_[left].type, program_[right].type) : scalar(type, span);
    left = cast_to(common, left, span);
    right = cast_to(common, right, span);
  }
  return {out_.binary(op, left, right, span)};
}

Type Elaboration::wider(const Type& left, const Type& right) {
  if (left.kind != Type::Kind::kBits || right.kind != Type::Kind::kBits) return left;
  return Type::bits(std::max(left.width, right.width), left.is_signed || right.is_signed);
}

/// `a && f()` with an effect in f: f runs only if a holds.
Value Elaboration::eval_short_circuit(ast::ExprId id, const ast::Binary& node) {
  const Span span = at(id).span;
  const VarId result = out_.var(join(env().path, "condition"), Type::boolean(), span);
  out_.assign(result, eval_scalar(node.left), span);
  Builder then = nested();
  {
    Scoped<Builder> into(out_, then);
    out_.assign(result, eval_scalar(node.right), span);
  }
  const ExprId left = out_.ref(result, span);
  out_.add(If{node.op == ast::BinaryOp::kAnd ? left : out_.negation(left, span), then.block(), {}}, span);
  return {out_.ref(result, span)};
}

Value Elaboration::eval_conditional(ast::ExprId id, const ast::Conditional& node) {
  const Span span = at(id).span;
  const ExprId condition = eval_scalar(node.condition);
  const TypeId type = final_type(id);
  if (const auto known = fold(condition)) return eval(*known != 0 ? node.yes : node.no);
  if (is_scalar(type) && !has_effects(node.yes) && !has_effects(node.no)) {
    const ExprId yes = eval_scalar(node.yes);
    const ExprId no = cast_to(program_[yes].type, eval_scalar(node.no), span);
    return {out_.expr(program_[yes].type, Mux{condition, yes, no}, span)};
  }
  const Value result = value_of(storage(type, join(env().path, "choice"), span));
  const auto branch = [&](ast::ExprId expr) {
    Builder block = nested();
    Scoped<Builder> into(out_, block);
    store(result, convert(eval(expr), type, span), span);
    return block.block();
  };
  const BlockId yes = branch(node.yes);
  const BlockId no = branch(node.no);
  out_.add(If{condition, yes, no}, span);
  return result;
}

Value Elaboration::eval_list(ast::ExprId, const ast::ListExpr& node) {
  return {Aggregate{"", false, {}, eval_in_order(node.elements)}};
}

Value Elaboration::eval_struct(ast::ExprId, const ast::StructExpr& node) {
  Aggregate result;
  ExprIds values;
  for (const ast::Argument& field : node.fields) {
    result.names.push_back(field.name.text);
    values.push_back(field.value);
  }
  result.members = eval_in_order(values);
  return {std::move(result)};
}

std::vector<Value> Elaboration::eval_in_order(const ExprIds& exprs) {
  std::size_t last_effect = 0;
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    if (has_effects(exprs[i])) last_effect = i;
  }
  std::vector<Value> result;
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    Value value = eval(exprs[i]);
    const bool is_stack = std::holds_alternative<StackPlace>(value.node);  // the base of an index
    if (i < last_effect && !is_stack) value = freeze(value, join(env().path, "tmp"), at(exprs[i]).span);
    result.push_back(std::move(value));
  }
  return result;
}

// ---- effects ------------------------------------------------------------------------------------------------------

bool Elaboration::is_packet_length(const ast::Call& call, const CallInfo& info) const {
  const auto* callee = std::get_if<ast::Member>(&at(call.callee).node);
  return callee != nullptr && callee->member.text == "length" && is_packet(typed_.type_of[callee->base]) &&
         ast()[info.callee].name.text == "length";
}

bool Elaboration::call_has_effects(ast::ExprId id, const ast::Call& call) const {
  const CallInfo& info = typed_.call_of[id];
  using Kind = CallInfo::Kind;
  switch (info.kind) {
    case Kind::kIsValid:
      return has_effects(call.callee);
    case Kind::kMinSizeInBits:
    case Kind::kMinSizeInBytes:
    case Kind::kMaxSizeInBits:
    case Kind::kMaxSizeInBytes:
    case Kind::kStaticAssert:
    case Kind::kConstructor:
      return false;
    case Kind::kMethod:
      return !is_packet_length(call, info);
    default:
      return true;
  }
}

/// Whether evaluating writes statements: calls, and what may reject. Those must not be evaluated twice or out of order.
bool Elaboration::has_effects(ast::ExprId id) const {
  if (!id || typed_.constant_of[id]) return false;
  const auto any = [this](const std::vector<ast::ExprId>& exprs) {
    for (const ast::ExprId one : exprs) {
      if (has_effects(one)) return true;
    }
    return false;
  };
  return std::visit(Match{[&](const ast::Member& node) {
                            const TypeId base = typed_.type_of[node.base];
                            const bool is_stack = base && typed_.types.get<type::Stack>(base) != nullptr;
                            if (is_stack && (node.member.text == "next" || node.member.text == "last")) return true;
                            return has_effects(node.base);
                          },
                          [&](const ast::Index& node) {
                            return any({node.base, node.index});
                          },
                          [&](const ast::Slice& node) { return has_effects(node.base); },
                          [&](const ast::PlusSlice& node) {
                            return any({node.base, node.lo});
                          },
                          [&](const ast::Unary& node) { return has_effects(node.operand); },
                          [&](const ast::Binary& node) {
                            return any({node.left, node.right});
                          },
                          [&](const ast::Conditional& node) {
                            return any({node.condition, node.yes, node.no});
                          },
                          [&](const ast::Cast& node) { return has_effects(node.operand); },
                          [&](const ast::Call& node) { return call_has_effects(id, node); },
                          [&](const ast::ListExpr& node) { return any(node.elements); },
                          [&](const ast::StructExpr& node) {
                            for (const ast::Argument& field : node.fields) {
                              if (has_effects(field.value)) return true;
                            }
                            return false;
                          },
                          [&](const ast::MaskExpr& node) {
                            return any({node.value, node.mask});
                          },
                          [&](const ast::RangeExpr& node) {
                            return any({node.lo, node.hi});
                          },
                          [](const auto&) { return false; }},
                    at(id).node);
}

}  // namespace p4bpf::ir
