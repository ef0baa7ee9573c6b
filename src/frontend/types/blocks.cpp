// Parsers with their states and transitions (section 13) and controls (section 14).
#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/declarations.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

using States = std::unordered_map<std::string_view, DeclId>;

States collect_states(Context& cx, DeclId parser, const ast::ParserDecl& node) {
  States states;
  for (const DeclId id : node.states) {
    const ast::Name& name = cx.ast[id].name;
    if (name.text == "accept" || name.text == "reject") {
      cx.error(Kind::kBadState, name.span,
               fmt::format("the state '{}' exists already and cannot be declared", name.text));
      continue;
    }
    const auto [at, is_new] = states.try_emplace(name.text, id);
    const std::vector<DeclId> locals = cx.scopes.find_here(name.text);
    if (!is_new || !locals.empty()) {
      Diagnostic& report =
          cx.error(Kind::kDuplicateName, name.span,
                   is_new ? fmt::format("the state '{}' has the name of another declaration of its parser", name.text)
                          : fmt::format("the state '{}' is declared twice", name.text));
      report.notes.push_back({cx.ast[is_new ? locals.back() : at->second].name.span, "first declared here"});
    }
    cx.out.type_of_decl.set(id, cx.out.types.add(type::Callable{id}));
  }
  if (!states.contains("start")) {
    cx.error(Kind::kBadState, cx.ast[parser].name.span,
             fmt::format("the parser '{}' has no state 'start'", cx.name(parser)));
  }
  return states;
}

TypedProgram::StateTarget resolve_state(Context& cx, const States& states, const ast::Name& name) {
  if (name.text == "accept") return {};
  if (name.text == "reject") return {{}, true};
  const auto at = states.find(name.text);
  if (at != states.end()) return {at->second, false};
  std::vector<std::string> names{"accept", "reject"};
  for (const auto& [text, id] : states) names.emplace_back(text);
  report_unknown(cx, Kind::kBadState, name, "no state", names);
  return {{}, true};
}

/// The fields of a struct and of the structs in it, in order: what the keys are matched with one by one.
void add_leaves(Context& cx, TypeId type, std::vector<TypeId>& leaves) {
  if (leaves.size() > 1000) return;  // no select has so many keys
  if (!is_struct(cx, type)) {
    leaves.push_back(type);
    return;
  }
  for (const TypeId field : field_types(cx, type)) add_leaves(cx, field, leaves);
}

/// One case of a select: a set for the only key, a tuple of sets for several, a value set, or `_` and `default`.
/// `misfits` gets the labels that do not fit, for each key.
void check_select_case(Context& cx, const ast::SelectCase& node, const std::vector<TypeId>& keys,
                       std::vector<std::vector<ExprId>>& misfits) {
  const auto check_one = [&](ExprId e, std::size_t i) {
    const bool is_any = cx.expr<ast::DontCareExpr>(e) != nullptr || cx.expr<ast::DotsExpr>(e) != nullptr;
    if (is_any || cx.is_poison(keys[i]) || label_fits(cx, e, keys[i])) {
      check_keyset(cx, e, keys[i]);
    } else {
      misfits[i].push_back(e);
    }
  };
  const auto* list = cx.expr<ast::ListExpr>(node.keyset);
  if (cx.expr<ast::DontCareExpr>(node.keyset) != nullptr) {
    check_keyset(cx, node.keyset, cx.any_type);
    return;
  }
  if (list != nullptr && (keys.size() != 1 || list->elements.size() == 1)) {
    cx.out.type_of.set(node.keyset, cx.any_type);
    if (list->elements.size() != keys.size()) {
      cx.error(
          Kind::kTypeMismatch, cx.span(node.keyset),
          fmt::format("the case has {} parts, expected {} as select has keys", list->elements.size(), keys.size()));
      return;
    }
    for (std::size_t i = 0; i < keys.size(); ++i) check_one(list->elements[i], i);
    return;
  }
  if (keys.size() == 1) {
    const TypeId found = infer(cx, node.keyset, keys.front());
    const auto* set = cx.get<type::Set>(found);
    const bool is_value_set = cx.expr<ast::NameExpr>(node.keyset) != nullptr && set != nullptr;
    if (!is_value_set || set->element == keys.front()) {
      check_one(node.keyset, 0);
      return;
    }
  }
  const TypeId found = infer_value(cx, node.keyset);
  if (cx.is_poison(found)) return;
  // A value set of tuples or structs matches the keys one by one (section 13.11).
  const auto* set = cx.get<type::Set>(found);
  const TypeId keys_type = cx.out.types.add(type::Tuple{keys});
  if (set != nullptr && converts(cx, keys_type, set->element)) return;
  if (set != nullptr) {
    std::vector<TypeId> leaves;
    add_leaves(cx, set->element, leaves);
    if (leaves == keys) return;
  }
  cx.error(Kind::kTypeMismatch, cx.span(node.keyset),
           fmt::format("the case is {}, expected {} parts as select has keys", cx.show(found), keys.size()));
}

