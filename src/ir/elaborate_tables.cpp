// Elaboration of tables (P4_16 section 14.2): the table exists once for each instance of its control; each application
// has action bodies of its own.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/result.h"
#include "ir/elaborate_internal.h"
#include "ir/selector.h"

namespace p4bpf::ir {

namespace {

std::optional<MatchKind> match_kind_named(std::string_view name) {
  if (name == "exact") return MatchKind::kExact;
  if (name == "lpm") return MatchKind::kLpm;
  if (name == "ternary") return MatchKind::kTernary;
  if (name == "range") return MatchKind::kRange;
  if (name == "optional") return MatchKind::kOptional;
  return std::nullopt;
}

/// The value that chooses among a group's members, from the keys of match kind `selector`; a call that the
/// architecture's glue writes as IR.
constexpr const char* kSelect = "$select";

bool is_implementation(std::string_view property) {
  return property == "implementation" || property == "psa_implementation" || property == "pna_implementation";
}

}  // namespace

// ---- application --------------------------------------------------------------------------------------------------

Elaboration::ApplyResult Elaboration::apply_table(const ast::Call&, ast::DeclId decl, bool wants_hit,
                                                  bool wants_action_run, Span span) {
  check_size(span);
  const TableObject& object = table_object(decl);
  const auto& node = std::get<ast::TableDecl>(ast()[decl].node);
  const TypedProgram::TableInfo& info = typed_.tables[decl];
  // Keys and actions belong to the control, wherever in it the table is applied.
  Scoped<Frame> scope(frame_, frame_);
  const Env* const application_scope = application_env();
  Env own = *application_scope;
  own.parent = application_scope;
  own.values.clear();
  own.is_application = false;
  frame_.env = &own;

  ApplyTable statement;
  statement.table = object.table;
  ExprIds keys;
  for (const ast::KeyElement& key : node.key) keys.push_back(key.expr);
  const std::vector<Value> values = eval_in_order(keys);
  ExternStruct selected;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto* expr = std::get_if<ExprId>(&values[i].node);
    if (expr == nullptr) unsupported(span, "a key of the table is no single value");
    if (is_selector(info.key_match_kinds.at(i))) {
      selected.names.push_back(key_name(keys[i]));
      selected.fields.push_back(
          {ExternArgument::Direction::kIn, cast_to(scalar(final_type(keys[i]), span), *expr, span)});
      continue;
    }
    const Type& type = program_[object.table].keys.at(statement.keys.size()).type;
    statement.keys.push_back(cast_to(type, *expr, span));
  }
  if (!selected.fields.empty()) {
    if (const ExprId selector = select(object.table, std::move(selected), span)) statement.keys.push_back(selector);
  }
  const std::string& name = program_[object.table].name;
  if (wants_hit) statement.hit = out_.var(name + ".hit", Type::boolean(), span);
  if (wants_action_run) statement.action_run = out_.var(name + ".action_run", Type::bits(32), span);
  frame_.applied = &object;
  for (std::size_t i = 0; i < object.actions.size(); ++i)
    statement.bodies.push_back(action_body(object, i, node, info));
  const ApplyResult result{&object, statement.hit, statement.action_run};
  out_.add(std::move(statement), span);
  return result;
}

bool Elaboration::is_selector(ast::DeclId match_kind) const { return ast()[match_kind].name.text == "selector"; }

/// Without an implementation that selects, the keys mean nothing.
ExprId Elaboration::select(TableId table, ExternStruct keys, Span span) {
  using Direction = ExternArgument::Direction;
  const ExternInstanceId implementation = program_[table].implementation;
  if (!implementation || !extern_glue_) return {};
  if (!select_)
    select_ = program_.extern_functions.add({kSelect, {{"keys", Direction::kIn}}, Type::bits(64), false, span});
  const ExprId result = out_.ref(out_.var(program_[table].name + ".selector", Type::bits(64), span), span);
  const bool is_known =
      extern_glue_({select_, implementation, {{Direction::kIn, std::move(keys)}}, result}, {}, span, out_);
  return is_known ? result : ExprId();
}

