// Implicit conversions: see conversions.h.
#include "frontend/types/conversions.h"

#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/constants.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

/// Lists to structs, headers, tuples, lists and stacks, part by part.
bool parts_convert(Context& cx, const std::vector<TypeId>& from, const std::vector<TypeId>& to) {
  const bool has_rest = !from.empty() && from.back() == cx.any_type;
  const std::size_t given = has_rest ? from.size() - 1 : from.size();
  if (given > to.size() || (given < to.size() && !has_rest)) return false;
  for (std::size_t i = 0; i < given; ++i) {
    if (!converts(cx, from[i], to[i])) return false;
  }
  return true;
}

bool tuple_converts(Context& cx, const std::vector<TypeId>& from, TypeId to) {
  if (const auto* tuple = cx.get<type::Tuple>(to)) return parts_convert(cx, from, std::vector<TypeId>(tuple->elements));
  if (const auto* stack = cx.get<type::Stack>(to)) {
    return from.size() <= stack->size + 1 && parts_convert(cx, from, std::vector<TypeId>(stack->size, stack->element));
  }
  if (const auto* list = cx.get<type::List>(to)) {
    return parts_convert(cx, from, std::vector<TypeId>(from.size(), list->element));
  }
  if (is_struct(cx, to) || is_header(cx, to)) return parts_convert(cx, from, field_types(cx, to));
  return false;
}

bool anonymous_converts(Context& cx, const type::AnonymousStruct& from, TypeId to) {
  std::vector<std::string> names;
  std::vector<TypeId> types;
  if (const auto* other = cx.get<type::AnonymousStruct>(to)) {
    names = other->names;
    types = other->types;
  } else if (is_struct(cx, to) || is_header(cx, to)) {
    for (const DeclId field : struct_of(cx, to)->fields) names.push_back(cx.name(field));
    types = field_types(cx, to);
  } else {
    return false;
  }
  const bool has_rest = !from.names.empty() && from.names.back() == "...";
  const std::size_t given = from.names.size() - (has_rest ? 1 : 0);
  if (given != names.size() && !has_rest) return false;
  for (std::size_t i = 0; i < given; ++i) {
    const auto at = std::find(names.begin(), names.end(), from.names[i]);
    if (at == names.end()) return false;
    if (!converts(cx, from.types[i], types[static_cast<std::size_t>(at - names.begin())])) return false;
  }
  return true;
}

}  // namespace

bool converts(Context& cx, TypeId from, TypeId to) {
  if (from == to || cx.is_poison(from) || cx.is_poison(to) || from == cx.any_type || to == cx.any_type) return true;
  const auto known = cx.converts_memo.find({from, to});
  if (known != cx.converts_memo.end()) return known->second;
  bool result = false;
  if (from == cx.int_type && cx.get<type::Bits>(to) != nullptr) {
    result = true;
  } else if (const TypeId base = representation_of(cx, from)) {
    result = base == to;
  } else if (const auto* tuple = cx.get<type::Tuple>(from)) {
    result = tuple_converts(cx, std::vector<TypeId>(tuple->elements), to);
  } else if (const auto* anonymous = cx.get<type::AnonymousStruct>(from)) {
    result = anonymous_converts(cx, type::AnonymousStruct(*anonymous), to);
  } else if (is_object(cx, from) && is_object(cx, to)) {
    Bindings none({});
    result = unify(cx, to, from, none, true);
  }
  cx.converts_memo[{from, to}] = result;
  return result;
}

