// Elaboration of what tables are matched against: entries with their priorities (P4_16 section 14.2.1.4), keysets,
// value sets.
#include <fmt/format.h>

#include <functional>
#include <limits>

#include "base/result.h"
#include "frontend/literals.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

namespace {

/// The number of leading ones of a mask that has nothing but leading ones.
std::optional<std::uint32_t> prefix_length(const BigInt& mask, std::uint32_t width) {
  for (std::uint32_t length = 0; length <= width; ++length) {
    if (mask == power_of_two(width) - power_of_two(width - length)) return length;
  }
  return std::nullopt;
}

}  // namespace

/// The set that a keyset expression denotes if it is known now, apart from any match kind.
std::optional<KeyMatch> Elaboration::constant_match(ast::ExprId keyset, const Type& type) {
  const ast::Expr& expr = at(keyset);
  KeyMatch result;
  const auto in_type = [&](ast::ExprId part) -> std::optional<BigInt> {
    if (has_effects(part)) return std::nullopt;
    const Value value = eval(part);
    const auto* scalar_value = std::get_if<ExprId>(&value.node);
    if (scalar_value == nullptr) return std::nullopt;
    return fold(cast_to(type, *scalar_value, expr.span));
  };
  if (std::holds_alternative<ast::DontCareExpr>(expr.node)) return result;
  if (const auto* list = std::get_if<ast::ListExpr>(&expr.node); list != nullptr && list->elements.size() == 1) {
    return constant_match(list->elements.front(), type);
  }
  if (const auto* mask = std::get_if<ast::MaskExpr>(&expr.node)) {
    const auto value = in_type(mask->value);
    const auto bits = in_type(mask->mask);
    if (!value || !bits) return std::nullopt;
    result.kind = KeyMatch::Kind::kMask;
    result.mask = wrap(*bits, type.width, false);
    result.value = wrap(*value, type.width, false) & result.mask;
    return result;
  }
  if (const auto* range = std::get_if<ast::RangeExpr>(&expr.node)) {
    const auto lo = in_type(range->lo);
    const auto hi = in_type(range->hi);
    if (!lo || !hi) return std::nullopt;
    result.kind = KeyMatch::Kind::kRange;
    result.value = *lo;
    result.high = *hi;
    return result;
  }
  const auto value = in_type(keyset);
  if (!value) return std::nullopt;
  result.kind = KeyMatch::Kind::kExact;
  result.value = *value;
  return result;
}

/// The same in the form that a key of that match kind has.
KeyMatch Elaboration::key_match(ast::ExprId keyset, const Type& type, MatchKind match) {
  const Span span = at(keyset).span;
  const std::optional<KeyMatch> known = constant_match(keyset, type);
  if (!known) abandon(DiagnosticKind::kNotConstant, span, "the key of an entry is not a compile-time-known value");
  KeyMatch result = *known;
  using Kind = KeyMatch::Kind;
  switch (match) {
    case MatchKind::kLpm: {
      const BigInt mask = result.kind == Kind::kMask  ? result.mask
                          : result.kind == Kind::kAny ? BigInt(0)
                                                      : BigInt(power_of_two(type.width) - 1);
      const auto length = prefix_length(mask, type.width);
      if (!length || result.kind == Kind::kRange)
        abandon(DiagnosticKind::kBadTable, span, "the key of an lpm match must be a prefix");
      result.kind = Kind::kPrefix;
      result.prefix_length = *length;
      result.mask = 0;
      return result;
    }
    case MatchKind::kTernary:
      if (result.kind == Kind::kRange)
        abandon(DiagnosticKind::kBadTable, span, "a range cannot be the key of a ternary match");
      if (result.kind == Kind::kExact) {
        result.kind = Kind::kMask;
        result.mask = power_of_two(type.width) - 1;
        result.value = wrap(result.value, type.width, false);
      }
      return result;
    case MatchKind::kRange:
      if (result.kind == Kind::kMask)
        abandon(DiagnosticKind::kBadTable, span, "a mask cannot be the key of a range match");
      if (result.kind == Kind::kExact) {
        result.kind = Kind::kRange;
        result.high = result.value;
      }
      return result;
    case MatchKind::kExact:
    case MatchKind::kOptional:
      if (result.kind == Kind::kMask || result.kind == Kind::kRange) {
        abandon(DiagnosticKind::kBadTable, span, "the key of an exact or optional match must be a single value");
      }
      return result;
  }
  return result;
}

