// The order of calculations.h.
#include "arch/calculations.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace p4bpf::arch {
namespace {

/// Where the declaration of that kind begins around a place; nowhere if there is none.
template <class Node>
Loc around(const ast::Ast& ast, Loc place) {
  for (const ast::Decl& decl : ast.decls) {
    if (std::holds_alternative<Node>(decl.node) && decl.span.begin <= place && place < decl.span.end)
      return decl.span.begin;
  }
  return {};
}

}  // namespace

ir::ExternInstanceId Calculations::custom(ast::ExprId call, std::uint32_t width) {
  ir::ExternInstanceId& instance = customs_[call];
  if (!instance) {
    ir::ExternInstance made;
    made.type_name = "$calculation";
    made.arguments = {BigInt(width)};
    made.span = (*elaborator_.typed().ast)[call].span;
    instance = elaborator_.program().extern_instances.add(std::move(made));
  }
  return instance;
}

void Calculations::name() {
  const ast::Ast& ast = *elaborator_.typed().ast;
  // Calls that one macro makes stand at the same place; expressions are numbered as they were read.
  std::vector<std::tuple<Kind, Loc, bool, Loc, ast::ExprId>> order;
  for (const auto& [call, kind] : kinds_) {
    const Loc place = ast[call].span.begin;
    const bool is_in_apply = !around<ast::ActionDecl>(ast, place);
    order.emplace_back(kind, around<ast::ControlDecl>(ast, place), is_in_apply, place, call);
  }
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto custom = customs_.find(std::get<ast::ExprId>(order[i]));
    if (custom == customs_.end()) continue;
    elaborator_.program().extern_instances.edit(custom->second).name =
        i == 0 ? "calc" : "calc_" + std::to_string(i - 1);
  }
}

}  // namespace p4bpf::arch
