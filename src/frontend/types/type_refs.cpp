// Types as written: widths, names, type arguments, stacks, tuples (section 7).
#include <fmt/format.h>

#include "frontend/types/constants.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

TypeId base_type(Context& cx, Span span, const ast::BaseType& node) {
  switch (node.kind) {
    case ast::BaseType::Kind::kBool:
      return cx.bool_type;
    case ast::BaseType::Kind::kError: {
      if (!cx.error_members.empty()) return cx.error_type;
      Diagnostic& report = cx.error(Kind::kUnknownName, span, "no error is declared, so that there is no type 'error'");
      report.notes.push_back({{}, "core.p4 declares the errors of the language, include it"});
      return cx.poison;
    }
    case ast::BaseType::Kind::kMatchKind:
      return cx.match_kind_type;
    case ast::BaseType::Kind::kString:
      return cx.string_type;
    case ast::BaseType::Kind::kInt:
      return cx.int_type;
    case ast::BaseType::Kind::kVoid:
      return cx.void_type;
  }
  return cx.poison;
}

TypeId sized_type(Context& cx, const ast::SizedType& node) {
  std::uint32_t width = 1;
  if (node.width) {
    const std::optional<BigInt> written = infer_constant_int(cx, node.width, "the width of a type");
    if (!written) return cx.poison;
    const bool is_signed = node.kind == ast::SizedType::Kind::kInt;
    const std::uint32_t most = node.kind == ast::SizedType::Kind::kVarbit ? kMaxVarbitWidth : kMaxWidth;
    if (*written < (is_signed ? 1 : 0) || *written > most) {
      cx.error(
          Kind::kBadWidth, cx.span(node.width),
          fmt::format("the width {} is not supported, expected {} to {}", written->str(), is_signed ? 1 : 0, most));
      return cx.poison;
    }
    width = static_cast<std::uint32_t>(*written);
  }
  if (node.kind == ast::SizedType::Kind::kVarbit) return cx.out.types.add(type::Varbit{width});
  return cx.out.types.bits(width, node.kind == ast::SizedType::Kind::kInt);
}

bool is_type_decl(const Context& cx, DeclId id) {
  return std::visit(Match{
                        [](const ast::TypeParam&) { return true; },
                        [](const ast::Typedef&) { return true; },
                        [](const ast::StructDecl&) { return true; },
                        [](const ast::EnumDecl&) { return true; },
                        [](const ast::ExternDecl&) { return true; },
                        [](const ast::BlockTypeDecl&) { return true; },
                        [](const ast::PackageDecl&) { return true; },
                        [](const ast::ParserDecl&) { return true; },
                        [](const ast::ControlDecl&) { return true; },
                        [](const auto&) { return false; },
                    },
                    cx.ast[id].node);
}

TypeId named_type(Context& cx, Span span, const ast::NamedType& node, bool allow_generic) {
  const std::vector<DeclId> found = resolve(cx, node.name, node.is_global);
  std::vector<TypeId> arguments;
  for (const TypeRefId argument : node.arguments) arguments.push_back(resolve_type(cx, argument));
  if (found.empty()) return cx.poison;
  const DeclId decl = found.back();
  if (!is_type_decl(cx, decl)) {
    Diagnostic& report = cx.error(Kind::kNotAType, node.name.span, fmt::format("'{}' is not a type", node.name.text));
    report.notes.push_back({cx.ast[decl].name.span, "declared here"});
    return cx.poison;
  }
  if (cx.open.contains(decl)) {
    Diagnostic& report = cx.error(Kind::kRecursion, node.name.span,
                                  fmt::format("'{}' is used inside its own declaration", node.name.text));
    report.notes.push_back({cx.ast[decl].name.span, "declared here"});
    return cx.poison;
  }
  if (!node.has_arguments && (allow_generic || type_params_of(cx, decl).empty())) {
    const TypeId type = cx.out.type_of_decl[decl];
    if (type && !type_params_of(cx, decl).empty()) return cx.out.types.add(type::Declared{decl, {}});
    return type ? type : cx.poison;
  }
  return specialize(cx, span, decl, std::move(arguments));
}

TypeId stack_type(Context& cx, Span span, const ast::StackType& node) {
  const TypeId element = resolve_type(cx, node.element);
  const std::optional<BigInt> size = infer_constant_int(cx, node.size, "the size of an array");
  if (!size || cx.is_poison(element)) return cx.poison;
  if (*size < 0 || *size > kMaxElements) {
    cx.error(Kind::kBadWidth, cx.span(node.size),
             fmt::format("an array cannot have {} elements, expected 0 to {}", size->str(), kMaxElements));
    return cx.poison;
  }
  if (!may_be_variable(cx, element) || element == cx.any_type) {
    cx.error(Kind::kBadDeclaration, span,
             fmt::format("an array of {}, expected elements that can be stored", cx.show(element)));
    return cx.poison;
  }
  const auto* inner = cx.get<type::Stack>(element);
  if (inner != nullptr && (is_header(cx, inner->element) || is_union(cx, inner->element))) {
    cx.error(Kind::kBadDeclaration, span, "a header stack cannot hold header stacks");
    return cx.poison;
  }
  return cx.out.types.add(type::Stack{element, static_cast<std::uint32_t>(*size)});
}