/// Scalars, and structs and tuples of them.
bool may_be_selected(Context& cx, TypeId type) {
  if (const auto* tuple = cx.get<type::Tuple>(type)) {
    return std::all_of(tuple->elements.begin(), tuple->elements.end(),
                       [&](TypeId element) { return may_be_selected(cx, element); });
  }
  if (is_struct(cx, type)) {
    const std::vector<TypeId> fields = field_types(cx, type);
    return std::all_of(fields.begin(), fields.end(), [&](TypeId field) { return may_be_selected(cx, field); });
  }
  return cx.is_poison(type) || cx.get<type::Bits>(type) != nullptr || type == cx.bool_type ||
         enum_of(cx, type) != nullptr || type == cx.error_type || new_type_base(cx, type) ||
         cx.get<type::Variable>(type) != nullptr || cx.get<type::Varbit>(type) != nullptr;
}

void check_select(Context& cx, const ast::Select& node) {
  std::vector<TypeId> keys;
  for (const ExprId key : node.keys) {
    TypeId type = infer_value(cx, key);
    if (!may_be_selected(cx, type)) {
      cx.error(Kind::kTypeMismatch, cx.span(key), fmt::format("select cannot match {}", cx.show(type)));
      type = cx.poison;
    }
    keys.push_back(type);
  }
  std::vector<std::vector<ExprId>> misfits(keys.size());
  for (const ast::SelectCase& select_case : node.cases) check_select_case(cx, select_case, keys, misfits);
  for (std::size_t i = 0; i < keys.size(); ++i) report_labels(cx, cx.span(node.keys[i]), keys[i], misfits[i]);
}

void check_state(Context& cx, DeclId id, const ast::StateDecl& node, const States& states) {
  const InScope scope(cx);
  Surroundings around = cx.around;
  around.place = Place::kState;
  around.return_type = {};
  around.loops = 0;
  const Standing standing(cx, around);
  for (const StmtId statement : node.statements) check_statement(cx, statement);
  std::vector<TypedProgram::StateTarget> targets;
  std::visit(Match{
                 [&](const std::monostate&) {
                   targets.push_back({{}, true});
                 },
                 [&](const ast::Name& name) { targets.push_back(resolve_state(cx, states, name)); },
                 [&](const ast::Select& select) {
                   check_select(cx, select);
                   for (const ast::SelectCase& c : select.cases) targets.push_back(resolve_state(cx, states, c.state));
                 },
             },
             node.transition.target);
  cx.out.state_targets.set(id, std::move(targets));
}

/// Sets the type of a parser or control and enters its type parameters and parameters into the scope that the caller
/// opened.
void open_block(Context& cx, DeclId id, const std::vector<DeclId>& type_params, const std::vector<DeclId>& params,
                const std::vector<DeclId>& constructor_params) {
  declare_type_params(cx, type_params);
  std::vector<TypeId> arguments;
  for (const DeclId param : type_params) arguments.push_back(cx.out.type_of_decl[param]);
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Declared{id, std::move(arguments)}));
  declare_params(cx, params, ParamsOf::kBlock);
  declare_params(cx, constructor_params, ParamsOf::kConstructor);
}

}  // namespace

void check_parser(Context& cx, DeclId id, const ast::ParserDecl& node) {
  declare(cx, id);
  const InScope scope(cx);
  cx.open.insert(id);
  Surroundings around;
  around.place = Place::kParserLocals;
  around.block = id;
  around.return_type = cx.void_type;
  const Standing standing(cx, around);
  open_block(cx, id, node.type_params, node.params, node.constructor_params);
  const InScope locals(cx);
  for (const DeclId local : node.locals) check_declaration(cx, local);
  const States states = collect_states(cx, id, node);
  for (const DeclId state : node.states) check_state(cx, state, std::get<ast::StateDecl>(cx.ast[state].node), states);
  cx.open.erase(id);
}

void check_control(Context& cx, DeclId id, const ast::ControlDecl& node) {
  declare(cx, id);
  const InScope scope(cx);
  cx.open.insert(id);
  Surroundings around;
  around.place = Place::kControlLocals;
  around.block = id;
  around.return_type = cx.void_type;
  const Standing standing(cx, around);
  open_block(cx, id, node.type_params, node.params, node.constructor_params);
  const InScope locals(cx);
  for (const DeclId local : node.locals) check_declaration(cx, local);
  if (node.apply) {
    Surroundings in_apply = around;
    in_apply.place = Place::kApply;
    const Standing applying(cx, in_apply);
    check_statement(cx, node.apply);
  }
  cx.open.erase(id);
}

}  // namespace p4bpf::check
