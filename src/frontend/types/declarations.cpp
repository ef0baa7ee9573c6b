// Constants, variables, type declarations, and what they may hold (sections 7.2, 11).
#include "frontend/types/declarations.h"

#include <fmt/format.h>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {

void check_const(Context& cx, DeclId id, const ast::ConstDecl& node) {
  const TypeId type = resolve_type(cx, node.type);
  cx.out.type_of_decl.set(id, type);
  if (!cx.is_poison(type) && (is_object(cx, type) || type == cx.void_type || type == cx.any_type)) {
    cx.error(Kind::kBadDeclaration, cx.ast[node.type].span, fmt::format("a constant cannot be {}", cx.show(type)));
    cx.out.type_of_decl.set(id, cx.poison);
  } else if (infer_as(cx, node.value, type, "the value") && require_known(cx, node.value, "the value of a constant")) {
    cx.out.constant_of_decl.set(id, final_constant(cx, node.value));
  }
  declare(cx, id);
}

namespace {

/// A variable may hide what stands outside of its parser or control, but not a parameter of it.
void report_shadowed_param(Context& cx, DeclId id) {
  const std::vector<DeclId> hidden = cx.scopes.find(cx.name(id));
  if (hidden.empty() || cx.decl<ast::Param>(hidden.back()) == nullptr) return;
  Diagnostic& report = cx.error(Kind::kDuplicateName, cx.ast[id].name.span,
                                fmt::format("the variable '{}' hides a parameter", cx.name(id)));
  report.notes.push_back({cx.ast[hidden.back()].span, "the parameter is declared here"});
}

}  // namespace

void check_variable(Context& cx, DeclId id, const ast::VarDecl& node) {
  const TypeId type = resolve_type(cx, node.type);
  cx.out.type_of_decl.set(id, type);
  if (!cx.is_poison(type) && (type == cx.any_type || !may_be_variable(cx, type))) {
    Diagnostic& report =
        cx.error(Kind::kBadDeclaration, cx.ast[id].span, fmt::format("a variable cannot be {}", cx.show(type)));
    if (type == cx.int_type) report.notes.push_back({{}, "'int' is for constants, write a width such as int<32>"});
    if (is_object(cx, type)) report.notes.push_back({{}, "to make an instance, write its arguments in parentheses"});
    cx.out.type_of_decl.set(id, cx.poison);
  }
  if (node.initial) infer_as(cx, node.initial, cx.out.type_of_decl[id], "the initial value");
  report_shadowed_param(cx, id);
  declare(cx, id);
}

void check_value_set(Context& cx, DeclId id, const ast::ValueSetDecl& node) {
  const TypeId type = resolve_type(cx, node.element);
  cx.out.type_of_decl.set(id, type);
  const bool is_fine = cx.is_poison(type) || cx.get<type::Bits>(type) != nullptr || enum_of(cx, type) != nullptr ||
                       is_struct(cx, type) || cx.get<type::Tuple>(type) != nullptr || type == cx.bool_type ||
                       type == cx.error_type || static_cast<bool>(new_type_base(cx, type));
  if (!is_fine) {
    cx.error(Kind::kBadDeclaration, cx.ast[id].span, fmt::format("a value set cannot hold {}", cx.show(type)));
    cx.out.type_of_decl.set(id, cx.poison);
  }
  const TypeId size = infer_value(cx, node.size);
  if (!cx.is_poison(size) && !is_number(cx, size)) {
    cx.error(Kind::kTypeMismatch, cx.span(node.size),
             fmt::format("the size of a value set is {}, expected a number", cx.show(size)));
  } else {
    require_known(cx, node.size, "the size of a value set");
  }
  declare(cx, id);
}

void check_typedef(Context& cx, DeclId id, const ast::Typedef& node) {
  TypeId type;
  cx.open.insert(id);
  if (node.derived) {
    check_declaration(cx, node.derived);
    type = cx.out.type_of_decl[node.derived];
  } else {
    type = resolve_type(cx, node.type);
  }
  cx.open.erase(id);
  if (!node.is_new_type && (type == cx.void_type || type == cx.string_type || type == cx.match_kind_type)) {
    cx.error(Kind::kBadDeclaration, cx.ast[id].span, fmt::format("{} cannot be given another name", cx.show(type)));
    type = cx.poison;
  }
  if (node.is_new_type && !cx.is_poison(type)) {
    const bool is_fine = cx.get<type::Bits>(type) != nullptr || type == cx.bool_type || new_type_base(cx, type) ||
                         cx.get<type::Variable>(type) != nullptr;
    if (!is_fine) {
      cx.error(Kind::kBadDeclaration, cx.ast[id].span,
               fmt::format("'type' makes a new type of bits or bool, not of {}", cx.show(type)));
      type = cx.poison;
    } else {
      type = cx.out.types.add(type::Declared{id, {}});
    }
  }
  cx.out.type_of_decl.set(id, type ? type : cx.poison);
  declare(cx, id);
}

