// Actions named by tables: see table_actions.h.
#include "frontend/types/table_actions.h"

#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/constants.h"
#include "frontend/types/expressions.h"

namespace p4bpf::check {
namespace {

DeclId resolve_action(Context& cx, const ast::Name& name, bool is_global) {
  const std::vector<DeclId> found = resolve(cx, name, is_global);
  if (found.empty()) return {};
  if (cx.decl<ast::ActionDecl>(found.back()) != nullptr) return found.back();
  Diagnostic& report = cx.error(Kind::kBadTable, name.span, fmt::format("'{}' is not an action", name.text));
  report.notes.push_back({cx.ast[found.back()].name.span, "declared here"});
  return {};
}

bool has_direction(const Context& cx, DeclId param) {
  return cx.decl<ast::Param>(param)->direction != ast::Direction::kNone;
}

/// Whether two expressions say the same: the arguments of a default action must repeat those of the action list.
bool same_expression(const Context& cx, ExprId a, ExprId b) {
  if (!a || !b) return !a && !b;
  const ast::Expr& left = cx.ast[a];
  const ast::Expr& right = cx.ast[b];
  if (left.node.index() != right.node.index()) return false;
  if (const auto* l = std::get_if<ast::NameExpr>(&left.node))
    return l->name.text == std::get<ast::NameExpr>(right.node).name.text;
  if (const auto* l = std::get_if<ast::Member>(&left.node)) {
    const auto& r = std::get<ast::Member>(right.node);
    return l->member.text == r.member.text && same_expression(cx, l->base, r.base);
  }
  if (const auto* l = std::get_if<ast::Index>(&left.node)) {
    const auto& r = std::get<ast::Index>(right.node);
    return same_expression(cx, l->base, r.base) && same_expression(cx, l->index, r.index);
  }
  if (const auto* l = std::get_if<ast::Slice>(&left.node)) {
    const auto& r = std::get<ast::Slice>(right.node);
    return same_expression(cx, l->base, r.base) && same_expression(cx, l->hi, r.hi) && same_expression(cx, l->lo, r.lo);
  }
  if (const auto* l = std::get_if<ast::Cast>(&left.node)) {
    return same_expression(cx, l->operand, std::get<ast::Cast>(right.node).operand);
  }
  if (const auto* l = std::get_if<ast::Unary>(&left.node)) {
    const auto& r = std::get<ast::Unary>(right.node);
    return l->op == r.op && same_expression(cx, l->operand, r.operand);
  }
  if (const auto* l = std::get_if<ast::Binary>(&left.node)) {
    const auto& r = std::get<ast::Binary>(right.node);
    return l->op == r.op && same_expression(cx, l->left, r.left) && same_expression(cx, l->right, r.right);
  }
  const auto same_arguments = [&](const std::vector<ast::Argument>& l, const std::vector<ast::Argument>& r) {
    if (l.size() != r.size()) return false;
    for (std::size_t i = 0; i < l.size(); ++i) {
      if (l[i].name.text != r[i].name.text || !same_expression(cx, l[i].value, r[i].value)) return false;
    }
    return true;
  };
  if (const auto* l = std::get_if<ast::Call>(&left.node)) {
    const auto& r = std::get<ast::Call>(right.node);
    return same_expression(cx, l->callee, r.callee) && same_arguments(l->arguments, r.arguments);
  }
  if (const auto* l = std::get_if<ast::StructExpr>(&left.node)) {
    // Fields are named: their order does not matter.
    const auto& r = std::get<ast::StructExpr>(right.node);
    return l->fields.size() == r.fields.size() &&
           std::all_of(l->fields.begin(), l->fields.end(), [&](const ast::Argument& x) {
             return std::any_of(r.fields.begin(), r.fields.end(), [&](const ast::Argument& y) {
               return x.name.text == y.name.text && same_expression(cx, x.value, y.value);
             });
           });
  }
  if (const auto* l = std::get_if<ast::ListExpr>(&left.node)) {
    const auto& r = std::get<ast::ListExpr>(right.node);
    return std::equal(l->elements.begin(), l->elements.end(), r.elements.begin(), r.elements.end(),
                      [&](ExprId x, ExprId y) { return same_expression(cx, x, y); });
  }
  const std::optional<bool> same = equal_constants(cx.out.constant_of[a], cx.out.constant_of[b]);
  return !same || *same;
}

/// Arguments are evaluated when the action runs, where no table can be applied (section 14.2.1.2).
void infer_action_arguments(Context& cx, const std::vector<ast::Argument>& arguments) {
  Surroundings around = cx.around;
  around.place = Place::kAction;
  const Standing standing(cx, around);
  for (const ast::Argument& argument : arguments) infer_value(cx, argument.value);
}

}  // namespace

ResolvedActionRef check_listed_action(Context& cx, const ast::ActionRef& ref) {
  infer_action_arguments(cx, ref.arguments);
  const DeclId action = resolve_action(cx, ref.name, ref.is_global);
  ResolvedActionRef resolved;
  if (!action) return resolved;
  resolved.action = action;
  const std::vector<DeclId>& params = cx.decl<ast::ActionDecl>(action)->params;
  resolved.argument_of_param.resize(params.size());
  std::vector<DeclId> directed;
  std::vector<TypeId> types;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!has_direction(cx, params[i])) continue;
    directed.push_back(params[i]);
    types.push_back(cx.out.type_of_decl[params[i]]);
    places.push_back(i);
  }
  if (ref.arguments.size() > directed.size()) {
    Diagnostic& report =
        cx.error(Kind::kBadTable, ref.span,
                 fmt::format("'{}' is given {} arguments, expected {} for its parameters with a direction",
                             ref.name.text, ref.arguments.size(), directed.size()));
    report.notes.push_back({{}, "parameters without direction are given by the control plane"});
    return resolved;
  }
  const std::string what = fmt::format("the action '{}'", ref.name.text);
  const std::optional<ArgumentMap> map = match_arguments(cx, directed, ref.arguments, &ref.span, what);
  if (!map || !check_arguments(cx, directed, types, ref.arguments, *map)) return resolved;
  for (std::size_t i = 0; i < directed.size(); ++i) resolved.argument_of_param[places[i]] = (*map)[i];
  return resolved;
}

