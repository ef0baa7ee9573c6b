// Statements (section 12): assignments, calls, conditions, returns. Switches and loops have a file of their own.
#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/conversions.h"
#include "frontend/types/declarations.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

void check_assign(Context& cx, StmtId id, const ast::Assign& node) {
  const TypeId left = infer_value(cx, node.left);
  const TypeId right = infer_value(cx, node.right, left);
  if (cx.is_poison(left) || !require_lvalue(cx, node.left) || cx.is_poison(right)) return;
  if (!node.op) {
    convert(cx, node.right, left, "the right side");
    return;
  }
  // `a op= b` is `a = a op b` (section 12.2).
  const TypeId result = binary_type(cx, cx.ast[id].span, *node.op, node.left, node.right);
  if (cx.is_poison(result) || converts(cx, result, left)) return;
  cx.error(Kind::kTypeMismatch, cx.ast[id].span,
           fmt::format("the result is {}, expected {}", cx.show(result), cx.show(left)));
}

void check_return(Context& cx, StmtId id, const ast::Return& node) {
  const Span span = cx.ast[id].span;
  if (!cx.around.return_type || cx.around.place == Place::kState) {
    cx.error(Kind::kBadStatement, span, "'return' is not allowed in a parser");
    return;
  }
  const TypeId wanted = cx.around.return_type;
  if (!node.value) {
    if (wanted != cx.void_type && !cx.is_poison(wanted)) {
      cx.error(Kind::kBadStatement, span, fmt::format("'return' without a value, expected {}", cx.show(wanted)));
    }
    return;
  }
  if (wanted == cx.void_type) {
    infer_value(cx, node.value);
    cx.error(Kind::kBadStatement, span, "'return' with a value where nothing is returned");
    return;
  }
  infer_as(cx, node.value, wanted, "the returned value");
}

void check_call(Context& cx, const ast::CallStmt& node) {
  const TypeId type = infer(cx, node.call);
  if (cx.is_poison(type)) return;
  const CallInfo& call = cx.out.call_of[node.call];
  if (call.kind == CallInfo::Kind::kConstructor || call.kind == CallInfo::Kind::kNone) {
    cx.error(Kind::kBadStatement, cx.span(node.call), "expected a call of a function, method or action");
  }
}

void check_exit(Context& cx, StmtId id) {
  const Place place = cx.around.place;
  if (place == Place::kApply || place == Place::kAction) return;
  cx.error(Kind::kBadStatement, cx.ast[id].span, "'exit' is allowed in actions and apply blocks only");
}

void check_loop_control(Context& cx, StmtId id, const char* word) {
  if (cx.around.loops > 0) return;
  cx.error(Kind::kBadStatement, cx.ast[id].span, fmt::format("'{}' stands outside of a loop", word));
}

}  // namespace

void check_statement(Context& cx, StmtId id) {
  if (!id) return;
  std::visit(Match{
                 [&](const ast::Block& n) {
                   const InScope scope(cx);
                   for (const StmtId statement : n.statements) check_statement(cx, statement);
                 },
                 [&](const ast::Assign& n) { check_assign(cx, id, n); },
                 [&](const ast::CallStmt& n) { check_call(cx, n); },
                 [&](const ast::If& n) {
                   infer_as(cx, n.condition, cx.bool_type, "the condition");
                   check_statement(cx, n.then_branch);
                   check_statement(cx, n.else_branch);
                 },
                 [&](const ast::Return& n) { check_return(cx, id, n); },
                 [&](const ast::Exit&) { check_exit(cx, id); },
                 [&](const ast::Break&) { check_loop_control(cx, id, "break"); },
                 [&](const ast::Continue&) { check_loop_control(cx, id, "continue"); },
                 [](const ast::Empty&) {},
                 [&](const ast::Switch& n) { check_switch(cx, id, n); },
                 [&](const ast::For& n) { check_for(cx, n); },
                 [&](const ast::ForIn& n) { check_for_in(cx, id, n); },
                 [&](const ast::DeclStmt& n) { check_declaration(cx, n.declaration); },
             },
             cx.ast[id].node);
}

bool always_returns(const Context& cx, StmtId id) {
  if (!id) return false;
  return std::visit(
      Match{
          [&](const ast::Block& n) {
            return std::any_of(n.statements.begin(), n.statements.end(),
                               [&](StmtId s) { return always_returns(cx, s); });
          },
          [&](const ast::If& n) { return always_returns(cx, n.then_branch) && always_returns(cx, n.else_branch); },
          [&](const ast::Return&) { return true; },
          [&](const ast::Exit&) { return true; },
          [&](const ast::Switch& n) {
            bool has_default = false;
            for (std::size_t i = 0; i < n.cases.size(); ++i) {
              const auto* label = cx.expr<ast::DontCareExpr>(n.cases[i].label);
              has_default |= label != nullptr && label->is_default;
              const bool falls_through = !n.cases[i].body && i + 1 < n.cases.size();
              if (!falls_through && !always_returns(cx, n.cases[i].body)) return false;
            }
            return has_default;
          },
          [](const auto&) { return false; },
      },
      cx.ast[id].node);
}

}  // namespace p4bpf::check
