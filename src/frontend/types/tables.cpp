// Tables: keys, action lists, default actions, entries and other properties (section 14.2).
#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/declarations.h"
#include "frontend/types/expressions.h"
#include "frontend/types/table_actions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

using TableInfo = TypedProgram::TableInfo;

DeclId resolve_match_kind(Context& cx, const ast::Name& name) {
  const auto at = cx.match_kinds.find(name.text);
  if (at != cx.match_kinds.end()) return at->second;
  std::vector<std::string> names;
  for (const auto& [text, id] : cx.match_kinds) names.emplace_back(text);
  report_unknown(cx, Kind::kUnknownName, name, "no match kind", names);
  return {};
}

bool may_be_key(Context& cx, TypeId type) {
  return cx.is_poison(type) || cx.get<type::Bits>(type) != nullptr || cx.get<type::Varbit>(type) != nullptr ||
         type == cx.bool_type || type == cx.error_type || enum_of(cx, type) != nullptr || new_type_base(cx, type) ||
         cx.get<type::Variable>(type) != nullptr;
}

void check_keys(Context& cx, const ast::TableDecl& node, TableInfo& info) {
  for (const ast::KeyElement& key : node.key) {
    const TypeId type = infer_value(cx, key.expr);
    if (!may_be_key(cx, type)) {
      cx.error(Kind::kBadTable, cx.span(key.expr), fmt::format("a key cannot be {}", cx.show(type)));
    }
    const DeclId kind = resolve_match_kind(cx, key.match_kind);
    info.key_match_kinds.push_back(kind);
    if (!kind || cx.is_poison(type)) continue;
    const std::string& word = cx.name(kind);
    const bool needs_bits = word == "lpm" || word == "ternary" || word == "range";
    TypeId base = type;
    while (const TypeId under = new_type_base(cx, base)) base = under;
    const bool has_bits =
        cx.get<type::Bits>(base) != nullptr || representation_of(cx, base) ||
        (word == "ternary" && (base == cx.bool_type || enum_of(cx, base) != nullptr || base == cx.error_type));
    if (needs_bits && !has_bits && cx.get<type::Variable>(base) == nullptr) {
      cx.error(Kind::kBadTable, key.match_kind.span,
               fmt::format("a key of type {} cannot match by '{}'", cx.show(type), word));
    }
  }
}

void check_actions(Context& cx, DeclId id, const ast::TableDecl& node, TableInfo& info) {
  if (!node.has_actions) {
    cx.error(Kind::kBadTable, cx.ast[id].name.span, fmt::format("the table '{}' has no 'actions'", cx.name(id)));
    return;
  }
  // By name: two actions `a` and `.a` could not be told apart by the control plane (section 14.2.1.2).
  std::unordered_map<std::string_view, std::pair<DeclId, Span>> seen;
  for (const ast::ActionRef& ref : node.actions) {
    info.actions.push_back(check_listed_action(cx, ref));
    const DeclId action = info.actions.back().action;
    if (!action) continue;
    const auto [at, is_new] = seen.try_emplace(ref.name.text, action, ref.span);
    if (is_new) continue;
    Diagnostic& report = cx.error(Kind::kDuplicateName, ref.span,
                                  at->second.first == action
                                      ? fmt::format("the action '{}' is listed twice", ref.name.text)
                                      : fmt::format("another action is listed under the name '{}'", ref.name.text));
    report.notes.push_back({at->second.second, "first listed here"});
  }
}