void Elaboration::add_entries(const TableObject& object, Table& table, const ast::TableDecl& node,
                              const TypedProgram::TableInfo& info) {
  if (!node.has_entries) return;
  table.entries_are_const = node.entries_are_const;
  bool largest_wins = true;
  BigInt delta = 1;
  for (const ast::TableProperty& property : node.properties) {
    if (property.name.text == "largest_priority_wins")
      largest_wins = need_constant(property.value, "largest_priority_wins") != 0;
    if (property.name.text == "priority_delta") delta = need_constant(property.value, "priority_delta");
  }
  const auto annotated = [](const ast::EntryDecl& entry) {
    return ast::find_annotation(entry.annotations, "priority");
  };
  const bool has_annotations = std::any_of(node.entries.begin(), node.entries.end(), annotated);
  if (has_annotations) largest_wins = false;
  // Section 14.2.1.4: a written priority counts, the others follow the entry before by priority_delta, so that the
  // first one wins. @priority is older than the language's own: the smallest wins, and an entry without it has its
  // place in the list, from 1 on.
  std::vector<BigInt> priorities;
  for (std::size_t i = 0; i < node.entries.size(); ++i) {
    const ast::EntryDecl& entry = node.entries[i];
    if (const ast::Annotation* annotation = annotated(entry)) {
      const auto number = read_integer(annotation_text(*annotation));
      if (!number) abandon(DiagnosticKind::kBadTable, entry.span, "@priority takes a number");
      priorities.push_back(number->value);
    } else if (has_annotations) {
      priorities.push_back(BigInt(i + 1));
    } else if (entry.priority) {
      priorities.push_back(need_constant(entry.priority, "the priority of an entry"));
    } else if (i == 0) {
      priorities.push_back(largest_wins ? BigInt((node.entries.size() - 1) * delta + 1) : BigInt(1));
    } else {
      priorities.push_back(largest_wins ? BigInt(priorities.back() - delta) : BigInt(priorities.back() + delta));
    }
  }
  const BigInt top = priorities.empty() ? BigInt(0) : *std::max_element(priorities.begin(), priorities.end());
  for (std::size_t i = 0; i < node.entries.size(); ++i) {
    const BigInt priority = largest_wins ? priorities[i] : BigInt(top - priorities[i] + 1);
    if (priority < std::numeric_limits<std::int32_t>::min() || priority > std::numeric_limits<std::int32_t>::max()) {
      abandon(DiagnosticKind::kBadTable, node.entries[i].span,
              fmt::format("the priority {} does not fit 32 bits", priority.str()));
    }
    add_entry(object, table, node.entries[i], info.entry_actions.at(i), info, static_cast<std::int32_t>(priority));
  }
}

void Elaboration::add_entry(const TableObject& object, Table& table, const ast::EntryDecl& entry,
                            const TypedProgram::ResolvedActionRef& resolved, const TypedProgram::TableInfo& info,
                            std::int32_t priority) {
  TableEntry result;
  result.span = entry.span;
  result.is_const = table.entries_are_const || entry.is_const;
  result.priority = priority;
  std::vector<ast::ExprId> keysets{entry.keyset};
  const auto* list = std::get_if<ast::ListExpr>(&at(entry.keyset).node);
  if (list != nullptr && list->elements.size() == info.key_match_kinds.size()) {
    keysets.clear();
    for (std::size_t i = 0; i < list->elements.size(); ++i) {
      if (!is_selector(info.key_match_kinds[i])) keysets.push_back(list->elements[i]);
    }
  }
  const bool is_all = keysets.size() == 1 && std::holds_alternative<ast::DontCareExpr>(at(keysets.front()).node);
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    const ast::ExprId keyset = is_all ? keysets.front() : keysets.at(std::min(i, keysets.size() - 1));
    result.keys.push_back(key_match(keyset, table.keys[i].type, table.keys[i].match));
  }
  for (std::size_t i = 0; i < object.actions.size(); ++i) {
    if (object.actions[i] != resolved.action) continue;
    result.action = i;
    result.arguments = action_data(resolved.action, i < info.actions.size() ? &info.actions[i] : nullptr, resolved,
                                   entry.action.arguments);
    table.entries.push_back(std::move(result));
    return;
  }
  abandon(DiagnosticKind::kBadTable, entry.action.span, "the action of an entry is not among the table's actions");
}

/// A value set (section 12.11) is a table that only tells a hit. Each field of a struct, or of a struct within, is a
/// key.
TableId Elaboration::value_set(ast::DeclId id) {
  const BlockInstance* owner = env().instance;
  TableId& known = value_sets_[{owner, id}];
  if (known) return known;
  const ast::Decl& decl = ast()[id];
  const auto& node = std::get<ast::ValueSetDecl>(decl.node);
  Table table;
  table.name = join(owner != nullptr ? owner->path : std::string(), name_of(decl));
  table.span = decl.name.span;
  table.annotations = annotation_texts(decl.annotations);
  table.is_value_set = true;
  table.size = static_cast<std::uint64_t>(need_constant(node.size, "the size of a value set"));
  const TypeId element_type = bind(typed_.type_of_ref[node.element]);
  if (is_scalar(element_type)) {
    table.keys.push_back({name_of(decl), scalar(element_type, decl.span), MatchKind::kExact, decl.name.span});
  } else if (as_struct(element_type) != nullptr) {
    const std::function<void(TypeId, const std::string&)> add_fields = [&](TypeId type, const std::string& path) {
      const ast::StructDecl* structure = as_struct(type);
      const auto fields = members(type);
      for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto& [field, field_type] = fields[i];
        if (as_struct(field_type) != nullptr) {
          add_fields(field_type, path + field + ".");
        } else {
          add_value_set_key(table, ast()[structure->fields[i]], field_type);
          table.keys.back().name = path + field;
        }
      }
    };
    add_fields(element_type, "");
  } else {
    for (const auto& [name, type] : members(element_type)) {
      table.keys.push_back({name, scalar(type, decl.span), MatchKind::kExact, decl.name.span});
    }
  }
  known = program_.tables.add(std::move(table));
  return known;
}

/// `@match(ternary)` on a field says how it is matched.
void Elaboration::add_value_set_key(Table& table, const ast::Decl& field, TypeId type) {
  TableKey key{field.name.text, scalar(type, field.span), MatchKind::kExact, field.name.span};
  key.annotations = annotation_texts(field.annotations);
  key.type_name = named_type(type);
  if (const ast::Annotation* annotation = ast::find_annotation(field.annotations, "match")) {
    const std::string kind = annotation_text(*annotation);
    if (kind == "ternary") key.match = MatchKind::kTernary;
    if (kind == "lpm") key.match = MatchKind::kLpm;
    if (kind == "range") key.match = MatchKind::kRange;
    if (kind == "optional") key.match = MatchKind::kOptional;
  }
  table.keys.push_back(std::move(key));
}

}  // namespace p4bpf::ir