/// The body of the table's action `index` at this application: parameters bound in the action list, and those of the
/// control plane.
ActionBody Elaboration::action_body(const TableObject& object, std::size_t index, const ast::TableDecl& node,
                                    const TypedProgram::TableInfo& info) {
  ActionBody result;
  Builder block = nested();
  result.body = block.block();
  const ast::DeclId id = object.actions[index];
  if (!id) return result;  // the NoAction that we added
  Scoped<Builder> into(out_, block);
  const auto& action = std::get<ast::ActionDecl>(ast()[id].node);
  Env callee = callee_env(id, application_env(), {}, {});
  std::vector<std::optional<std::size_t>> bound_params;
  std::vector<ast::DeclId> bound;
  for (std::size_t i = 0; i < action.params.size(); ++i) {
    const std::optional<std::size_t> argument =
        index < info.actions.size() && i < info.actions[index].argument_of_param.size()
            ? info.actions[index].argument_of_param[i]
            : std::nullopt;
    if (argument) {
      bound.push_back(action.params[i]);
      bound_params.push_back(argument);
      continue;
    }
    const ast::Decl& param = ast()[action.params[i]];
    const Storage place =
        storage(bind(typed_.type_of_decl[action.params[i]]), join(callee.path, param.name.text), param.name.span);
    add_vars(place, param.name.span, result.params);
    callee.values[action.params[i]] = value_of(place);
  }
  const Span span = index < node.actions.size() ? node.actions[index].span : ast()[id].span;
  static const std::vector<ast::Argument> kNoArguments;
  const std::vector<ast::Argument>& arguments =
      index < node.actions.size() ? node.actions[index].arguments : kNoArguments;
  const std::vector<CopyOut> copy_outs = bind_arguments(bound, arguments, bound_params, callee, &touched_by(id));
  inline_action(id, callee, copy_outs, span);
  return result;
}

void Elaboration::add_vars(const Storage& place, Span span, std::vector<VarId>& vars) {
  if (const auto* var = std::get_if<VarId>(&place.node)) {
    vars.push_back(*var);
  } else if (const auto* aggregate = std::get_if<StructStorage>(&place.node);
             aggregate != nullptr && !aggregate->is_union) {
    for (const Storage& one : aggregate->members) add_vars(one, span, vars);
  } else {
    unsupported(span, "a header is not supported as an action parameter that the control plane supplies");
  }
}

// ---- the table itself ---------------------------------------------------------------------------------------------

const TableObject& Elaboration::table_object(ast::DeclId id) {
  const BlockInstance* owner = env().instance;
  const ast::Decl& decl = ast()[id];
  if (owner == nullptr) unsupported(decl.span, "a table outside of a control is not supported");
  if (const auto known = owner->tables.find(id); known != owner->tables.end()) return known->second;

  // What belongs to the declaration knows the instance, not the variables of an application.
  Scoped<Frame> scope(frame_, Frame{});
  frame_.env = owner->env.get();
  const auto& node = std::get<ast::TableDecl>(decl.node);
  const TypedProgram::TableInfo& info = typed_.tables[id];
  Table table;
  table.name = join(owner->path, name_of(decl));
  table.span = decl.name.span;
  table.annotations = annotation_texts(decl.annotations);
  for (std::size_t i = 0; i < node.key.size(); ++i) {
    if (is_selector(info.key_match_kinds.at(i))) continue;
    add_key(table, node.key[i], info.key_match_kinds.at(i));
    table.keys.back().place = i;
  }
  TableObject object;
  object.decl = id;
  add_actions(object, table, node, info);
  // For a group without members.
  if (table.keys.size() != node.key.size() && !no_action(table)) add_no_action(object, table);
  add_default(object, table, info);
  add_entries(object, table, node, info);
  add_properties(table, node);
  object.table = program_.tables.add(std::move(table));
  return owner->tables[id] = std::move(object);
}

void Elaboration::add_key(Table& table, const ast::KeyElement& key, ast::DeclId match_kind) {
  TableKey result;
  const ast::Annotation* name = ast::find_annotation(key.annotations, "name");
  result.name = name != nullptr ? annotation_text(*name) : key_name(key.expr);
  result.type = scalar(final_type(key.expr), key.span);
  if (as<type::InfInt>(final_type(key.expr)) != nullptr) unsupported(key.span, "a key needs a type of a fixed width");
  const std::string& kind = ast()[match_kind].name.text;
  const std::optional<MatchKind> known = match_kind_named(kind);
  if (!known) unsupported(key.match_kind.span, fmt::format("the match kind '{}' is not supported", kind));
  result.match = *known;
  result.span = key.span;
  result.annotations = annotation_texts(key.annotations);
  result.type_name = named_type(final_type(key.expr));
  table.keys.push_back(std::move(result));
}

/// The name that a control plane uses for a key: the expression as it is written, its fields by the names that their
/// annotations give them.
std::string Elaboration::key_name(ast::ExprId id) const {
  const ast::Expr& expr = at(id);
  if (const auto* name = std::get_if<ast::NameExpr>(&expr.node)) return name->name.text;
  if (const auto* member_node = std::get_if<ast::Member>(&expr.node))
    return join(key_name(member_node->base), field_name(*member_node));
  if (const auto* call = std::get_if<ast::Call>(&expr.node);
      call != nullptr && typed_.call_of[id].kind == CallInfo::Kind::kIsValid) {
    if (const auto* callee = std::get_if<ast::Member>(&at(call->callee).node))
      return key_name(callee->base) + ".$valid$";
  }
  // Otherwise the text, its spaces dropped.
  std::string result;
  for (const char c : diagnostics_.sources().text(expr.span)) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') result.push_back(c);
  }
  return result;
}

