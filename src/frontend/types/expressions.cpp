// Expressions: the dispatch, literals, names, lists (section 8). Operators, members, casts and calls have files of
// their own.
#include "frontend/types/expressions.h"

#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

void set_constant(Context& cx, ExprId e, Constant value) {
  if (!value) return;
  cx.out.constant_of.set(e, std::move(value));
  cx.is_known.set(e, true);
}

TypeId infer_int_literal(Context& cx, ExprId e, const ast::IntLiteral& node) {
  if (!node.width) {
    if (node.value != 0 && boost::multiprecision::msb(node.value) >= kMaxWidth) {
      cx.error(Kind::kBadWidth, cx.span(e),
               fmt::format("this number takes more than the {} bits that are supported", kMaxWidth));
      return cx.poison;
    }
    set_constant(cx, e, ConstValue{node.value});
    return cx.int_type;
  }
  if (*node.width > kMaxWidth || (node.is_signed && *node.width == 0)) {
    cx.error(Kind::kBadWidth, cx.span(e),
             fmt::format("the width {} is not supported, expected {} to {}", *node.width, node.is_signed ? 1 : 0,
                         kMaxWidth));
    return cx.poison;
  }
  const TypeId type = cx.out.types.bits(*node.width, node.is_signed);
  if (!fits(node.value, *node.width, node.is_signed)) {  // 2s3 is -1 (section 7.1.6.6)
    cx.error(Kind::kOverflow, cx.span(e),
             fmt::format("the value does not fit {} and becomes {}", cx.show(type),
                         wrap(node.value, *node.width, node.is_signed).str()));
  }
  set_constant(cx, e, ConstValue{wrap(node.value, *node.width, node.is_signed)});
  return type;
}

/// The type that a declaration has when it is named in an expression.
TypeId type_of_named(Context& cx, ExprId e, DeclId decl) {
  const TypeId declared = cx.out.type_of_decl[decl];
  const auto value = [&] { return declared ? declared : cx.poison; };
  const auto callable = [&] { return cx.out.types.add(type::Callable{decl}); };
  const auto a_type = [&] {
    if (!declared || declared == cx.poison) return cx.poison;
    return cx.out.types.add(
        type::TypeName{type_params_of(cx, decl).empty() ? declared : cx.out.types.add(type::Declared{decl, {}})});
  };
  return std::visit(Match{
                        [&](const ast::Param&) {
                          if (cx.constructor_params.contains(decl) || declared == cx.int_type ||
                              declared == cx.string_type || is_object(cx, declared)) {
                            cx.is_known.set(e, true);
                          }
                          return value();
                        },
                        [&](const ast::ConstDecl&) {
                          set_constant(cx, e, cx.out.constant_of_decl[decl]);
                          cx.is_known.set(e, true);
                          return value();
                        },
                        [&](const ast::VarDecl&) { return value(); },
                        [&](const ast::InstanceDecl&) {
                          cx.is_known.set(e, true);
                          return value();
                        },
                        [&](const ast::EnumMember&) {
                          const Constant number = cx.out.constant_of_decl[decl];
                          set_constant(cx, e, number ? number : Constant(ConstValue{decl}));
                          return value();
                        },
                        [&](const ast::ValueSetDecl&) {
                          return declared && !cx.is_poison(declared) ? cx.out.types.add(type::Set{declared})
                                                                     : cx.poison;
                        },
                        [&](const ast::FunctionDecl&) { return callable(); },
                        [&](const ast::ActionDecl&) { return callable(); },
                        [&](const ast::TableDecl&) { return callable(); },
                        [&](const ast::StateDecl&) { return callable(); },
                        [&](const ast::Field&) { return value(); },
                        [&](const auto&) { return a_type(); },
                    },
                    cx.ast[decl].node);
}

TypeId infer_name(Context& cx, ExprId e, const ast::NameExpr& node) {
  const std::vector<DeclId> found = resolve(cx, node.name, node.is_global);
  if (found.empty()) return cx.poison;
  const DeclId decl = found.back();
  cx.out.decl_of.set(e, decl);
  return type_of_named(cx, e, decl);
}

TypeId infer_this(Context& cx, ExprId e) {
  if (cx.around.instance) return cx.out.type_of_decl[cx.around.instance];
  cx.error(Kind::kNotAValue, cx.span(e),
           "'this' means an instance whose abstract methods are being written; there is none here");
  return cx.poison;
}

