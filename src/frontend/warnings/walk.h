// Walking expressions: the direct parts of one, and the variable at the root of an lvalue.
#pragma once

#include "frontend/ast.h"

namespace p4bpf::warnings {

/// Calls `visit` for each direct subexpression, in the order of evaluation.
template <class Visit>
void for_each_part(const ast::Expr& expr, const Visit& visit) {
  const auto each = [&](const std::vector<ast::Argument>& arguments) {
    for (const ast::Argument& argument : arguments) visit(argument.value);
  };
  std::visit(Match{
                 [&](const ast::Member& n) { visit(n.base); },
                 [&](const ast::Index& n) { visit(n.base), visit(n.index); },
                 [&](const ast::Slice& n) { visit(n.base), visit(n.hi), visit(n.lo); },
                 [&](const ast::PlusSlice& n) { visit(n.base), visit(n.lo), visit(n.width); },
                 [&](const ast::Unary& n) { visit(n.operand); },
                 [&](const ast::Binary& n) { visit(n.left), visit(n.right); },
                 [&](const ast::Conditional& n) { visit(n.condition), visit(n.yes), visit(n.no); },
                 [&](const ast::Cast& n) { visit(n.operand); },
                 [&](const ast::Call& n) { visit(n.callee), each(n.arguments); },
                 [&](const ast::ListExpr& n) {
                   for (const ast::ExprId element : n.elements) visit(element);
                 },
                 [&](const ast::StructExpr& n) { each(n.fields); },
                 [&](const ast::MaskExpr& n) { visit(n.value), visit(n.mask); },
                 [&](const ast::RangeExpr& n) { visit(n.lo), visit(n.hi); },
                 [](const auto&) {},
             },
             expr.node);
}

/// What `a` is to `a.b[i][7:0]`: one step towards the root of an lvalue, nothing at the root.
inline ast::ExprId lvalue_base(const ast::Expr& expr) {
  return std::visit(Match{
                        [](const ast::Member& n) { return n.base; },
                        [](const ast::Index& n) { return n.base; },
                        [](const ast::Slice& n) { return n.base; },
                        [](const ast::PlusSlice& n) { return n.base; },
                        [](const auto&) { return ast::ExprId{}; },
                    },
                    expr.node);
}

/// The expression at the root of an lvalue: `a` of `a.b[i][7:0]`.
inline ast::ExprId lvalue_root(const ast::Ast& ast, ast::ExprId id) {
  while (const ast::ExprId base = lvalue_base(ast[id])) id = base;
  return id;
}

}  // namespace p4bpf::warnings