ResolvedActionRef check_action_use(Context& cx, const ActionUse& use, const ast::TableDecl& table,
                                   const TypedProgram::TableInfo& info) {
  infer_action_arguments(cx, *use.arguments);
  ResolvedActionRef resolved;
  const DeclId action = resolve_action(cx, use.name, use.is_global);
  if (!action) return resolved;
  const auto listed = std::find_if(info.actions.begin(), info.actions.end(),
                                   [&](const ResolvedActionRef& ref) { return ref.action == action; });
  if (listed == info.actions.end()) {
    if (use.name.text != "NoAction" || use.is_entry) {
      std::vector<std::string> names;
      for (const ResolvedActionRef& ref : info.actions) {
        if (ref.action) names.push_back(cx.name(ref.action));
      }
      report_unknown(cx, Kind::kBadTable, use.name, "no action in the table's list", names);
      return resolved;
    }
  } else {
    const ast::ActionRef& written = table.actions[static_cast<std::size_t>(listed - info.actions.begin())];
    const char* excluded = use.is_entry ? "defaultonly" : "tableonly";
    if (ast::find_annotation(written.annotations, excluded) != nullptr) {
      cx.error(Kind::kBadTable, use.span,
               fmt::format("the action '{}' is marked @{} in the table's list", use.name.text, excluded));
      return resolved;
    }
  }
  const std::vector<DeclId>& params = cx.decl<ast::ActionDecl>(action)->params;
  const std::string what = fmt::format("the action '{}'", use.name.text);
  const std::optional<ArgumentMap> map = match_arguments(cx, params, *use.arguments, &use.span, what);
  if (!map) return resolved;
  std::vector<TypeId> types;
  for (const DeclId param : params) types.push_back(cx.out.type_of_decl[param]);
  if (!check_arguments(cx, params, types, *use.arguments, *map)) return resolved;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!(*map)[i]) continue;
    const ExprId value = (*use.arguments)[*(*map)[i]].value;
    if (!has_direction(cx, params[i])) {
      require_known(cx, value, fmt::format("the argument '{}'", cx.name(params[i])));
      continue;
    }
    if (listed == info.actions.end() || i >= listed->argument_of_param.size() || !listed->argument_of_param[i])
      continue;
    const ast::ActionRef& written = table.actions[static_cast<std::size_t>(listed - info.actions.begin())];
    const ExprId wanted = written.arguments[*listed->argument_of_param[i]].value;
    if (same_expression(cx, value, wanted)) continue;
    Diagnostic& report = cx.error(
        Kind::kBadTable, cx.span(value),
        fmt::format("the argument '{}' differs from the one in the table's list of actions", cx.name(params[i])));
    report.notes.push_back({cx.span(wanted), "there it is this"});
  }
  resolved.action = action;
  resolved.argument_of_param = *map;
  return resolved;
}

}  // namespace p4bpf::check