std::string Elaboration::field_name(const ast::Member& node) const {
  if (const ast::StructDecl* decl = as_struct(typed_.type_of[node.base])) {
    for (const ast::DeclId field : decl->fields) {
      if (ast()[field].name.text == node.member.text) return name_of(ast()[field]);
    }
  }
  return node.member.text;
}

void Elaboration::add_actions(TableObject& object, Table& table, const ast::TableDecl& node,
                              const TypedProgram::TableInfo& info) {
  const Env* owner = frame_.env;
  for (std::size_t i = 0; i < node.actions.size(); ++i) {
    const TypedProgram::ResolvedActionRef& resolved = info.actions.at(i);
    const ast::Decl& decl = ast()[resolved.action];
    const auto& action = std::get<ast::ActionDecl>(decl.node);
    Action result;
    result.name = action_name(resolved.action, *owner);
    const auto has = [&](std::string_view annotation) {
      return ast::find_annotation(node.actions[i].annotations, annotation) != nullptr ||
             ast::find_annotation(decl.annotations, annotation) != nullptr;
    };
    result.default_only = has("defaultonly");
    result.table_only = has("tableonly");
    result.annotations = annotation_texts(decl.annotations);
    result.ref_annotations = annotation_texts(node.actions[i].annotations);
    for (std::size_t p = 0; p < action.params.size(); ++p) {
      const bool is_bound = p < resolved.argument_of_param.size() && resolved.argument_of_param[p];
      if (is_bound) continue;
      const ast::Decl& param = ast()[action.params[p]];
      const std::size_t before = result.params.size();
      add_action_params(result, bind(typed_.type_of_decl[action.params[p]]),
                        ast::Name{name_of(param), param.name.span});
      // Those of a struct's fields would all have its @id.
      if (result.params.size() == before + 1) result.params.back().annotations = annotation_texts(param.annotations);
    }
    table.actions.push_back(std::move(result));
    object.actions.push_back(resolved.action);
  }
}

void Elaboration::add_action_params(Action& action, TypeId type, const ast::Name& name) {
  if (is_scalar(type)) {
    action.params.push_back({name.text, scalar(type, name.span), {}, named_type(type)});
    return;
  }
  const std::vector<std::pair<std::string, TypeId>> inner = members(type);
  if (inner.empty() || is_header(type) || is_union(type)) {
    unsupported(name.span, fmt::format("an action parameter of type '{}' is not supported", type_label(type)));
  }
  for (const auto& [member_name, member_type] : inner) {
    add_action_params(action, member_type, ast::Name{name.text + "." + member_name, name.span});
  }
}

/// Actions of the control are named after its instance, those at the top level by themselves.
std::string Elaboration::action_name(ast::DeclId action, const Env& owner) const {
  const std::string name = name_of(ast()[action]);
  const auto& program = ast().program;
  const bool is_global = std::find(program.begin(), program.end(), action) != program.end();
  return is_global ? join("", name) : join(owner.path, name);
}

void Elaboration::add_no_action(TableObject& object, Table& table) {
  table.actions.push_back(Action{"NoAction", {}, true, false, {}, {"@defaultonly"}});
  object.actions.push_back({});
}

void Elaboration::add_default(TableObject& object, Table& table, const TypedProgram::TableInfo& info) {
  table.default_is_const = info.default_action_is_const;
  if (!info.default_action) {
    // Section 14.2.1.3: without a default action it is NoAction.
    if (!no_action(table)) add_no_action(object, table);
    table.default_action = *no_action(table);
    return;
  }
  const ast::DeclId wanted = info.default_action->action;
  static const std::vector<ast::Argument> kNoArguments;
  const auto* call = info.default_action_expr ? std::get_if<ast::Call>(&at(info.default_action_expr).node) : nullptr;
  const std::vector<ast::Argument>& arguments = call != nullptr ? call->arguments : kNoArguments;
  for (std::size_t i = 0; i < object.actions.size(); ++i) {
    if (object.actions[i] != wanted) continue;
    table.default_action = i;
    table.default_arguments =
        action_data(wanted, i < info.actions.size() ? &info.actions[i] : nullptr, *info.default_action, arguments);
    return;
  }
  if (!std::get<ast::ActionDecl>(ast()[wanted].node).params.empty()) {
    unsupported(table.span, "the default action is not among the table's actions");
  }
  table.default_action = table.actions.size();
  table.actions.push_back(Action{action_name(wanted, *frame_.env), {}, true, false, {}, {"@defaultonly"}});
  object.actions.push_back(wanted);
}

