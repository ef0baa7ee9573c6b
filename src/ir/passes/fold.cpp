// The identities. Each needs no more than what stands in the expression, and holds for every value of what is not
// constant.
#include "ir/passes/fold.h"

#include <optional>

#include "ir/evaluate.h"

namespace p4bpf::ir {
namespace {

constexpr bool is_bits(const Type& type) { return type.kind == Type::Kind::kBits; }

/// The comparison that holds where `op` does not.
std::optional<BinaryOp> opposite(BinaryOp op) {
  switch (op) {
    case BinaryOp::kEq:
      return BinaryOp::kNe;
    case BinaryOp::kNe:
      return BinaryOp::kEq;
    case BinaryOp::kLt:
      return BinaryOp::kGe;
    case BinaryOp::kGe:
      return BinaryOp::kLt;
    case BinaryOp::kGt:
      return BinaryOp::kLe;
    case BinaryOp::kLe:
      return BinaryOp::kGt;
    default:
      return std::nullopt;
  }
}

bool is_commutative(BinaryOp op) {
  return op == BinaryOp::kMul || op == BinaryOp::kAdd || op == BinaryOp::kSatAdd || op == BinaryOp::kNe ||
         op == BinaryOp::kEq || op == BinaryOp::kBitAnd || op == BinaryOp::kBitXor || op == BinaryOp::kBitOr ||
         op == BinaryOp::kAnd || op == BinaryOp::kOr;
}

}  // namespace

ExprId Folder::constant(const Type& type, const BigInt& value, Span span) {
  ExprId& id = constants_[{type.kind, type.width, type.is_signed, type.enum_type, value}];
  if (!id) id = program_.exprs.add(Expr{type, span, Const{value}});
  return id;
}

const BigInt* Folder::value(ExprId id) const {
  const auto* node = std::get_if<Const>(&program_[id].node);
  return node ? &node->value : nullptr;
}

bool Folder::is(ExprId id, const BigInt& wanted) const {
  const BigInt* found = value(id);
  return found && *found == wanted;
}

bool Folder::is_all_ones(ExprId id) const {
  const BigInt* found = value(id);
  const std::uint32_t width = program_[id].type.width;
  return found && wrap(*found, width, false) == power_of_two(width) - 1;
}

/// Whether both read the same variable or the same field of the same fixed header.
bool Folder::same(ExprId a, ExprId b) const {
  if (a == b) return true;
  const auto *var_a = std::get_if<VarRef>(&program_[a].node), *var_b = std::get_if<VarRef>(&program_[b].node);
  if (var_a && var_b) return var_a->var == var_b->var;
  const auto *field_a = std::get_if<FieldRef>(&program_[a].node), *field_b = std::get_if<FieldRef>(&program_[b].node);
  return field_a && field_b && field_a->header == field_b->header && field_a->field == field_b->field;
}

ExprId Folder::simplify(ExprId original, Expr expr) {
  const ExprId simpler = std::visit(
      Match{
          [&](const Const& n) {
            return expr.type.kind == Type::Kind::kVarbit ? original : constant(expr.type, n.value, expr.span);
          },
          [&](const Unary& n) { return simplify_unary(expr, n); },
          [&](const Binary& n) { return simplify_binary(expr, n); },
          [&](const Cast& n) { return simplify_cast(expr, n); },
          [&](const Slice& n) { return simplify_slice(expr, n); },
          [&](const Mux& n) { return simplify_mux(expr, n); },
          [](const auto&) { return ExprId(); },
      },
      expr.node);
  if (simpler) return simpler;
  // Nothing simpler: the original, unless its operands have changed.
  const Expr& before = program_[original];
  const bool is_same =
      std::visit(Match{
                     [&](const FieldRef& n) { return n.header == std::get<FieldRef>(before.node).header; },
                     [&](const IsValid& n) { return n.header == std::get<IsValid>(before.node).header; },
                     [&](const VarbitLength& n) { return n.header == std::get<VarbitLength>(before.node).header; },
                     [&](const Unary& n) { return n.operand == std::get<Unary>(before.node).operand; },
                     [&](const Binary& n) {
                       const auto& old = std::get<Binary>(before.node);
                       return n.left == old.left && n.right == old.right;
                     },
                     [&](const Cast& n) { return n.operand == std::get<Cast>(before.node).operand; },
                     [&](const Slice& n) { return n.operand == std::get<Slice>(before.node).operand; },
                     [&](const Mux& n) {
                       const auto& old = std::get<Mux>(before.node);
                       return n.condition == old.condition && n.yes == old.yes && n.no == old.no;
                     },
                     [](const auto&) { return true; },
                 },
                 expr.node);
  return is_same ? original : program_.exprs.add(std::move(expr));
}

ExprId Folder::simplify_unary(const Expr& expr, const Unary& node) {
  if (const BigInt* operand = value(node.operand)) {
    return constant(expr.type, evaluate_unary(node.op, expr.type, *operand), expr.span);
  }
  const Expr inner = program_[node.operand];
  if (const auto* twice = std::get_if<Unary>(&inner.node); twice && twice->op == node.op) return twice->operand;
  const auto* comparison = std::get_if<Binary>(&inner.node);
  if (node.op != Unary::Op::kNot || !comparison) return {};
  const auto other = opposite(comparison->op);
  return other ? build_.binary(*other, comparison->left, comparison->right, expr.span) : ExprId();
}

ExprId Folder::simplify_binary(const Expr& expr, const Binary& node) {
  const Type left_type = program_[node.left].type, right_type = program_[node.right].type;
  if (left_type.kind == Type::Kind::kVarbit) return {};
  const BigInt *left = value(node.left), *right = value(node.right);
  if (left && right) {
    return constant(expr.type, evaluate_binary(node.op, expr.type, left_type, *left, right_type, *right), expr.span);
  }
  if (right) return simplify_with_constant(expr, node);
  if (left && is_commutative(node.op)) {
    const Binary turned{node.op, node.right, node.left};
    if (const ExprId simpler = simplify_with_constant(expr, turned)) return simpler;
    return program_.exprs.add(Expr{expr.type, expr.span, turned});
  }
  if (!same(node.left, node.right)) return {};
  switch (node.op) {
    case BinaryOp::kEq:
    case BinaryOp::kLe:
    case BinaryOp::kGe:
      return constant(expr.type, 1, expr.span);
    case BinaryOp::kNe:
    case BinaryOp::kLt:
    case BinaryOp::kGt:
    case BinaryOp::kSub:
    case BinaryOp::kSatSub:
    case BinaryOp::kBitXor:
      return constant(expr.type, 0, expr.span);
    case BinaryOp::kAnd:
    case BinaryOp::kOr:
    case BinaryOp::kBitAnd:
    case BinaryOp::kBitOr:
      return node.left;
    default:
      return {};
  }
}

/// `left op constant`.
ExprId Folder::simplify_with_constant(const Expr& expr, const Binary& node) {
  const bool is_zero = is(node.right, 0), is_one = is(node.right, 1);
  const bool is_unsigned = is_bits(program_[node.left].type) && !program_[node.left].type.is_signed;
  const auto zero = [&] { return constant(expr.type, 0, expr.span); };
  switch (node.op) {
    case BinaryOp::kAdd:
    case BinaryOp::kSub:
    case BinaryOp::kSatAdd:
    case BinaryOp::kSatSub:
    case BinaryOp::kShl:
    case BinaryOp::kShr:
    case BinaryOp::kBitXor:
      return is_zero ? node.left : ExprId();
    case BinaryOp::kMul:
      return is_zero ? zero() : is_one ? node.left : ExprId();
    case BinaryOp::kDiv:
      return is_one ? node.left : ExprId();
    case BinaryOp::kBitAnd:
      return is_zero ? zero() : is_all_ones(node.right) ? node.left : ExprId();
    case BinaryOp::kBitOr:
      return is_zero ? node.left : is_all_ones(node.right) ? node.right : ExprId();
    case BinaryOp::kAnd:
      return is_zero ? zero() : node.left;
    case BinaryOp::kOr:
      return is_zero ? node.left : node.right;
    case BinaryOp::kEq:
    case BinaryOp::kNe: {
      if (program_[node.left].type.kind != Type::Kind::kBool) return {};
      const bool is_itself = (node.op == BinaryOp::kEq) == is_one;
      if (is_itself) return node.left;
      const Unary negation{Unary::Op::kNot, node.left};
      const Expr negated{expr.type, expr.span, negation};
      const ExprId simpler = simplify_unary(negated, negation);
      return simpler ? simpler : program_.exprs.add(negated);
    }
    case BinaryOp::kLt:
      return is_unsigned && is_zero ? zero() : ExprId();
    case BinaryOp::kGe:
      return is_unsigned && is_zero ? constant(expr.type, 1, expr.span) : ExprId();
    default:
      return {};
  }
}

ExprId Folder::simplify_cast(const Expr& expr, const Cast& node) {
  const Expr operand = program_[node.operand];
  if (operand.type == expr.type) return node.operand;
  if (const BigInt* known = value(node.operand))
    return constant(expr.type, evaluate_cast(expr.type, *known), expr.span);
  // The low bits of a wider or equal cast are those of its operand.
  const auto* inner = std::get_if<Cast>(&operand.node);
  if (!inner || !is_bits(expr.type) || !is_bits(operand.type) || operand.type.width < expr.type.width) return {};
  if (!is_bits(program_[inner->operand].type)) return {};
  const Expr direct{expr.type, expr.span, *inner};
  const ExprId simpler = simplify_cast(direct, *inner);
  return simpler ? simpler : program_.exprs.add(direct);
}

ExprId Folder::slice(const Expr& like, ExprId operand, std::uint32_t hi, std::uint32_t lo) {
  const Slice node{operand, hi, lo};
  const Expr expr{like.type, like.span, node};
  const ExprId simpler = simplify_slice(expr, node);
  return simpler ? simpler : program_.exprs.add(expr);
}

ExprId Folder::simplify_slice(const Expr& expr, const Slice& node) {
  const Expr operand = program_[node.operand];
  if (const BigInt* known = value(node.operand))
    return constant(expr.type, bit_slice(*known, node.hi, node.lo), expr.span);
  if (operand.type == expr.type) return node.operand;
  if (const auto* inner = std::get_if<Slice>(&operand.node)) {
    return slice(expr, inner->operand, node.hi + inner->lo, node.lo + inner->lo);
  }
  if (const auto* inner = std::get_if<Cast>(&operand.node)) {
    const Type from = program_[inner->operand].type;
    if (is_bits(from) && node.hi < from.width) return slice(expr, inner->operand, node.hi, node.lo);
  }
  if (const auto* inner = std::get_if<Binary>(&operand.node); inner && inner->op == BinaryOp::kConcat) {
    const std::uint32_t border = program_[inner->right].type.width;
    if (node.hi < border) return slice(expr, inner->right, node.hi, node.lo);
    if (node.lo >= border) return slice(expr, inner->left, node.hi - border, node.lo - border);
  }
  return {};
}

ExprId Folder::simplify_mux(const Expr& expr, const Mux& node) {
  if (const BigInt* known = value(node.condition)) return *known == 0 ? node.no : node.yes;
  if (same(node.yes, node.no)) return node.yes;
  if (expr.type.kind != Type::Kind::kBool) return {};
  if (is(node.yes, 1) && is(node.no, 0)) return node.condition;
  if (!is(node.yes, 0) || !is(node.no, 1)) return {};
  const Unary negation{Unary::Op::kNot, node.condition};
  const Expr negated{expr.type, expr.span, negation};
  const ExprId simpler = simplify_unary(negated, negation);
  return simpler ? simpler : program_.exprs.add(negated);
}

}  // namespace p4bpf::ir