namespace {

/// Reports that `e` has not the type that is wanted.
bool mismatch(Context& cx, ExprId e, TypeId to, const std::string& what) {
  cx.error(Kind::kTypeMismatch, cx.span(e),
           fmt::format("{} is {}, expected {}", what, cx.show(cx.type_of(e)), cx.show(to)));
  return false;
}

/// Warns of a constant that loses bits on its way into `to` (section 8.11.1).
void warn_overflow(Context& cx, ExprId e, TypeId to) {
  const auto* bits = cx.get<type::Bits>(to);
  const std::optional<ConstValue>& value = cx.out.constant_of[e];
  if (bits == nullptr || !value || cx.type_of(e) != cx.int_type) return;
  const auto* number = std::get_if<BigInt>(&value->value);
  if (number == nullptr || fits(*number, bits->width, bits->is_signed)) return;
  // -1 as a bit<N> is what people write for all ones.
  if (!bits->is_signed && *number < 0 && fits(*number, bits->width, true)) return;
  cx.error(Kind::kOverflow, cx.span(e),
           fmt::format("the value {} does not fit {} and is truncated", number->str(), cx.show(to)));
}

bool convert_list(Context& cx, ExprId e, const ast::ListExpr& list, TypeId to, const std::string& what) {
  std::vector<TypeId> wanted;
  if (const auto* tuple = cx.get<type::Tuple>(to)) {
    wanted = tuple->elements;
  } else if (const auto* stack = cx.get<type::Stack>(to)) {
    if (list.elements.size() > stack->size) {
      cx.error(
          Kind::kTypeMismatch, cx.span(e),
          fmt::format("{} has {} elements, expected {} for {}", what, list.elements.size(), stack->size, cx.show(to)));
      return false;
    }
    wanted.assign(stack->size, stack->element);
  } else if (const auto* element = cx.get<type::List>(to)) {
    wanted.assign(list.elements.size(), element->element);
  } else if (is_struct(cx, to) || is_header(cx, to)) {
    wanted = field_types(cx, to);
  } else {
    return mismatch(cx, e, to, what);
  }
  if (list.elements.size() > wanted.size() || (list.elements.size() < wanted.size() && !list.has_rest)) {
    cx.error(
        Kind::kTypeMismatch, cx.span(e),
        fmt::format("{} has {} elements, expected {} for {}", what, list.elements.size(), wanted.size(), cx.show(to)));
    return false;
  }
  bool is_fine = true;
  for (std::size_t i = 0; i < list.elements.size(); ++i) {
    is_fine &= convert(cx, list.elements[i], wanted[i], fmt::format("element {}", i + 1));
  }
  for (std::size_t i = list.elements.size(); i < wanted.size() && is_fine; ++i) {
    if (has_default(cx, wanted[i])) continue;
    cx.error(Kind::kTypeMismatch, cx.span(e),
             fmt::format("'...' stands for a {}, which has no default value", cx.show(wanted[i])));
    is_fine = false;
  }
  if (is_fine && to != cx.type_of(e)) cx.out.converted_to.set(e, to);
  return is_fine;
}

bool convert_struct(Context& cx, ExprId e, const ast::StructExpr& expr, TypeId to, const std::string& what) {
  const ast::StructDecl* decl = struct_of(cx, to);
  if (decl == nullptr || decl->kind == ast::StructDecl::Kind::kUnion) {
    if (cx.type_of(e) == to) return true;
    return mismatch(cx, e, to, what);
  }
  const DeclId decl_id = cx.get<type::Declared>(to)->decl;
  bool is_fine = true;
  std::unordered_set<DeclId> given;
  for (const ast::Argument& argument : expr.fields) {
    const DeclId field = find_member(cx, decl_id, argument.name.text);
    if (!field) {
      std::vector<std::string> names;
      for (const DeclId f : decl->fields) names.push_back(cx.name(f));
      report_unknown(cx, Kind::kUnknownMember, argument.name, fmt::format("no field of {}", cx.show(to)), names);
      is_fine = false;
      continue;
    }
    given.insert(field);
    is_fine &= convert(cx, argument.value, field_type(cx, to, field), fmt::format("field '{}'", argument.name.text));
  }
  for (const DeclId field : decl->fields) {
    if (!is_fine || given.contains(field)) continue;
    if (!expr.has_rest) {
      Diagnostic& report = cx.error(Kind::kTypeMismatch, cx.span(e),
                                    fmt::format("field '{}' of {} is not given", cx.name(field), cx.show(to)));
      report.notes.push_back({{}, "end the list with '...' to give what is left its default value"});
      is_fine = false;
    } else if (!has_default(cx, field_type(cx, to, field))) {
      cx.error(Kind::kTypeMismatch, cx.span(e), fmt::format("field '{}' has no default value", cx.name(field)));
      is_fine = false;
    }
  }
  if (is_fine && to != cx.type_of(e)) cx.out.converted_to.set(e, to);
  return is_fine;
}

}  // namespace

namespace {

/// What `...` stands for is known since its place has a type; so the list around it may be known now.
void note_value_of_parts(Context& cx, ExprId e, const std::vector<ExprId>& parts) {
  if (cx.out.constant_of[e] || !cx.is_known[e]) return;
  std::vector<Constant> values;
  for (const ExprId part : parts) values.push_back(cx.out.constant_of[part]);
  if (Constant value = list_constant(values)) cx.out.constant_of.set(e, std::move(value));
}

}  // namespace