namespace {

/// Enters `member` into the members of `owner`; a name that is taken is reported.
void add_member(Context& cx, Context::Members& members, DeclId member, const char* what) {
  std::vector<DeclId>& same = members[cx.name(member)];
  if (!same.empty()) {
    Diagnostic& report = cx.error(Kind::kDuplicateName, cx.ast[member].name.span,
                                  fmt::format("the {} '{}' is declared twice", what, cx.name(member)));
    report.notes.push_back({cx.ast[same.front()].name.span, "first declared here"});
    return;
  }
  same.push_back(member);
}

const char* kind_word(ast::StructDecl::Kind kind) {
  switch (kind) {
    case ast::StructDecl::Kind::kStruct:
      return "struct";
    case ast::StructDecl::Kind::kHeader:
      return "header";
    case ast::StructDecl::Kind::kUnion:
      return "header union";
  }
  return "struct";
}

bool may_be_field(Context& cx, ast::StructDecl::Kind kind, TypeId type) {
  if (cx.is_poison(type)) return true;
  if (type == cx.any_type) return false;
  switch (kind) {
    case ast::StructDecl::Kind::kStruct:
      return may_be_struct_field(cx, type);
    case ast::StructDecl::Kind::kHeader:
      return may_be_header_field(cx, type);
    case ast::StructDecl::Kind::kUnion:
      return is_header(cx, type) || cx.get<type::Variable>(type) != nullptr;
  }
  return false;
}

}  // namespace

void check_struct(Context& cx, DeclId id, const ast::StructDecl& node) {
  cx.open.insert(id);
  declare(cx, id);
  std::vector<TypeId> arguments;
  {
    const InScope scope(cx);
    declare_type_params(cx, node.type_params);
    for (const DeclId param : node.type_params) arguments.push_back(cx.out.type_of_decl[param]);
    Context::Members& members = cx.members[id];
    for (const DeclId field : node.fields) {
      const TypeRefId ref = std::get<ast::Field>(cx.ast[field].node).type;
      TypeId type = resolve_type(cx, ref);
      if (!may_be_field(cx, node.kind, type)) {
        cx.error(
            Kind::kBadField, cx.ast[field].span,
            fmt::format("the field '{}' of a {} cannot be {}", cx.name(field), kind_word(node.kind), cx.show(type)));
        type = cx.poison;
      }
      cx.out.type_of_decl.set(field, type);
      add_member(cx, members, field, "field");
    }
  }
  cx.open.erase(id);
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Declared{id, std::move(arguments)}));
}

namespace {

void check_enum_value(Context& cx, DeclId member, TypeId representation, bool is_fine) {
  const auto& node = std::get<ast::EnumMember>(cx.ast[member].node);
  if (!representation) {
    if (node.value) {
      cx.error(Kind::kBadDeclaration, cx.ast[member].span,
               fmt::format("'{}' has a value, but its enum has no representation", cx.name(member)));
    }
    return;
  }
  if (!node.value) {
    cx.error(Kind::kBadDeclaration, cx.ast[member].span,
             fmt::format("'{}' needs a value, its enum has a representation", cx.name(member)));
    return;
  }
  const auto* bits = cx.get<type::Bits>(representation);
  infer_value(cx, node.value, representation);
  const std::optional<BigInt> written = final_int(cx, node.value);
  if (bits != nullptr && written && cx.type_of(node.value) == cx.int_type &&
      !fits(*written, bits->width, bits->is_signed)) {
    cx.error(
        Kind::kBadDeclaration, cx.span(node.value),
        fmt::format("the value {} of '{}' does not fit {}", written->str(), cx.name(member), cx.show(representation)));
    return;
  }
  if (!convert(cx, node.value, representation, "the value")) return;
  if (!is_fine || cx.is_poison(cx.type_of(node.value))) return;
  const Constant value = final_constant(cx, node.value);
  if (int_in(value) == nullptr) {
    cx.error(Kind::kNotConstant, cx.span(node.value), "the value of an enum member is not a compile-time-known value");
    return;
  }
  cx.out.constant_of_decl.set(member, value);
}

}  // namespace

