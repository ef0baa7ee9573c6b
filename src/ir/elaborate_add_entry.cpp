// Elaboration of add_entry(): an entry for the key that was looked up, added by an action of the table that missed.
//
//   action learn() { add_entry("known", { port = input.port }); }
//
// An action is written out where its table is applied, so there the table is known.
#include <fmt/format.h>

#include <algorithm>

#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

/// The action of that name which entries of the table may have.
std::size_t Elaboration::action_to_add(const TableObject& object, ast::ExprId name_expr) {
  const std::optional<ConstValue>& constant = typed_.constant_of[name_expr];
  const auto* name = constant ? std::get_if<std::string>(&constant->value) : nullptr;
  if (name == nullptr) abandon(DiagnosticKind::kNotConstant, at(name_expr).span, "the name of an action must be known");
  const Table& table = program_[object.table];
  for (std::size_t i = 0; i < object.actions.size(); ++i) {
    if (object.actions[i] && ast()[object.actions[i]].name.text == *name && !table.actions[i].default_only) return i;
  }
  abandon(DiagnosticKind::kArchitectureRule, at(name_expr).span,
          fmt::format("'{}' is no action that an entry of table '{}' can have", *name, table.name));
}

/// What `given`, the value of `expr`, has for the parameters that the control plane would supply, scalar by scalar.
std::vector<ExprId> Elaboration::added_arguments(const TableObject& object, std::size_t action, ast::ExprId expr,
                                                 const Value& given) {
  const Span span = at(expr).span;
  const ast::Decl& decl = ast()[object.actions[action]];
  const auto& bound = typed_.tables[object.decl].actions.at(action).argument_of_param;
  const TypeId given_type = type_of(expr);
  const std::vector<std::pair<std::string, TypeId>> given_types = members(given_type);
  std::vector<ExprId> result;
  std::size_t position = 0;
  const auto& params = std::get<ast::ActionDecl>(decl.node).params;
  for (std::size_t p = 0; p < params.size(); ++p) {
    if (p < bound.size() && bound[p]) continue;
    const std::string& name = ast()[params[p]].name.text;
    const auto* aggregate = std::get_if<Aggregate>(&given.node);
    const Value* value = aggregate != nullptr ? given_member(*aggregate, name, position) : &given;
    if (value == nullptr) {
      abandon(DiagnosticKind::kArchitectureRule, span,
              fmt::format("'add_entry' gives no value to parameter '{}' of action '{}'", name, decl.name.text));
    }
    const TypeId wanted = bind(typed_.type_of_decl[params[p]]);
    TypeId type = given_type;
    if (aggregate != nullptr) type = given_types.at(static_cast<std::size_t>(value - aggregate->members.data())).second;
    if (strip(type) != strip(wanted) && as<type::InfInt>(type) == nullptr) {
      abandon(DiagnosticKind::kArchitectureRule, span,
              fmt::format("parameter '{}' of action '{}' has type '{}', 'add_entry' gives it a '{}'", name,
                          decl.name.text, type_label(wanted), type_label(type)));
    }
    add_leaves(convert(*value, wanted, span), span, result);
    ++position;
  }
  return result;
}

void Elaboration::add_leaves(const Value& value, Span span, std::vector<ExprId>& leaves) {
  if (const auto* expr = std::get_if<ExprId>(&value.node)) {
    leaves.push_back(*expr);
    return;
  }
  for (const Value& one : parts(value, span)) add_leaves(one, span, leaves);
}

Value Elaboration::add_entry(ast::ExprId id, const ast::Call& call, const CallInfo& info, bool wants_result) {
  const Span span = at(id).span;
  const auto rule = [&](Span where, std::string message) {
    abandon(DiagnosticKind::kArchitectureRule, where, std::move(message));
  };
  if (frame_.applied == nullptr) rule(span, "'add_entry' stands in no action of a table that is being applied");
  const TableObject& object = *frame_.applied;
  if (!program_[object.table].add_on_miss) {
    rule(span,
         fmt::format("'add_entry' needs the property 'add_on_miss = true' of table '{}'", program_[object.table].name));
  }
  const auto argument = [&](std::string_view name) {
    const auto& params = std::get<ast::FunctionDecl>(ast()[info.callee].node).params;
    for (std::size_t i = 0; i < params.size() && i < info.argument_of_param.size(); ++i) {
      if (ast()[params[i]].name.text == name && info.argument_of_param[i])
        return call.arguments[*info.argument_of_param[i]].value;
    }
    unsupported(span, fmt::format("this 'add_entry' has no argument '{}'", name));
  };
  const ast::ExprId given = argument("action_params");
  AddEntry statement;
  statement.table = object.table;
  statement.action = action_to_add(object, argument("action_name"));
  statement.arguments = added_arguments(object, statement.action, given, eval(given));
  Value added;
  if (wants_result) {
    statement.result = out_.ref(out_.var(join(env().path, "added"), Type::boolean(), span), span);
    added = {statement.result};
  }
  out_.add(std::move(statement), span);
  return added;
}

}  // namespace p4bpf::ir