bool convert(Context& cx, ExprId e, TypeId to, const std::string& what) {
  const TypeId from = cx.type_of(e);
  if (cx.is_poison(from) || cx.is_poison(to)) return true;
  if (const auto* list = cx.expr<ast::ListExpr>(e)) {
    const bool is_fine = convert_list(cx, e, *list, to, what);
    note_value_of_parts(cx, e, list->elements);
    return is_fine;
  }
  if (const auto* expr = cx.expr<ast::StructExpr>(e)) {
    const bool is_fine = convert_struct(cx, e, *expr, to, what);
    std::vector<ExprId> values;
    for (const ast::Argument& field : expr->fields) values.push_back(field.value);
    note_value_of_parts(cx, e, values);
    return is_fine;
  }
  if (cx.expr<ast::InvalidExpr>(e) != nullptr) {
    if (!is_header(cx, to) && !is_union(cx, to)) {
      cx.error(Kind::kTypeMismatch, cx.span(e), fmt::format("'{{#}}' is an invalid header, expected {}", cx.show(to)));
      return false;
    }
    cx.out.converted_to.set(e, to);
    return true;
  }
  if (cx.expr<ast::DotsExpr>(e) != nullptr) {
    if (!has_default(cx, to)) {
      cx.error(Kind::kTypeMismatch, cx.span(e),
               fmt::format("'...' stands for a {}, which has no default value", cx.show(to)));
      return false;
    }
    if (Constant value = default_constant(cx, to)) {
      cx.out.type_of.set(e, to);
      cx.out.constant_of.set(e, std::move(value));
    } else {
      cx.out.converted_to.set(e, to);
    }
    return true;
  }
  if (from == to) return true;
  if (cx.get<type::TypeName>(from) != nullptr) {
    cx.error(Kind::kNotAValue, cx.span(e), fmt::format("{} is {}, expected a value", what, cx.show(from)));
    return false;
  }
  if (to == cx.int_type && cx.get<type::Bits>(from) != nullptr && cx.is_known[e]) {
    cx.out.converted_to.set(e, to);
    return true;
  }
  const bool is_aggregate = struct_of(cx, to) != nullptr || cx.get<type::Stack>(to) != nullptr;
  if (cx.get<type::Tuple>(from) != nullptr && is_aggregate && cx.expr<ast::Conditional>(e) == nullptr) {
    return mismatch(cx, e, to, what);  // only a list that is written there becomes a struct, not a tuple
  }
  if (from == cx.any_type || to == cx.any_type || !converts(cx, from, to)) return mismatch(cx, e, to, what);
  warn_overflow(cx, e, to);
  cx.out.converted_to.set(e, to);
  if (const auto* conditional = cx.expr<ast::Conditional>(e)) {
    // The branches turn where they stand, so that a conversion of a whole list never has to be taken apart again.
    cx.out.converted_to.set(e, {});
    convert(cx, conditional->yes, to, what);
    convert(cx, conditional->no, to, what);
    cx.out.type_of.set(e, to);
    if (std::optional<ConstValue> value = cx.out.constant_of[e])
      cx.out.constant_of.set(e, convert_constant(cx, value, from, to));
  }
  return true;
}

std::optional<TypeId> join(Context& cx, ExprId left, ExprId right) {
  const TypeId l = cx.type_of(left);
  const TypeId r = cx.type_of(right);
  if (cx.is_poison(l) || cx.is_poison(r)) return cx.poison;
  if (l == r) return l;
  const TypeId left_base = representation_of(cx, l);
  const TypeId right_base = representation_of(cx, r);
  if (left_base || right_base) {
    // A serializable enum meets bits as its representation (section 8.11.2).
    const TypeId common = left_base ? left_base : right_base;
    const TypeId other = left_base ? (right_base ? right_base : r) : l;
    if (!is_number(cx, other) || !converts(cx, other, common)) return std::nullopt;
    convert(cx, left, common, "the left operand");
    convert(cx, right, common, "the right operand");
    return common;
  }
  const bool right_is_list = cx.expr<ast::ListExpr>(right) != nullptr || cx.expr<ast::StructExpr>(right) != nullptr ||
                             cx.expr<ast::InvalidExpr>(right) != nullptr || cx.expr<ast::DotsExpr>(right) != nullptr;
  if (right_is_list || converts(cx, r, l)) {
    if (l == cx.any_type || !converts(cx, r, l)) return std::nullopt;
    return convert(cx, right, l, "the right operand") ? std::optional(l) : cx.poison;
  }
  if (r == cx.any_type || !converts(cx, l, r)) return std::nullopt;
  return convert(cx, left, r, "the left operand") ? std::optional(r) : cx.poison;
}

}  // namespace p4bpf::check