/// `default_action = a(x);` or `default_action = a;`. The expression is no call in the usual sense: nothing runs yet.
void check_default_action(Context& cx, const ast::TableDecl& node, const ast::TableProperty& property,
                          TableInfo& info) {
  static const std::vector<ast::Argument> no_arguments;
  const auto* call = cx.expr<ast::Call>(property.value);
  const ExprId callee = call != nullptr ? call->callee : property.value;
  const auto* name = cx.expr<ast::NameExpr>(callee);
  if (name == nullptr || (call != nullptr && !call->type_arguments.empty())) {
    if (cx.expr<ast::ErrorExpr>(property.value) == nullptr) {
      cx.error(Kind::kBadTable, cx.span(property.value),
               "the default action is not an action, expected its name and arguments");
    }
    return;
  }
  info.default_action_expr = property.value;
  info.default_action_is_const = property.is_const;
  const ActionUse use{cx.span(property.value), name->name, name->is_global,
                      call != nullptr ? &call->arguments : &no_arguments, false};
  ResolvedActionRef resolved = check_action_use(cx, use, node, info);
  cx.out.type_of.set(callee, resolved.action ? cx.out.types.add(type::Callable{resolved.action}) : cx.poison);
  if (!resolved.action) return;
  cx.out.decl_of.set(callee, resolved.action);
  if (call != nullptr) {
    cx.out.type_of.set(property.value, cx.void_type);
    CallInfo action_call;
    action_call.kind = CallInfo::Kind::kAction;
    action_call.callee = resolved.action;
    action_call.argument_of_param = resolved.argument_of_param;
    cx.out.call_of.set(property.value, std::move(action_call));
  }
  info.default_action = std::move(resolved);
}

void check_property(Context& cx, const ast::TableDecl& node, const ast::TableProperty& property, TableInfo& info) {
  if (property.name.text == "default_action") {
    check_default_action(cx, node, property, info);
    return;
  }
  // A name that nobody knows is the architecture's affair (section 14.2.1); nobody means this one.
  if (!nearest_name(property.name.text, {"default_action"}).empty()) {
    report_unknown(cx, Kind::kBadTable, property.name, "no property of a table", {"default_action"});
    return;
  }
  const TypeId type = infer(cx, property.value);
  if (cx.is_poison(type)) return;
  if (property.name.text == "size") {
    if (!is_number(cx, type)) {
      cx.error(Kind::kTypeMismatch, cx.span(property.value),
               fmt::format("the size of a table is {}, expected a number", cx.show(type)));
    } else {
      require_known(cx, property.value, "the size of a table");
    }
    return;
  }
  if (property.name.text == "largest_priority_wins" && type != cx.bool_type) {
    cx.error(Kind::kTypeMismatch, cx.span(property.value),
             fmt::format("'largest_priority_wins' is {}, expected bool", cx.show(type)));
  }
  if (property.name.text == "priority_delta") {
    const std::optional<BigInt> value = infer_constant_int(cx, property.value, "'priority_delta'");
    if (value && *value <= 0) {
      cx.error(Kind::kBadTable, cx.span(property.value),
               fmt::format("'priority_delta' is {}, expected more than 0", value->str()));
    }
  }
}

/// What a match kind lets an entry say about one key (section 14.2.1.4).
void check_entry_kind(Context& cx, ExprId e, TypeId key, const std::string& kind) {
  const bool is_any = cx.expr<ast::DontCareExpr>(e) != nullptr;
  const auto* mask = cx.expr<ast::MaskExpr>(e);
  const bool is_range = cx.expr<ast::RangeExpr>(e) != nullptr;
  const char* problem = nullptr;
  if (kind == "exact" && (is_any || mask != nullptr || is_range)) problem = "one value";
  if (kind == "lpm" && is_range) problem = "a value, or a value and a mask with '&&&'";
  if (kind == "ternary" && is_range) problem = "a value, a value and a mask with '&&&', or '_'";
  if (kind == "range" && mask != nullptr) problem = "a value, a range with '..', or '_'";
  if (kind == "optional" && (mask != nullptr || is_range)) problem = "a value or '_'";
  if (problem != nullptr) {
    cx.error(Kind::kBadTable, cx.span(e),
             fmt::format("a key that matches by '{}' cannot have this entry, expected {}", kind, problem));
    return;
  }
  const auto* bits = cx.get<type::Bits>(representation_of(cx, key) ? representation_of(cx, key) : key);
  if (kind != "lpm" || mask == nullptr || bits == nullptr) return;
  const std::optional<BigInt> value = final_int(cx, mask->mask);
  if (!value) return;
  const BigInt inverse = wrap(BigInt(-1) - *value, bits->width, false);
  if ((inverse & BigInt(inverse + 1)) == 0) return;
  cx.error(Kind::kBadTable, cx.span(mask->mask),
           "the mask of an lpm key is not a prefix, expected ones followed by zeros");
}

