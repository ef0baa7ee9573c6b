// Walking the IR without spelling out every alternative: the operands of an expression, the blocks inside a statement.
#pragma once

#include <variant>

#include "ir/ir.h"

namespace p4bpf::ir {

/// Calls `f(ExprId)` for the index of a stack element, if there is one.
template <class F>
void for_each_operand(const HeaderRef& ref, F&& f) {
  if (ref.index) f(ref.index);
}

/// Calls `f(ExprId)` for each direct operand, indices of stack elements included.
template <class F>
void for_each_operand(const Expr& expr, F&& f) {
  std::visit(Match{
                 [&](const FieldRef& e) { for_each_operand(e.header, f); },
                 [&](const IsValid& e) { for_each_operand(e.header, f); },
                 [&](const Unary& e) { f(e.operand); },
                 [&](const Binary& e) { f(e.left), f(e.right); },
                 [&](const Cast& e) { f(e.operand); },
                 [&](const Slice& e) { f(e.operand); },
                 [&](const Mux& e) { f(e.condition), f(e.yes), f(e.no); },
                 [&](const VarbitLength& e) { for_each_operand(e.header, f); },
                 [](const auto&) {},
             },
             expr.node);
}

/// Calls `f(BlockId&)` (const if the statement is) for each block that hangs in the statement.
template <class S, class F>
void for_each_block(S& stmt, F&& f) {
  std::visit(
      Match{
          [&](auto& s) {
            if constexpr (requires { s.then_block; }) {
              f(s.then_block);
              if (s.else_block) f(s.else_block);
            } else if constexpr (requires { s.default_body; }) {
              for (auto& one : s.cases) f(one.body);
              if (s.default_body) f(s.default_body);
            } else if constexpr (requires { s.bodies; }) {
              for (auto& one : s.bodies) f(one.body);
            } else if constexpr (requires { s.body; }) {
              f(s.body);
            }
          },
      },
      stmt.node);
}

/// Whether `f(const Stmt&)` is true of the statement or of one in its blocks.
template <class F>
bool any_statement(const Program& program, const Stmt& stmt, const F& f) {
  bool found = f(stmt);
  for_each_block(stmt, [&](BlockId block) {
    for (const Stmt& inner : program[block].statements) found = found || any_statement(program, inner, f);
  });
  return found;
}

/// Calls `f(ExprId&)` and `g(HeaderRef&)` for those that stand in the statement itself; arguments and results of
/// externs are left out.
template <class F, class G>
void for_each_part(Stmt& stmt, F f, G g) {
  const auto maybe = [&](ExprId& id) {
    if (id) f(id);
  };
  std::visit(Match{[&](Assign& s) { f(s.target), f(s.value); }, [&](SetValid& s) { g(s.header); },
                   [&](SetInvalid& s) { g(s.header); }, [&](CopyHeader& s) { g(s.target), g(s.source); },
                   [&](If& s) { f(s.condition); }, [&](Switch& s) { f(s.subject); },
                   [&](ApplyTable& s) {
                     for (ExprId& key : s.keys) f(key);
                   },
                   [&](AddEntry& s) {
                     for (ExprId& argument : s.arguments) f(argument);
                   },
                   [&](Extract& s) { g(s.header), maybe(s.varbit_bits); }, [&](Advance& s) { f(s.bits); },
                   [&](Reject& s) { f(s.error); }, [&](Emit& s) { g(s.header); }, [&](Truncate& s) { f(s.bytes); },
                   [&](NewPass& s) {
                     for (NewPass::Value& one : s.values) f(one.value);
                     if (s.replication) f(s.replication->id);
                   },
                   [&](Verdict& s) { maybe(s.port), maybe(s.priority); },
                   [](auto&) {}},
             stmt.node);
}

}  // namespace p4bpf::ir