TypeId infer_conditional(Context& cx, ExprId e, const ast::Conditional& node, TypeId hint) {
  const bool has_condition = infer_as(cx, node.condition, cx.bool_type, "the condition");
  const TypeId yes = infer_value(cx, node.yes, hint);
  const TypeId no = infer_value(cx, node.no, hint);
  if (cx.is_poison(yes) || cx.is_poison(no)) return cx.poison;
  const std::optional<TypeId> joined = join(cx, node.yes, node.no);
  if (!joined) {
    cx.error(Kind::kTypeMismatch, cx.span(e),
             fmt::format("the branches of '?:' are {} and {}, expected one type", cx.show(yes), cx.show(no)));
    return cx.poison;
  }
  if (*joined == cx.int_type && !cx.is_known[node.condition]) {
    if (has_condition) {
      cx.error(Kind::kTypeMismatch, cx.span(e),
               "both branches of '?:' are int, expected a width for at least one of them");
    }
    return cx.poison;
  }
  const Constant condition = cx.out.constant_of[node.condition];
  if (const bool* truth = bool_in(condition)) set_constant(cx, e, final_constant(cx, *truth ? node.yes : node.no));
  if (cx.is_known[node.condition] && cx.is_known[node.yes] && cx.is_known[node.no]) cx.is_known.set(e, true);
  return *joined;
}

TypeId infer_list(Context& cx, ExprId e, const ast::ListExpr& node, TypeId hint) {
  std::vector<TypeId> hints;
  if (hint) {
    if (const auto* tuple = cx.get<type::Tuple>(hint)) hints = tuple->elements;
    if (const auto* list = cx.get<type::List>(hint)) hints.assign(node.elements.size(), list->element);
    if (const auto* stack = cx.get<type::Stack>(hint)) hints.assign(node.elements.size(), stack->element);
    if (struct_of(cx, hint) != nullptr) hints = field_types(cx, hint);
  }
  std::vector<TypeId> types;
  std::vector<Constant> values;
  bool is_known = true;
  bool is_fine = true;
  for (std::size_t i = 0; i < node.elements.size(); ++i) {
    const ExprId element = node.elements[i];
    const TypeId type = infer_value(cx, element, i < hints.size() ? hints[i] : TypeId{});
    is_fine &= !cx.is_poison(type);
    is_known &= cx.is_known[element];
    values.push_back(cx.out.constant_of[element]);
    types.push_back(type);
  }
  if (!is_fine) return cx.poison;
  if (node.has_rest) types.push_back(cx.any_type);
  set_constant(cx, e, list_constant(values));
  cx.is_known.set(e, is_known);
  return cx.out.types.add(type::Tuple{std::move(types)});
}

TypeId infer_struct(Context& cx, ExprId e, const ast::StructExpr& node, TypeId hint) {
  type::AnonymousStruct type;
  std::vector<Constant> values;
  std::unordered_map<std::string_view, Span> seen;
  bool is_known = true;
  bool is_fine = true;
  const auto* wanted = cx.get<type::Declared>(hint);
  const DeclId wanted_decl = wanted == nullptr ? DeclId{} : wanted->decl;
  for (const ast::Argument& field : node.fields) {
    const auto [at, is_new] = seen.try_emplace(field.name.text, field.name.span);
    if (!is_new) {
      Diagnostic& report =
          cx.error(Kind::kDuplicateName, field.name.span, fmt::format("field '{}' is given twice", field.name.text));
      report.notes.push_back({at->second, "first given here"});
      is_fine = false;
    }
    TypeId field_hint;
    if (const DeclId member = wanted_decl ? find_member(cx, wanted_decl, field.name.text) : DeclId{}) {
      field_hint = field_type(cx, hint, member);
    }
    const TypeId of_value = infer_value(cx, field.value, field_hint);
    is_fine &= !cx.is_poison(of_value);
    is_known &= cx.is_known[field.value];
    values.push_back(cx.out.constant_of[field.value]);
    type.names.push_back(field.name.text);
    type.types.push_back(of_value);
  }
  if (!is_fine) return cx.poison;
  if (node.has_rest) {
    type.names.emplace_back("...");
    type.types.push_back(cx.any_type);
  }
  set_constant(cx, e, list_constant(values));
  cx.is_known.set(e, is_known);
  return cx.out.types.add(std::move(type));
}

/// `value &&& mask` and `lo .. hi`: a set of one type of bits (section 8.15.3, 8.15.4).
TypeId infer_pair_set(Context& cx, ExprId e, ExprId left, ExprId right, const char* what) {
  const TypeId l = infer_value(cx, left);
  const TypeId r = infer_value(cx, right);
  if (cx.is_poison(l) || cx.is_poison(r)) return cx.poison;
  const std::optional<TypeId> joined = join(cx, left, right);
  // Enums with a representation stand for its bits (sections 8.15.3, 8.15.4).
  if (!joined || (!is_number(cx, *joined) && !representation_of(cx, *joined) && !cx.is_poison(*joined))) {
    cx.error(
        Kind::kTypeMismatch, cx.span(e),
        fmt::format("the two sides of a {} are {} and {}, expected one type of bits", what, cx.show(l), cx.show(r)));
    return cx.poison;
  }
  if (cx.is_poison(*joined)) return cx.poison;
  cx.is_known.set(e, cx.is_known[left] && cx.is_known[right]);
  return cx.out.types.add(type::Set{*joined});
}