/// The parts of an entry's key, if there are as many as the table has keys.
std::vector<ExprId> parts_of_entry(Context& cx, const ast::TableDecl& node, const ast::EntryDecl& entry) {
  const auto* list = cx.expr<ast::ListExpr>(entry.keyset);
  std::vector<ExprId> parts = list == nullptr ? std::vector{entry.keyset} : list->elements;
  return parts.size() == node.key.size() ? parts : std::vector<ExprId>{};
}

void check_entry(Context& cx, const ast::TableDecl& node, const ast::EntryDecl& entry, TableInfo& info) {
  std::vector<ExprId> sets{entry.keyset};
  if (const auto* list = cx.expr<ast::ListExpr>(entry.keyset)) {
    sets = list->elements;
    cx.out.type_of.set(entry.keyset, cx.any_type);
  }
  const bool is_catch_all =
      sets.size() == 1 && cx.expr<ast::DontCareExpr>(sets.front()) != nullptr && node.key.size() > 1;
  if (sets.size() != node.key.size() && !is_catch_all) {
    cx.error(Kind::kTypeMismatch, cx.span(entry.keyset),
             fmt::format("the entry has {} keys, expected {} as the table has", sets.size(), node.key.size()));
  } else {
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const TypeId key = cx.type_of(node.key[i].expr);
      if (!cx.is_poison(key) && check_keyset(cx, sets[i], key)) require_known(cx, sets[i], "the key of an entry");
    }
  }
  const ActionUse use{entry.action.span, entry.action.name, entry.action.is_global, &entry.action.arguments, true};
  info.entry_actions.push_back(check_action_use(cx, use, node, info));
}

const ast::TableProperty* find_property(const ast::TableDecl& node, std::string_view name) {
  const auto at = std::find_if(node.properties.begin(), node.properties.end(),
                               [&](const ast::TableProperty& property) { return property.name.text == name; });
  return at == node.properties.end() ? nullptr : &*at;
}

/// Which tables may have entries with priorities (sections 14.2.1.4, 14.2.1.4.1); reports the first that may not.
bool may_have_priorities(Context& cx, const ast::TableDecl& node, const ast::EntryDecl& first, const TableInfo& info) {
  const auto& kinds = info.key_match_kinds;
  const bool one_matches = std::all_of(kinds.begin(), kinds.end(), [&](DeclId kind) {
    return kind && (cx.name(kind) == "exact" || cx.name(kind) == "lpm");
  });
  const char* problem = node.entries_are_const ? "constant entries have no priorities, their order decides"
                        : one_matches          ? "entries have no priorities where all keys are exact or lpm"
                                               : nullptr;
  if (problem != nullptr) cx.error(Kind::kBadTable, cx.span(first.priority), problem);
  return problem == nullptr;
}

/// The priorities that are written and those that follow from them are not below zero.
void check_priorities(Context& cx, const ast::TableDecl& node, const TableInfo& info) {
  const auto first = std::find_if(node.entries.begin(), node.entries.end(),
                                  [](const ast::EntryDecl& entry) { return static_cast<bool>(entry.priority); });
  if (first == node.entries.end() || !may_have_priorities(cx, node, *first, info)) return;
  if (first != node.entries.begin()) {
    Diagnostic& report =
        cx.error(Kind::kBadTable, node.entries.front().span, "the first entry has no priority, but a later one has");
    report.notes.push_back({{}, "entries without priority continue from the one before them"});
    return;
  }
  const auto* delta_written = find_property(node, "priority_delta");
  const auto* order_written = find_property(node, "largest_priority_wins");
  BigInt delta = 1;
  if (delta_written != nullptr && !cx.is_poison(infer_value(cx, delta_written->value)))  // it may stand further down
    delta = final_int(cx, delta_written->value).value_or(delta);
  const auto* order = order_written != nullptr ? cx.expr<ast::BoolLiteral>(order_written->value) : nullptr;
  if (order == nullptr || order->value) delta = -delta;
  BigInt priority = 0;
  for (const ast::EntryDecl& entry : node.entries) {
    if (entry.priority) {
      const std::optional<BigInt> value = infer_constant_int(cx, entry.priority, "the priority of an entry");
      if (!value) continue;
      priority = *value;
    } else {
      priority += delta;
    }
    if (priority >= 0) continue;
    cx.error(Kind::kBadTable, entry.priority ? cx.span(entry.priority) : entry.span,
             fmt::format("the priority of this entry is {}, expected 0 or more", priority.str()));
    return;
  }
}