TypeId tuple_type(Context& cx, const ast::TupleType& node) {
  std::vector<TypeId> elements;
  bool is_fine = true;
  for (const TypeRefId ref : node.elements) {
    const TypeId element = resolve_type(cx, ref);
    if (cx.is_poison(element)) {
      is_fine = false;
    } else if (!may_be_list_element(cx, element)) {  // lists have tuples of numbers without width
      cx.error(Kind::kBadField, cx.ast[ref].span, fmt::format("{} cannot be an element of a tuple", cx.show(element)));
      is_fine = false;
    }
    elements.push_back(element);
  }
  return is_fine ? cx.out.types.add(type::Tuple{std::move(elements)}) : cx.poison;
}

TypeId list_type(Context& cx, const ast::ListType& node) {
  const TypeId element = resolve_type(cx, node.element);
  if (cx.is_poison(element)) return cx.poison;
  if (!may_be_list_element(cx, element)) {
    cx.error(Kind::kBadField, cx.ast[node.element].span,
             fmt::format("{} cannot be an element of a list", cx.show(element)));
    return cx.poison;
  }
  return cx.out.types.add(type::List{element});
}

}  // namespace

namespace {

/// Types without values at run time cannot come or go through a parameter with a direction (section 6.8); what was open
/// in the methods of a generic extern is known once it is specialized.
bool methods_are_fine(Context& cx, Span span, TypeId type, const ast::ExternDecl& node) {
  const type::Declared declared = *cx.get<type::Declared>(type);
  for (const DeclId method : node.methods) {
    for (const DeclId param : cx.decl<ast::FunctionDecl>(method)->params) {
      const TypeId written = cx.out.type_of_decl[param];
      if (cx.decl<ast::Param>(param)->direction == ast::Direction::kNone || !written) continue;
      const TypeId known = substitute(cx.out.types, written, type_params_of(cx, declared.decl), declared.arguments);
      if (known == written || (known != cx.string_type && known != cx.int_type && known != cx.match_kind_type))
        continue;
      Diagnostic& report = cx.error(
          Kind::kBadDeclaration, cx.ast[param].span,
          fmt::format("the parameter '{}' would be {} and cannot have a direction", cx.name(param), cx.show(known)));
      report.notes.push_back({span, "the type arguments are given here"});
      return false;
    }
  }
  return true;
}

}  // namespace

TypeId specialize(Context& cx, Span span, DeclId decl, std::vector<TypeId> arguments) {
  const std::vector<DeclId>& params = type_params_of(cx, decl);
  if (params.empty()) {
    if (arguments.empty()) return cx.out.type_of_decl[decl] ? cx.out.type_of_decl[decl] : cx.poison;
    cx.error(Kind::kBadTypeArgument, span,
             fmt::format("'{}' is not generic and takes no type arguments", cx.name(decl)));
    return cx.poison;
  }
  if (params.size() != arguments.size()) {
    Diagnostic& report = cx.error(
        Kind::kBadTypeArgument, span,
        fmt::format("'{}' is given {} type arguments, expected {}", cx.name(decl), arguments.size(), params.size()));
    report.notes.push_back({cx.ast[decl].name.span, "declared here"});
    return cx.poison;
  }
  for (const TypeId argument : arguments) {
    if (cx.is_poison(argument)) return cx.poison;
    if (is_parser(cx, argument) || is_control(cx, argument) || is_package(cx, argument)) {
      cx.error(Kind::kBadTypeArgument, span, fmt::format("{} cannot be a type argument", cx.show(argument)));
      return cx.poison;
    }
  }
  const TypeId type = cx.out.types.add(type::Declared{decl, std::move(arguments)});
  if (!cx.specialized.insert(type).second) return type;
  if (const auto* const object = cx.decl<ast::ExternDecl>(decl))
    return methods_are_fine(cx, span, type, *object) ? type : cx.poison;
  const ast::StructDecl* structure = cx.decl<ast::StructDecl>(decl);
  if (structure == nullptr) return type;
  // What was open in the declaration is known now: the rules for fields hold for the result as well.
  for (const DeclId field : structure->fields) {
    const TypeId of_field = field_type(cx, type, field);
    const bool is_fine = structure->kind == ast::StructDecl::Kind::kHeader   ? may_be_header_field(cx, of_field)
                         : structure->kind == ast::StructDecl::Kind::kStruct ? may_be_struct_field(cx, of_field)
                                                                             : true;
    if (is_fine) continue;
    Diagnostic& report =
        cx.error(Kind::kBadField, cx.ast[field].span,
                 fmt::format("field '{}' of {} would be {}", cx.name(field), cx.show(type), cx.show(of_field)));
    report.notes.push_back({span, "the type arguments are given here"});
    return cx.poison;
  }
  return type;
}

TypeId resolve_type(Context& cx, TypeRefId ref, bool allow_generic) {
  if (!ref) return cx.poison;
  const ast::TypeRef& node = cx.ast[ref];
  const TypeId type =
      std::visit(Match{
                     [&](const ast::BaseType& t) { return base_type(cx, node.span, t); },
                     [&](const ast::SizedType& t) { return sized_type(cx, t); },
                     [&](const ast::NamedType& t) { return named_type(cx, node.span, t, allow_generic); },
                     [&](const ast::StackType& t) { return stack_type(cx, node.span, t); },
                     [&](const ast::TupleType& t) { return tuple_type(cx, t); },
                     [&](const ast::ListType& t) { return list_type(cx, t); },
                     [&](const ast::DontCareType&) { return cx.any_type; },
                 },
                 node.node);
  cx.out.type_of_ref.set(ref, type);
  return type;
}

}  // namespace p4bpf::check
