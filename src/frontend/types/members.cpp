// `base.member`, `base[index]`, `base[hi:lo]`, `base[lo +: width]` (sections 8.2, 8.6, 8.10, 8.18, 8.19).
#include <fmt/format.h>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

std::vector<std::string> member_names(const Context& cx, DeclId decl) {
  std::vector<std::string> names;
  if (const auto at = cx.members.find(decl); at != cx.members.end()) {
    for (const auto& [name, ids] : at->second) names.emplace_back(name);
  }
  return names;
}

TypeId unknown_member(Context& cx, const ast::Name& member, TypeId type, const std::vector<std::string>& names) {
  report_unknown(cx, Kind::kUnknownMember, member, fmt::format("no member of {}", cx.show(type)), names);
  return cx.poison;
}

/// `E.A`, `error.A`, `C.apply` (section 8.3; 14.1 for direct application).
TypeId member_of_type(Context& cx, ExprId e, TypeId type, const ast::Name& member) {
  if (cx.is_poison(type)) return cx.poison;
  if (type == cx.error_type) {
    const auto at = cx.error_members.find(member.text);
    if (at == cx.error_members.end()) {
      std::vector<std::string> names;
      for (const auto& [name, id] : cx.error_members) names.emplace_back(name);
      return unknown_member(cx, member, type, names);
    }
    cx.out.decl_of.set(e, at->second);
    cx.out.constant_of.set(e, ConstValue{at->second});
    cx.is_known.set(e, true);
    return cx.error_type;
  }
  if (enum_of(cx, type) != nullptr) {
    const DeclId decl = cx.get<type::Declared>(type)->decl;
    const DeclId found = find_member(cx, decl, member.text);
    if (!found) return unknown_member(cx, member, type, member_names(cx, decl));
    cx.out.decl_of.set(e, found);
    const Constant value = cx.out.constant_of_decl[found];
    cx.out.constant_of.set(e, value ? value : Constant(ConstValue{found}));
    cx.is_known.set(e, true);
    return type;
  }
  cx.error(Kind::kUnknownMember, member.span,
           fmt::format("the type {} has no member '{}'", cx.show(type), member.text));
  return cx.poison;
}

/// next, last, lastIndex, size (section 8.18).
TypeId member_of_stack(Context& cx, ExprId e, const type::Stack& stack, const ast::Name& member) {
  const bool has_headers =
      is_header(cx, stack.element) || is_union(cx, stack.element) || cx.get<type::Variable>(stack.element) != nullptr;
  const bool is_in_parser = cx.around.place == Place::kState || cx.around.place == Place::kParserLocals;
  if (member.text == "size") {
    cx.out.constant_of.set(e, ConstValue{BigInt(stack.size)});
    cx.is_known.set(e, true);
    return cx.out.types.bits(32);
  }
  if (member.text != "next" && member.text != "last" && member.text != "lastIndex") {
    return unknown_member(cx, member, cx.out.types.add(stack),
                          {"next", "last", "lastIndex", "size", "push_front", "pop_front"});
  }
  if (!has_headers) {
    cx.error(Kind::kUnknownMember, member.span,
             fmt::format("'{}' is for stacks of headers, this is an array of {}", member.text, cx.show(stack.element)));
    return cx.poison;
  }
  if (!is_in_parser) {
    cx.error(Kind::kUnknownMember, member.span,
             fmt::format("'{}' of a header stack can only be used in a parser", member.text));
    return cx.poison;
  }
  return member.text == "lastIndex" ? cx.out.types.bits(32) : stack.element;
}

TypeId member_of_struct(Context& cx, ExprId e, TypeId type, const ast::Member& node) {
  const DeclId decl = cx.get<type::Declared>(type)->decl;
  const DeclId field = find_member(cx, decl, node.member.text);
  if (!field) return unknown_member(cx, node.member, type, member_names(cx, decl));
  cx.out.decl_of.set(e, field);
  const Constant base = final_constant(cx, node.base);
  if (base) {
    const ast::StructDecl* structure = struct_of(cx, type);
    const auto* list = std::get_if<ConstList>(&base->value);
    for (std::size_t i = 0; list != nullptr && i < structure->fields.size() && i < list->size(); ++i) {
      if (structure->fields[i] == field) cx.out.constant_of.set(e, (*list)[i]);
    }
  }
  cx.is_known.set(e, cx.is_known[node.base]);
  return field_type(cx, type, field);
}

