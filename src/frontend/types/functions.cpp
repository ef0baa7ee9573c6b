// Functions, externs and their methods, actions, and the declarations of parsers, controls and packages without bodies
// (sections 7.2.9 to 7.2.12, 10, 14.2).
#include <fmt/format.h>

#include "frontend/types/declarations.h"
#include "frontend/types/expressions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

TypeId check_return_type(Context& cx, const ast::FunctionDecl& node) {
  if (!node.return_type) return cx.void_type;
  const TypeId type = resolve_type(cx, node.return_type);
  if (cx.is_poison(type) || type == cx.void_type) return type;
  const bool is_fine = node.is_extern
                           ? may_be_list_element(cx, type) && type != cx.int_type && type != cx.any_type
                           : may_be_variable(cx, type) || type == cx.string_type || cx.get<type::List>(type) != nullptr;
  if (is_fine || is_extern(cx, type)) return type;
  cx.error(Kind::kBadDeclaration, cx.ast[node.return_type].span,
           fmt::format("a function cannot return {}", cx.show(type)));
  return cx.poison;
}

void check_body(Context& cx, DeclId id, const ast::FunctionDecl& node, TypeId return_type) {
  Surroundings around = cx.around;
  around.place = Place::kFunction;
  around.return_type = return_type;
  around.loops = 0;
  const Standing standing(cx, around);
  cx.open.insert(id);
  check_statement(cx, node.body);
  cx.open.erase(id);
  if (return_type != cx.void_type && !cx.is_poison(return_type) && !always_returns(cx, node.body)) {
    cx.error(Kind::kBadDeclaration, cx.ast[id].name.span,
             fmt::format("'{}' does not return a value on every way through it", cx.name(id)));
  }
}

}  // namespace

void check_function(Context& cx, DeclId id, const ast::FunctionDecl& node, bool is_member) {
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Callable{id}));
  if (!is_member) declare(cx, id);
  const InScope scope(cx);
  declare_type_params(cx, node.type_params);
  const TypeId return_type = check_return_type(cx, node);
  declare_params(cx, node.params,
                 node.is_constructor ? ParamsOf::kConstructor
                 : is_member         ? ParamsOf::kMethod
                 : node.is_extern    ? ParamsOf::kExtern
                                     : ParamsOf::kFunction);
  if (node.body) check_body(cx, id, node, return_type);
}

namespace {

/// Methods share a name if they differ in number or names of their parameters (section 7.2.9.2).
void add_method(Context& cx, DeclId owner, DeclId id) {
  std::vector<DeclId>& same = cx.members[owner][cx.name(id)];
  const auto& params = cx.decl<ast::FunctionDecl>(id)->params;
  for (const DeclId earlier : same) {
    const auto& others = cx.decl<ast::FunctionDecl>(earlier)->params;
    bool differs = params.size() != others.size();
    for (std::size_t i = 0; !differs && i < params.size(); ++i) differs = cx.name(params[i]) != cx.name(others[i]);
    const bool is_abstract =
        cx.decl<ast::FunctionDecl>(id)->is_abstract || cx.decl<ast::FunctionDecl>(earlier)->is_abstract;
    if (differs && !is_abstract) continue;
    Diagnostic& report =
        cx.error(Kind::kDuplicateName, cx.ast[id].name.span,
                 is_abstract ? fmt::format("the abstract method '{}' cannot be overloaded", cx.name(id))
                             : fmt::format("'{}' is declared twice with the same parameters", cx.name(id)));
    report.notes.push_back({cx.ast[earlier].name.span, "first declared here"});
    return;
  }
  same.push_back(id);
}

}  // namespace

void check_extern(Context& cx, DeclId id, const ast::ExternDecl& node) {
  std::vector<TypeId> arguments;
  declare(cx, id);
  const InScope scope(cx);
  declare_type_params(cx, node.type_params);
  for (const DeclId param : node.type_params) arguments.push_back(cx.out.type_of_decl[param]);
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Declared{id, std::move(arguments)}));
  cx.members[id];
  cx.open.insert(id);
  for (const DeclId method : node.methods) {
    const auto& function = std::get<ast::FunctionDecl>(cx.ast[method].node);
    if (function.is_constructor && cx.name(method) != cx.name(id)) {
      cx.error(Kind::kBadDeclaration, cx.ast[method].name.span,
               fmt::format("'{}' has no return type, as only the constructor '{}' may", cx.name(method), cx.name(id)));
    } else if (!function.is_constructor && cx.name(method) == cx.name(id)) {
      cx.error(Kind::kBadDeclaration, cx.ast[method].span, "a constructor cannot have a return type");
      continue;
    }
    check_function(cx, method, function, true);
    add_method(cx, id, method);
  }
  cx.open.erase(id);
}

void check_block_type(Context& cx, DeclId id, const ast::BlockTypeDecl& node) {
  declare(cx, id);
  cx.open.insert(id);
  std::vector<TypeId> arguments;
  {
    const InScope scope(cx);
    declare_type_params(cx, node.type_params);
    for (const DeclId param : node.type_params) arguments.push_back(cx.out.type_of_decl[param]);
    declare_params(cx, node.params, ParamsOf::kBlock);
  }
  cx.open.erase(id);
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Declared{id, std::move(arguments)}));
}

void check_package(Context& cx, DeclId id, const ast::PackageDecl& node) {
  declare(cx, id);
  cx.open.insert(id);
  std::vector<TypeId> arguments;
  {
    const InScope scope(cx);
    declare_type_params(cx, node.type_params);
    for (const DeclId param : node.type_params) arguments.push_back(cx.out.type_of_decl[param]);
    declare_params(cx, node.params, ParamsOf::kPackage);
  }
  cx.open.erase(id);
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Declared{id, std::move(arguments)}));
}

void check_action(Context& cx, DeclId id, const ast::ActionDecl& node) {
  cx.out.type_of_decl.set(id, cx.out.types.add(type::Callable{id}));
  declare(cx, id);
  const InScope scope(cx);
  declare_params(cx, node.params, ParamsOf::kAction);
  DeclId undirected;
  for (const DeclId param : node.params) {
    const bool has_direction = cx.decl<ast::Param>(param)->direction != ast::Direction::kNone;
    if (has_direction && undirected) {
      Diagnostic& report =
          cx.error(Kind::kBadDeclaration, cx.ast[param].span,
                   fmt::format("'{}' has a direction but follows a parameter without one", cx.name(param)));
      report.notes.push_back({cx.ast[undirected].span, "parameters without direction come last"});
    }
    if (!has_direction) undirected = param;
  }
  Surroundings around = cx.around;
  around.place = Place::kAction;
  around.return_type = cx.void_type;
  around.loops = 0;
  const Standing standing(cx, around);
  cx.open.insert(id);
  check_statement(cx, node.body);
  cx.open.erase(id);
}

}  // namespace p4bpf::check