TypeId dispatch(Context& cx, ExprId e, TypeId hint) {
  const auto known = [&](TypeId type) {
    cx.is_known.set(e, true);
    return type;
  };
  return std::visit(Match{
                        [&](const ast::IntLiteral& n) { return infer_int_literal(cx, e, n); },
                        [&](const ast::BoolLiteral& n) {
                          set_constant(cx, e, ConstValue{n.value});
                          return cx.bool_type;
                        },
                        [&](const ast::StringLiteral& n) {
                          set_constant(cx, e, ConstValue{n.value});
                          return cx.string_type;
                        },
                        [&](const ast::NameExpr& n) { return infer_name(cx, e, n); },
                        [&](const ast::ThisExpr&) { return infer_this(cx, e); },
                        [&](const ast::TypeExpr& n) {
                          const TypeId type = resolve_type(cx, n.type, true);
                          return cx.is_poison(type) ? cx.poison : cx.out.types.add(type::TypeName{type});
                        },
                        [&](const ast::Member& n) { return infer_member(cx, e, n); },
                        [&](const ast::Index& n) { return infer_index(cx, e, n); },
                        [&](const ast::Slice& n) { return infer_slice(cx, e, n); },
                        [&](const ast::PlusSlice& n) { return infer_plus_slice(cx, e, n); },
                        [&](const ast::Unary& n) { return infer_unary(cx, e, n); },
                        [&](const ast::Binary& n) { return infer_binary(cx, e, n); },
                        [&](const ast::Conditional& n) { return infer_conditional(cx, e, n, hint); },
                        [&](const ast::Cast& n) { return infer_cast(cx, e, n); },
                        [&](const ast::Call& n) { return infer_call(cx, e, n, hint); },
                        [&](const ast::ListExpr& n) { return infer_list(cx, e, n, hint); },
                        [&](const ast::StructExpr& n) { return infer_struct(cx, e, n, hint); },
                        [&](const ast::InvalidExpr&) { return known(cx.any_type); },
                        [&](const ast::MaskExpr& n) { return infer_pair_set(cx, e, n.value, n.mask, "mask"); },
                        [&](const ast::RangeExpr& n) { return infer_pair_set(cx, e, n.lo, n.hi, "range"); },
                        [&](const ast::DontCareExpr&) { return known(cx.any_type); },
                        [&](const ast::DotsExpr&) { return known(cx.any_type); },
                        [&](const ast::ErrorExpr&) { return cx.poison; },
                    },
                    cx.ast[e].node);
}

}  // namespace

TypeId infer(Context& cx, ExprId e, TypeId hint) {
  if (!e) return cx.poison;
  if (const TypeId known = cx.out.type_of[e]) return known;
  const TypeId type = dispatch(cx, e, hint);
  cx.out.type_of.set(e, type);
  return type;
}

TypeId infer_value(Context& cx, ExprId e, TypeId hint) {
  const TypeId type = infer(cx, e, hint);
  if (cx.is_poison(type)) return cx.poison;
  std::string found;
  if (cx.get<type::TypeName>(type) != nullptr || cx.get<type::Callable>(type) != nullptr) {
    found = cx.show(type);
  } else if (type == cx.void_type) {
    found = "a call that returns nothing";
  } else {
    return type;
  }
  cx.error(Kind::kNotAValue, cx.span(e), fmt::format("found {}, expected a value", found));
  cx.out.type_of.set(e, cx.poison);
  return cx.poison;
}

bool infer_as(Context& cx, ExprId e, TypeId to, const std::string& what) {
  infer_value(cx, e, to);
  return convert(cx, e, to, what);
}

std::optional<BigInt> infer_constant_int(Context& cx, ExprId e, const std::string& what) {
  const TypeId type = infer_value(cx, e);
  if (cx.is_poison(type)) return std::nullopt;
  if (!is_number(cx, type) && !representation_of(cx, type)) {
    cx.error(Kind::kTypeMismatch, cx.span(e), fmt::format("{} is {}, expected an integer", what, cx.show(type)));
    return std::nullopt;
  }
  const Constant value = cx.out.constant_of[e];
  if (const BigInt* number = int_in(value)) return *number;
  cx.error(Kind::kNotConstant, cx.span(e), fmt::format("{} is not a compile-time-known value", what));
  return std::nullopt;
}

bool require_known(Context& cx, ExprId e, const std::string& what) {
  if (cx.is_known[e] || cx.is_poison(cx.type_of(e))) return true;
  cx.error(Kind::kNotConstant, cx.span(e), fmt::format("{} is not a compile-time-known value", what));
  return false;
}