TypeId member_of_result(Context& cx, const type::ApplyResult& result, const ast::Name& member) {
  if (member.text == "hit" || member.text == "miss") return cx.bool_type;
  if (member.text == "action_run") return cx.out.types.add(type::ActionRun{result.table});
  return unknown_member(cx, member, cx.out.types.add(result), {"hit", "miss", "action_run"});
}

}  // namespace

TypeId infer_member(Context& cx, ExprId e, const ast::Member& node) {
  const TypeId type = infer(cx, node.base);
  if (cx.is_poison(type)) return cx.poison;
  if (type == cx.void_type) return infer_value(cx, node.base);
  const Type::Node what = cx.out.types[type];
  if (const auto* name = std::get_if<type::TypeName>(&what)) return member_of_type(cx, e, name->type, node.member);
  if (const auto* stack = std::get_if<type::Stack>(&what)) return member_of_stack(cx, e, *stack, node.member);
  if (const auto* result = std::get_if<type::ApplyResult>(&what)) return member_of_result(cx, *result, node.member);
  if (const auto* anonymous = std::get_if<type::AnonymousStruct>(&what)) {
    for (std::size_t i = 0; i < anonymous->names.size(); ++i) {
      if (anonymous->names[i] != node.member.text) continue;
      cx.is_known.set(e, cx.is_known[node.base]);
      return anonymous->types[i];
    }
    return unknown_member(cx, node.member, type, anonymous->names);
  }
  if (struct_of(cx, type) != nullptr) return member_of_struct(cx, e, type, node);
  cx.error(Kind::kUnknownMember, node.member.span,
           fmt::format("{} has no member '{}'", cx.show(type), node.member.text));
  return cx.poison;
}

namespace {

bool check_bounds(Context& cx, ExprId index, std::size_t size, const char* what) {
  const std::optional<BigInt> value = final_int(cx, index);
  if (!value || (*value >= 0 && (*value < size || size == 0))) return true;
  cx.error(Kind::kBadOperand, cx.span(index),
           fmt::format("index {} is out of range, {} has {} elements", value->str(), what, size));
  return false;
}

}  // namespace

TypeId infer_index(Context& cx, ExprId e, const ast::Index& node) {
  const TypeId type = infer_value(cx, node.base);
  const TypeId index = infer_value(cx, node.index);
  if (cx.is_poison(type) || cx.is_poison(index)) return cx.poison;
  const Type::Node what = cx.out.types[type];
  const bool is_number_index = is_number(cx, index) || representation_of(cx, index);
  if (!is_number_index) {
    cx.error(Kind::kTypeMismatch, cx.span(node.index),
             fmt::format("the index is {}, expected a number", cx.show(index)));
    return cx.poison;
  }
  if (const auto* stack = std::get_if<type::Stack>(&what)) {
    if (!check_bounds(cx, node.index, stack->size, "the header stack")) return cx.poison;
    const Constant base = final_constant(cx, node.base);
    const std::optional<BigInt> at = final_int(cx, node.index);
    if (base && at) {
      const auto* list = std::get_if<ConstList>(&base->value);
      if (list != nullptr && *at < list->size()) cx.out.constant_of.set(e, (*list)[static_cast<std::size_t>(*at)]);
    }
    cx.is_known.set(e, cx.is_known[node.base] && cx.is_known[node.index]);
    return stack->element;
  }
  if (const auto* tuple = std::get_if<type::Tuple>(&what)) {
    const std::optional<BigInt> at = final_int(cx, node.index);
    if (!at) {
      cx.error(Kind::kNotConstant, cx.span(node.index), "the index of a tuple is not a compile-time-known value");
      return cx.poison;
    }
    if (!check_bounds(cx, node.index, tuple->elements.size(), "the tuple")) return cx.poison;
    const auto position = static_cast<std::size_t>(*at);
    const Constant base = final_constant(cx, node.base);
    if (base) {
      const auto* list = std::get_if<ConstList>(&base->value);
      if (list != nullptr && position < list->size()) cx.out.constant_of.set(e, (*list)[position]);
    }
    cx.is_known.set(e, cx.is_known[node.base]);
    return tuple->elements[position];
  }
  cx.error(Kind::kBadOperand, cx.span(node.base),
           fmt::format("{} cannot be indexed, expected a header stack or a tuple", cx.show(type)));
  return cx.poison;
}