/// The constant arguments that stand for what the control plane supplies, leaf by leaf.
std::vector<BigInt> Elaboration::action_data(ast::DeclId id, const TypedProgram::ResolvedActionRef* in_list,
                                             const TypedProgram::ResolvedActionRef& given,
                                             const std::vector<ast::Argument>& arguments) {
  std::vector<BigInt> result;
  const auto& action = std::get<ast::ActionDecl>(ast()[id].node);
  for (std::size_t p = 0; p < action.params.size(); ++p) {
    const bool is_bound = in_list != nullptr && p < in_list->argument_of_param.size() && in_list->argument_of_param[p];
    if (is_bound) continue;
    const ast::Decl& param = ast()[action.params[p]];
    const TypeId type = bind(typed_.type_of_decl[action.params[p]]);
    const std::optional<std::size_t> argument =
        p < given.argument_of_param.size() ? given.argument_of_param[p] : std::nullopt;
    ast::ExprId expr = std::get<ast::Param>(param.node).default_value;
    if (argument) expr = arguments.at(*argument).value;
    if (!expr)
      abandon(DiagnosticKind::kBadTable, param.name.span,
              fmt::format("the action parameter '{}' has no value", param.name.text));
    add_scalars(convert(eval(expr), type, at(expr).span), at(expr).span, result);
  }
  return result;
}

void Elaboration::add_scalars(const Value& value, Span span, std::vector<BigInt>& scalars) {
  if (const auto* expr = std::get_if<ExprId>(&value.node)) {
    const std::optional<BigInt> known = fold(*expr);
    if (!known)
      abandon(DiagnosticKind::kNotConstant, span, "an action argument of a table is not a compile-time-known value");
    scalars.push_back(*known);
    return;
  }
  if (!std::holds_alternative<Aggregate>(value.node)) unsupported(span, "this action argument is not supported");
  for (const Value& one : parts(value, span)) add_scalars(one, span, scalars);
}

namespace {

bool is_own(std::string_view property) {
  return is_implementation(property) || property == "counters" || property == "meters";
}

/// Gives the table what a property says belongs to it.
void own(Table& table, std::string_view property, ExternInstanceId instance) {
  if (is_implementation(property)) table.implementation = instance;
  if (property == "counters") table.direct_counter = instance;
  if (property == "meters") table.direct_meter = instance;
}

}  // namespace

void Elaboration::add_properties(Table& table, const ast::TableDecl& node) {
  for (const ast::TableProperty& property : node.properties) {
    const std::string& name = property.name.text;
    if (name == "size") {
      const BigInt size = need_constant(property.value, "the size of a table");
      if (size < 0 || size > std::numeric_limits<std::uint32_t>::max()) {
        abandon(DiagnosticKind::kBadTable, property.span, fmt::format("a table cannot have {} entries", size.str()));
      }
      table.size = static_cast<std::uint64_t>(size);
    } else if (name == "add_on_miss") {
      table.add_on_miss = need_constant(property.value, "add_on_miss") != 0;
      const bool is_exact =
          !table.keys.empty() && std::all_of(table.keys.begin(), table.keys.end(),
                                             [](const TableKey& key) { return key.match == MatchKind::kExact; });
      if (table.add_on_miss && (!is_exact || table.entries_are_const)) {
        abandon(DiagnosticKind::kArchitectureRule, property.span,
                is_exact ? "a table with 'add_on_miss' has const entries, expected entries that can be added to"
                         : "a table with 'add_on_miss' needs exact keys");
      }
    } else if (property.value && std::holds_alternative<ast::Call>(at(property.value).node) &&
               typed_.call_of[property.value].kind == CallInfo::Kind::kConstructor) {
      const auto& call = std::get<ast::Call>(at(property.value).node);
      // A name that the program gives stands alone, as no control holds the object.
      const ast::Annotation* given = ast::find_annotation(property.annotations, "name");
      const Value object =
          construct(typed_.call_of[property.value], call.arguments, type_of(property.value),
                    given != nullptr ? annotation_text(*given) : table.name + "." + name, property.span);
      if (const auto* instance = std::get_if<ExternInstanceId>(&object.node)) {
        program_.extern_instances.edit(*instance).annotations = annotation_texts(property.annotations);
        own(table, name, *instance);
      }
    } else if (property.value && is_own(name)) {
      const Value object = eval(property.value);
      if (const auto* instance = std::get_if<ExternInstanceId>(&object.node)) own(table, name, *instance);
    } else if (name == "support_timeout" && property.value) {
      table.support_timeout = need_constant(property.value, "support_timeout") != 0;
    }
  }
}

}  // namespace p4bpf::ir
