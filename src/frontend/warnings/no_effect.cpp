// Statements that do nothing (`x = x;`, `h.isValid();`) and comparisons whose result the width of a type decides.
#include <fmt/format.h>

#include "frontend/warnings/findings.h"
#include "frontend/warnings/walk.h"

namespace p4bpf::warnings {
namespace {

/// Whether two expressions are the same place: the same name and the same members. Nothing else is compared.
bool same_place(const Findings& f, ExprId a, ExprId b) {
  while (true) {
    const auto* member_a = f.expr<ast::Member>(a);
    const auto* member_b = f.expr<ast::Member>(b);
    if (member_a == nullptr || member_b == nullptr) break;
    // `stack.next` is another element each time.
    if (member_a->member.text != member_b->member.text || !f.program.decl_of[a]) return false;
    a = member_a->base;
    b = member_b->base;
  }
  return f.expr<ast::NameExpr>(a) != nullptr && f.expr<ast::NameExpr>(b) != nullptr && f.program.decl_of[a] &&
         f.program.decl_of[a] == f.program.decl_of[b];
}

void look_at_statement(Findings& f, const ast::Stmt& stmt) {
  if (const auto* assign = std::get_if<ast::Assign>(&stmt.node)) {
    if (!assign->op && same_place(f, assign->left, assign->right)) {
      f.add(Kind::kNoEffect, stmt.span, fmt::format("'{}' is assigned to itself", f.text(f.ast[assign->left].span)));
    }
    return;
  }
  const auto* call = std::get_if<ast::CallStmt>(&stmt.node);
  if (call == nullptr) return;
  switch (f.program.call_of[call->call].kind) {
    case CallInfo::Kind::kIsValid:
    case CallInfo::Kind::kMinSizeInBits:
    case CallInfo::Kind::kMinSizeInBytes:
    case CallInfo::Kind::kMaxSizeInBits:
    case CallInfo::Kind::kMaxSizeInBytes:
      f.add(Kind::kNoEffect, stmt.span, "this call only answers a question, and nobody looks at the answer");
      break;
    default:
      break;
  }
}

std::optional<BigInt> known_int(const Findings& f, ExprId id) {
  const std::optional<ConstValue>& value = f.program.constant_of[id];
  const BigInt* number = value ? std::get_if<BigInt>(&value->value) : nullptr;
  return number == nullptr ? std::nullopt : std::optional(*number);
}

using Op = ast::BinaryOp;

/// `a op b` as `b mirrored(op) a`.
Op mirrored(Op op) {
  switch (op) {
    case Op::kLt:
      return Op::kGt;
    case Op::kGt:
      return Op::kLt;
    case Op::kLe:
      return Op::kGe;
    case Op::kGe:
      return Op::kLe;
    default:
      return op;
  }
}

/// What `v op bound` is for every v from lowest to highest; nothing if it depends on v.
std::optional<bool> decided(Op op, const BigInt& lowest, const BigInt& highest, const BigInt& bound) {
  switch (op) {
    case Op::kLt:
      return lowest >= bound ? std::optional(false) : highest < bound ? std::optional(true) : std::nullopt;
    case Op::kLe:
      return lowest > bound ? std::optional(false) : highest <= bound ? std::optional(true) : std::nullopt;
    case Op::kGt:
      return highest <= bound ? std::optional(false) : lowest > bound ? std::optional(true) : std::nullopt;
    case Op::kGe:
      return highest < bound ? std::optional(false) : lowest >= bound ? std::optional(true) : std::nullopt;
    default:
      return std::nullopt;
  }
}

bool is_comparison(Op op) {
  return op == Op::kLt || op == Op::kLe || op == Op::kGt || op == Op::kGe || op == Op::kEq || op == Op::kNe;
}

void look_at_comparison(Findings& f, ExprId id, const ast::Binary& node) {
  if (!is_comparison(node.op) || f.program.constant_of[id]) return;
  if (same_place(f, node.left, node.right)) {
    const bool holds = node.op == Op::kEq || node.op == Op::kLe || node.op == Op::kGe;
    f.add(Kind::kConstantComparison, f.ast[id].span,
          fmt::format("this compares '{}' with itself and is always {}", f.text(f.ast[node.left].span), holds));
    return;
  }
  std::optional<BigInt> bound = known_int(f, node.right);
  ExprId variable = node.left;
  Op op = node.op;
  if (!bound) {
    bound = known_int(f, node.left);
    variable = node.right;
    op = mirrored(op);
  }
  const TypeId type = f.program.type_of[variable];
  const auto* bits = type ? f.program.types.get<type::Bits>(type) : nullptr;
  if (!bound || bits == nullptr || bits->width == 0) return;
  const BigInt half = power_of_two(bits->width - 1);
  const BigInt lowest = bits->is_signed ? BigInt(-half) : BigInt(0);
  const BigInt highest = bits->is_signed ? BigInt(half - 1) : BigInt(power_of_two(bits->width) - 1);
  if (const std::optional<bool> result = decided(op, lowest, highest, *bound)) {
    f.add(Kind::kConstantComparison, f.ast[id].span, fmt::format("this comparison is always {}", *result))
        .notes.push_back({{},
                          fmt::format("'{}' is {} and lies between {} and {}", f.text(f.ast[variable].span),
                                      type_name(f.program, type), lowest.str(), highest.str())});
  }
}

}  // namespace

void find_no_effect(Findings& f) {
  for (const ast::Stmt& stmt : f.ast.stmts) look_at_statement(f, stmt);
  for (std::size_t i = 0; i < f.ast.exprs.size(); ++i) {
    const ExprId id(i);
    if (const auto* binary = f.expr<ast::Binary>(id)) look_at_comparison(f, id, *binary);
  }
}

}  // namespace p4bpf::warnings