namespace {

/// The bits under a slice, nothing (reported) where there are none.
std::optional<type::Bits> sliced_bits(Context& cx, ExprId base) {
  TypeId type = infer_value(cx, base);
  if (cx.is_poison(type)) return std::nullopt;
  if (const TypeId representation = representation_of(cx, type)) {
    type = representation;
    cx.out.converted_to.set(base, type);
  }
  if (const auto* bits = cx.get<type::Bits>(type)) return *bits;
  // An `int` is as wide as its slice wants it (section 8.9); its value decides, so it must be there.
  if (type == cx.int_type && cx.out.constant_of[base]) return type::Bits{kMaxWidth, true};
  cx.error(Kind::kBadSlice, cx.span(base),
           fmt::format("bits of {} are wanted, expected bit<N> or int<N>", cx.show(type)));
  return std::nullopt;
}

void fold_slice(Context& cx, ExprId e, ExprId base, std::uint32_t hi, std::uint32_t lo, const type::Bits& bits) {
  cx.is_known.set(e, cx.is_known[base]);
  if (const std::optional<BigInt> value = final_int(cx, base)) {
    cx.out.constant_of.set(e, ConstValue{bit_slice(wrap(*value, bits.width, false), hi, lo)});
  }
}

}  // namespace

TypeId infer_slice(Context& cx, ExprId e, const ast::Slice& node) {
  const std::optional<type::Bits> bits = sliced_bits(cx, node.base);
  const std::optional<BigInt> hi = infer_constant_int(cx, node.hi, "the upper bound of a slice");
  const std::optional<BigInt> lo = infer_constant_int(cx, node.lo, "the lower bound of a slice");
  if (!bits || !hi || !lo) return cx.poison;
  if (*lo < 0 || *hi < *lo) {
    cx.error(Kind::kBadSlice, cx.span(e),
             fmt::format("the slice [{}:{}] is empty or negative, expected [high:low]", hi->str(), lo->str()));
    return cx.poison;
  }
  if (*hi >= bits->width) {
    cx.error(Kind::kBadSlice, cx.span(e), fmt::format("bit {} of {} bits is wanted", hi->str(), bits->width));
    return cx.poison;
  }
  const auto high = static_cast<std::uint32_t>(*hi);
  const auto low = static_cast<std::uint32_t>(*lo);
  fold_slice(cx, e, node.base, high, low, *bits);
  return cx.out.types.bits(high - low + 1);
}

TypeId infer_plus_slice(Context& cx, ExprId e, const ast::PlusSlice& node) {
  const std::optional<type::Bits> bits = sliced_bits(cx, node.base);
  const TypeId index = infer_value(cx, node.lo);
  const std::optional<BigInt> width = infer_constant_int(cx, node.width, "the width of a slice");
  if (!bits || !width || cx.is_poison(index)) return cx.poison;
  if (!is_number(cx, index) && !representation_of(cx, index)) {
    cx.error(Kind::kTypeMismatch, cx.span(node.lo),
             fmt::format("the start of a slice is {}, expected a number", cx.show(index)));
    return cx.poison;
  }
  if (*width <= 0 || *width > bits->width) {
    cx.error(Kind::kBadSlice, cx.span(node.width),
             fmt::format("a slice of {} bits of {} bits", width->str(), bits->width));
    return cx.poison;
  }
  const auto count = static_cast<std::uint32_t>(*width);
  if (const std::optional<BigInt> lo = final_int(cx, node.lo)) {
    if (*lo < 0 || *lo + *width > bits->width) {
      cx.error(Kind::kBadSlice, cx.span(e),
               fmt::format("the slice starts at bit {} and leaves the {} bits", lo->str(), bits->width));
      return cx.poison;
    }
    const auto low = static_cast<std::uint32_t>(*lo);
    fold_slice(cx, e, node.base, low + count - 1, low, *bits);
  }
  return cx.out.types.bits(count);
}

}  // namespace p4bpf::check