namespace {

/// Why `e` is not an l-value, empty if it is one (section 6.7).
std::string why_not_lvalue(const Context& cx, ExprId e) {
  if (const auto* member = cx.expr<ast::Member>(e)) {
    if (cx.get<type::Stack>(cx.type_of(member->base)) != nullptr &&
        (member->member.text == "size" || member->member.text == "lastIndex")) {
      return fmt::format("'{}' of a header stack cannot be changed", member->member.text);
    }
    return why_not_lvalue(cx, member->base);
  }
  if (const auto* index = cx.expr<ast::Index>(e)) {
    return why_not_lvalue(cx, index->base);
  }
  if (const auto* slice = cx.expr<ast::Slice>(e)) return why_not_lvalue(cx, slice->base);
  if (const auto* slice = cx.expr<ast::PlusSlice>(e)) return why_not_lvalue(cx, slice->base);
  if (cx.expr<ast::NameExpr>(e) == nullptr) return "this expression has no place that could be changed";
  const DeclId decl = cx.out.decl_of[e];
  if (cx.decl<ast::VarDecl>(decl) != nullptr) return {};
  if (const auto* param = cx.decl<ast::Param>(decl)) {
    if (param->direction == ast::Direction::kOut || param->direction == ast::Direction::kInout) return {};
    return fmt::format("the {}parameter '{}' cannot be changed",
                       param->direction == ast::Direction::kIn ? "'in' " : "directionless ", cx.name(decl));
  }
  if (cx.decl<ast::ConstDecl>(decl) != nullptr)
    return fmt::format("the constant '{}' cannot be changed", cx.name(decl));
  return fmt::format("'{}' is not a variable", decl ? cx.name(decl) : "this");
}

}  // namespace

bool is_lvalue(const Context& cx, ExprId e) { return why_not_lvalue(cx, e).empty(); }

bool require_lvalue(Context& cx, ExprId e) {
  if (cx.is_poison(cx.type_of(e))) return true;
  const std::string reason = why_not_lvalue(cx, e);
  if (reason.empty()) return true;
  cx.error(Kind::kNotAnLvalue, cx.span(e), reason);
  return false;
}

bool label_fits(Context& cx, ExprId label, TypeId key) {
  const TypeId type = infer_value(cx, label, key);
  return cx.is_poison(type) || cx.get<type::Set>(type) != nullptr || converts(cx, type, key);
}

void report_labels(Context& cx, Span subject, TypeId key, const std::vector<ExprId>& labels) {
  if (labels.empty()) return;
  Diagnostic& report = cx.error(Kind::kTypeMismatch, subject,
                                fmt::format("the value to match is {}, but {} not", cx.show(key),
                                            labels.size() == 1 ? "a label is" : "some labels are"));
  for (const ExprId label : labels)
    report.notes.push_back({cx.span(label), fmt::format("this label is {}", cx.show(cx.type_of(label)))});
}

bool check_keyset(Context& cx, ExprId e, TypeId key) {
  if (cx.expr<ast::DontCareExpr>(e) != nullptr || cx.expr<ast::DotsExpr>(e) != nullptr) {
    cx.out.type_of.set(e, cx.any_type);
    cx.is_known.set(e, true);
    return true;
  }
  const TypeId type = infer_value(cx, e, key);
  if (cx.is_poison(type) || cx.is_poison(key)) return false;
  const auto* set = cx.get<type::Set>(type);
  if (set == nullptr) return convert(cx, e, key, "the value to match");
  const TypeId element = set->element;
  const auto pair = [&](ExprId left, ExprId right) {
    const TypeId base = representation_of(cx, key) ? representation_of(cx, key) : key;
    if (!is_number(cx, base)) {
      cx.error(Kind::kTypeMismatch, cx.span(e),
               fmt::format("a mask or a range cannot match a key of type {}", cx.show(key)));
      return false;
    }
    if (!convert(cx, left, base, "the value to match") || !convert(cx, right, base, "the value to match")) return false;
    cx.out.type_of.set(e, cx.out.types.add(type::Set{base}));
    return true;
  };
  if (const auto* mask = cx.expr<ast::MaskExpr>(e)) return pair(mask->value, mask->mask);
  if (const auto* range = cx.expr<ast::RangeExpr>(e)) {
    return pair(range->lo, range->hi) && require_known(cx, e, "a bound of the range");
  }
  if (converts(cx, element, key)) return true;
  cx.error(Kind::kTypeMismatch, cx.span(e),
           fmt::format("a set of {} cannot match a key of type {}", cx.show(element), cx.show(key)));
  return false;
}

}  // namespace p4bpf::check