void check_entries(Context& cx, DeclId id, const ast::TableDecl& node, TableInfo& info) {
  if (!node.has_entries) return;
  if (node.key.empty() && !node.entries.empty()) {
    cx.error(Kind::kBadTable, cx.ast[id].name.span, fmt::format("the table '{}' has entries but no key", cx.name(id)));
    return;
  }
  const std::size_t errors_before = cx.diagnostics.error_count();
  for (const ast::EntryDecl& entry : node.entries) check_entry(cx, node, entry, info);
  if (cx.diagnostics.error_count() != errors_before) return;
  for (const ast::EntryDecl& entry : node.entries) {
    const std::vector<ExprId> parts = parts_of_entry(cx, node, entry);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const DeclId kind = info.key_match_kinds[i];
      if (kind) check_entry_kind(cx, parts[i], cx.type_of(node.key[i].expr), cx.name(kind));
    }
  }
  check_priorities(cx, node, info);
}

/// A table without a default action runs NoAction of core.p4 (section 14.2.1.3).
void check_no_action(Context& cx, DeclId table) {
  const std::vector<DeclId> found = cx.scopes.find_global("NoAction");
  const auto* action = found.empty() ? nullptr : cx.decl<ast::ActionDecl>(found.back());
  if (action != nullptr && action->params.empty()) return;
  if (found.empty()) {
    Diagnostic& report =
        cx.error(Kind::kBadTable, cx.ast[table].name.span,
                 fmt::format("the table '{}' has no default action and there is no 'NoAction'", cx.name(table)));
    report.notes.push_back({{}, "core.p4 declares NoAction, include it"});
    return;
  }
  Diagnostic& report =
      cx.error(Kind::kBadTable, cx.ast[found.back()].name.span, "'NoAction' is not an action without parameters");
  report.notes.push_back({cx.ast[table].name.span, "this table has no other default action"});
}

}  // namespace

void check_table(Context& cx, DeclId id, const ast::TableDecl& node) {
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Callable{id}));
  declare(cx, id);
  cx.open.insert(id);
  Surroundings around = cx.around;
  around.place = Place::kTable;
  around.table = id;
  const Standing standing(cx, around);
  TableInfo info;
  check_keys(cx, node, info);
  check_actions(cx, id, node, info);
  std::unordered_map<std::string_view, Span> seen;
  bool entries_are_checked = false;
  for (const ast::TableProperty& property : node.properties) {
    // In the order in which they are written, so that the errors are too.
    if (!entries_are_checked && !node.entries.empty() && node.entries.front().span.begin < property.name.span.begin) {
      check_entries(cx, id, node, info);
      entries_are_checked = true;
    }
    const auto [at, is_new] = seen.try_emplace(property.name.text, property.name.span);
    if (!is_new) {
      Diagnostic& report = cx.error(Kind::kDuplicateName, property.name.span,
                                    fmt::format("the property '{}' is given twice", property.name.text));
      report.notes.push_back({at->second, "first given here"});
      continue;
    }
    check_property(cx, node, property, info);
  }
  if (!seen.contains("default_action")) check_no_action(cx, id);
  if (!entries_are_checked) check_entries(cx, id, node, info);
  cx.out.tables.set(id, std::move(info));
  cx.open.erase(id);
}

}  // namespace p4bpf::check