void check_enum(Context& cx, DeclId id, const ast::EnumDecl& node) {
  cx.open.insert(id);
  TypeId representation = node.representation ? resolve_type(cx, node.representation) : TypeId{};
  bool is_fine = true;
  if (representation && !cx.is_poison(representation) && cx.get<type::Bits>(representation) == nullptr) {
    cx.error(Kind::kBadDeclaration, cx.ast[node.representation].span,
             fmt::format("an enum cannot be represented by {}, expected bit<W> or int<W>", cx.show(representation)));
    is_fine = false;
    representation = cx.poison;
    cx.out.type_of_ref.set(node.representation, representation);
  }
  cx.open.erase(id);
  const TypeId type = cx.out.types.add(type::Declared{id, {}});
  cx.out.type_of_decl.set(id, type);
  declare(cx, id);
  Context::Members& members = cx.members[id];

  // The value of a member may use the members before it by their plain names.
  const InScope scope(cx);
  for (const DeclId member : node.members) {
    cx.out.type_of_decl.set(member, type);
    add_member(cx, members, member, "enum member");
    check_enum_value(cx, member, representation, is_fine);
    if (cx.scopes.find_here(cx.name(member)).empty()) declare(cx, member);
  }
}

void check_error_decl(Context& cx, const ast::ErrorDecl& node) {
  for (const DeclId member : node.members) {
    cx.out.type_of_decl.set(member, cx.error_type);
    const auto [at, is_new] = cx.error_members.try_emplace(cx.name(member), member);
    if (!is_new) {
      Diagnostic& report = cx.error(Kind::kDuplicateName, cx.ast[member].name.span,
                                    fmt::format("the error '{}' is declared twice", cx.name(member)));
      report.notes.push_back({cx.ast[at->second].name.span, "first declared here"});
      continue;
    }
    cx.out.errors.push_back(member);
  }
}

void check_match_kinds(Context& cx, const ast::MatchKindDecl& node) {
  for (const DeclId member : node.members) {
    cx.out.type_of_decl.set(member, cx.match_kind_type);
    const auto [at, is_new] = cx.match_kinds.try_emplace(cx.name(member), member);
    if (!is_new) {
      Diagnostic& report = cx.error(Kind::kDuplicateName, cx.ast[member].name.span,
                                    fmt::format("the match kind '{}' is declared twice", cx.name(member)));
      report.notes.push_back({cx.ast[at->second].name.span, "first declared here"});
      continue;
    }
    cx.out.match_kinds.push_back(member);
  }
}

void declare_type_params(Context& cx, const std::vector<DeclId>& params) {
  for (const DeclId param : params) {
    cx.out.type_of_decl.set(param, cx.out.types.add(type::Variable{param}));
    declare(cx, param);
  }
}

namespace {

/// Why a parameter of that type and direction cannot be (section 6.8), empty if it can.
std::string why_no_param(Context& cx, TypeId type, ast::Direction direction, ParamsOf owner) {
  const bool has_direction = direction != ast::Direction::kNone;
  if (type == cx.void_type || type == cx.any_type || cx.get<type::Set>(type) != nullptr) {
    return fmt::format("cannot be {}", cx.show(type));
  }
  if (type == cx.int_type && owner == ParamsOf::kAction) return "cannot be int in an action, expected a known width";
  if (owner == ParamsOf::kAction && is_extern(cx, type))
    return fmt::format("of an action cannot be the extern {}", cx.show(type));
  if (has_direction &&
      (type == cx.int_type || type == cx.string_type || type == cx.match_kind_type || is_object(cx, type))) {
    return fmt::format("is {} and cannot have a direction", cx.show(type));
  }
  const bool may_take_blocks = owner == ParamsOf::kConstructor || owner == ParamsOf::kPackage;
  if (cx.around.block && owner == ParamsOf::kConstructor) {
    const bool in_parser = cx.decl<ast::ParserDecl>(cx.around.block) != nullptr;
    if (in_parser ? is_control(cx, type) : is_parser(cx, type)) {
      return in_parser ? "of a parser cannot be a control" : "of a control cannot be a parser";
    }
  }
  const bool is_extern_constructor = owner == ParamsOf::kConstructor && !cx.around.block;
  if ((is_parser(cx, type) || is_control(cx, type)) && (!may_take_blocks || is_extern_constructor))
    return fmt::format("cannot be {}", cx.show(type));
  if (is_package(cx, type) && owner != ParamsOf::kPackage)
    return fmt::format("cannot be the package {}", cx.show(type));
  if (has_direction && may_take_blocks) return "of a constructor cannot have a direction";
  return {};
}

void check_default(Context& cx, DeclId id, const ast::Param& param, TypeId type) {
  if (!param.default_value) return;
  if (param.direction == ast::Direction::kOut || param.direction == ast::Direction::kInout) {
    cx.error(Kind::kBadDeclaration, cx.ast[id].span,
             fmt::format("the parameter '{}' is out or inout and cannot have a default value", cx.name(id)));
    return;
  }
  ++cx.constructing;
  infer_value(cx, param.default_value, type);
  --cx.constructing;
  if (has_variable(cx, type) || convert(cx, param.default_value, type, "the default value")) {
    require_known(cx, param.default_value, "the default value of a parameter");
  }
}

}  // namespace

void declare_params(Context& cx, const std::vector<DeclId>& params, ParamsOf owner) {
  for (const DeclId id : params) {
    const auto& param = std::get<ast::Param>(cx.ast[id].node);
    TypeId type = resolve_type(cx, param.type);
    if (!cx.is_poison(type)) {
      const std::string problem = why_no_param(cx, type, param.direction, owner);
      if (!problem.empty()) {
        cx.error(Kind::kBadDeclaration, cx.ast[id].span, fmt::format("the parameter '{}' {}", cx.name(id), problem));
        type = cx.poison;
      }
    }
    cx.out.type_of_decl.set(id, type);
    if (owner == ParamsOf::kConstructor || owner == ParamsOf::kPackage) cx.constructor_params.insert(id);
    check_default(cx, id, param, type);
    const bool may_be_optional = owner == ParamsOf::kMethod || owner == ParamsOf::kExtern ||
                                 owner == ParamsOf::kPackage || owner == ParamsOf::kBlock ||
                                 (owner == ParamsOf::kConstructor && !cx.around.block);
    const bool is_optional = ast::find_annotation(cx.ast[id].annotations, "optional") != nullptr;
    if (is_optional && (!may_be_optional || param.default_value)) {
      cx.error(Kind::kBadDeclaration, cx.ast[id].span,
               may_be_optional ? fmt::format("the optional parameter '{}' cannot have a default value", cx.name(id))
                               : fmt::format("the parameter '{}' cannot be optional here", cx.name(id)));
    }
    declare(cx, id);
  }
}

void check_declaration(Context& cx, DeclId id) {
  check_annotations(cx, cx.ast[id].annotations);
  std::visit(Match{
                 [&](const ast::ConstDecl& n) { check_const(cx, id, n); },
                 [&](const ast::VarDecl& n) { check_variable(cx, id, n); },
                 [&](const ast::InstanceDecl&) { check_instance(cx, id); },
                 [&](const ast::Typedef& n) { check_typedef(cx, id, n); },
                 [&](const ast::StructDecl& n) { check_struct(cx, id, n); },
                 [&](const ast::EnumDecl& n) { check_enum(cx, id, n); },
                 [&](const ast::ErrorDecl& n) { check_error_decl(cx, n); },
                 [&](const ast::MatchKindDecl& n) { check_match_kinds(cx, n); },
                 [&](const ast::FunctionDecl& n) { check_function(cx, id, n, false); },
                 [&](const ast::ExternDecl& n) { check_extern(cx, id, n); },
                 [&](const ast::BlockTypeDecl& n) { check_block_type(cx, id, n); },
                 [&](const ast::PackageDecl& n) { check_package(cx, id, n); },
                 [&](const ast::ParserDecl& n) { check_parser(cx, id, n); },
                 [&](const ast::ControlDecl& n) { check_control(cx, id, n); },
                 [&](const ast::ActionDecl& n) { check_action(cx, id, n); },
                 [&](const ast::TableDecl& n) { check_table(cx, id, n); },
                 [&](const ast::ValueSetDecl& n) { check_value_set(cx, id, n); },
                 [](const auto&) {},
             },
             cx.ast[id].node);
}

}  // namespace p4bpf::check
