// Constructor calls and instances (sections 11.3, 12.10, 16.1): which constructor, its arguments, where an instance may
// stand, the bodies of abstract methods.
#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/calls.h"
#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/declarations.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {
namespace {

/// The parameters of the constructor(s) of a type; for an extern `info.constructor` is chosen. Nothing (reported) if
/// none fits.
const std::vector<DeclId>* constructor_params_of(Context& cx, Span span, DeclId decl,
                                                 const std::vector<ast::Argument>& arguments, CallInfo& info) {
  if (const auto* parser = cx.decl<ast::ParserDecl>(decl)) return &parser->constructor_params;
  if (const auto* control = cx.decl<ast::ControlDecl>(decl)) return &control->constructor_params;
  if (const auto* package = cx.decl<ast::PackageDecl>(decl)) return &package->params;
  const std::vector<DeclId> constructors = methods_of(cx, decl, cx.name(decl));
  std::vector<DeclId> fitting;
  for (const DeclId constructor : constructors) {
    const auto& params = cx.decl<ast::FunctionDecl>(constructor)->params;
    if (match_arguments(cx, params, arguments, nullptr, {})) fitting.push_back(constructor);
  }
  if (fitting.empty() && constructors.size() == 1) fitting = constructors;  // its mismatch is reported in detail
  if (fitting.size() == 1) {
    info.constructor = fitting.front();
    return &cx.decl<ast::FunctionDecl>(info.constructor)->params;
  }
  Diagnostic& report = cx.error(Kind::kBadCall, span,
                                fmt::format("'{}' has {} constructor that takes these {} arguments", cx.name(decl),
                                            fitting.empty() ? "no" : "more than one", arguments.size()));
  for (const DeclId constructor : constructors)
    report.notes.push_back({cx.ast[constructor].name.span, "declared here"});
  return nullptr;
}

bool is_constructible(Context& cx, Span span, TypeId type) {
  if (cx.is_poison(type)) return false;
  const auto* declared = cx.get<type::Declared>(type);
  const bool is_block_type = declared != nullptr && cx.decl<ast::BlockTypeDecl>(declared->decl) != nullptr;
  if (is_object(cx, type) && !is_block_type) return true;
  Diagnostic& report = cx.error(
      Kind::kBadDeclaration, span,
      fmt::format("{} cannot be instantiated{}", cx.show(type), is_block_type ? ", since it has no body" : ""));
  if (declared != nullptr) report.notes.push_back({cx.ast[declared->decl].name.span, "declared here"});
  return false;
}

void infer_constructor_arguments(Context& cx, const std::vector<ast::Argument>& arguments) {
  ++cx.constructing;
  for (const ast::Argument& argument : arguments) infer_value(cx, argument.value);
  --cx.constructing;
}

bool check_constructor_arguments(Context& cx, const std::vector<DeclId>& params,
                                 const std::vector<ast::Argument>& arguments, const ArgumentMap& map) {
  bool is_fine = true;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!map[i]) continue;
    is_fine &=
        require_known(cx, arguments[*map[i]].value, fmt::format("the constructor argument '{}'", cx.name(params[i])));
  }
  return is_fine;
}

}  // namespace

TypeId construct(Context& cx, Span span, TypeId type, const std::vector<ast::Argument>& arguments, CallInfo& info) {
  infer_constructor_arguments(cx, arguments);
  if (!is_constructible(cx, span, type)) return cx.poison;
  const type::Declared declared = *cx.get<type::Declared>(type);
  info.kind = CallInfo::Kind::kConstructor;
  info.callee = declared.decl;
  const std::vector<DeclId>* params = constructor_params_of(cx, span, declared.decl, arguments, info);
  if (params == nullptr) return cx.poison;
  const std::string what = fmt::format("the constructor of '{}'", cx.name(declared.decl));
  const std::optional<ArgumentMap> map = match_arguments(cx, *params, arguments, &span, what);
  if (!map) return cx.poison;
  info.argument_of_param = *map;
  Bindings bindings(type_params_of(cx, declared.decl));
  for (std::size_t i = 0; i < declared.arguments.size() && i < bindings.arguments.size(); ++i) {
    if (declared.arguments[i] != cx.any_type) bindings.arguments[i] = declared.arguments[i];
  }
  for (std::size_t i = 0; i < params->size(); ++i) {
    if (!(*map)[i]) continue;
    const ExprId e = arguments[*(*map)[i]].value;
    const TypeId wanted = cx.out.type_of_decl[(*params)[i]];
    if (cx.is_poison(cx.type_of(e))) return cx.poison;
    if (!has_variable(cx, wanted) || unify(cx, wanted, cx.type_of(e), bindings, false)) continue;
    cx.error(Kind::kTypeMismatch, cx.span(e),
             fmt::format("the argument for '{}' is {}, expected {}", cx.name((*params)[i]), cx.show(cx.type_of(e)),
                         cx.show(apply_bindings(cx, wanted, bindings))));
    return cx.poison;
  }
  for (std::size_t i = 0; i < bindings.params.size(); ++i) {
    if (bindings.arguments[i] && bindings.arguments[i] != cx.int_type) continue;
    Diagnostic& report = cx.error(Kind::kBadTypeArgument, span,
                                  fmt::format("the type argument '{}' of '{}' cannot be inferred",
                                              cx.name(bindings.params[i]), cx.name(declared.decl)));
    report.notes.push_back({{}, "write the type arguments in '<...>'"});
    return cx.poison;
  }
  std::vector<TypeId> param_types;
  for (const DeclId param : *params) param_types.push_back(apply_bindings(cx, cx.out.type_of_decl[param], bindings));
  if (!check_arguments(cx, *params, param_types, arguments, *map)) return cx.poison;
  if (!check_constructor_arguments(cx, *params, arguments, *map)) return cx.poison;
  info.type_arguments = bindings.arguments;
  return cx.out.types.add(type::Declared{declared.decl, bindings.arguments});
}

namespace {

/// Where what may be instantiated (appendix F).
bool check_place_of_instance(Context& cx, Span span, TypeId type) {
  const Place place = cx.around.place;
  const bool in_code =
      place == Place::kApply || place == Place::kState || place == Place::kAction || place == Place::kFunction;
  std::string problem;
  if (in_code) {
    problem = "an instance cannot be made among statements, expected it beside the declarations of a parser or control";
  } else if (is_package(cx, type)) {
    if (place != Place::kTopLevel) problem = "a package can be instantiated at the top level only";
  } else if (is_parser(cx, type)) {
    if (place != Place::kParserLocals) problem = "a parser can be instantiated in a parser only";
  } else if (is_control(cx, type)) {
    if (place != Place::kControlLocals) problem = "a control can be instantiated in a control only";
  }
  if (problem.empty()) return true;
  cx.error(Kind::kBadDeclaration, span, problem);
  return false;
}

bool same_signature(Context& cx, TypeId object, DeclId method, DeclId body) {
  const auto* wanted = cx.decl<ast::FunctionDecl>(method);
  const auto* given = cx.decl<ast::FunctionDecl>(body);
  const auto* declared = cx.get<type::Declared>(object);
  std::vector<DeclId> params = type_params_of(cx, declared->decl);
  std::vector<TypeId> arguments = declared->arguments;
  if (wanted->type_params.size() != given->type_params.size() || wanted->params.size() != given->params.size())
    return false;
  for (std::size_t i = 0; i < wanted->type_params.size(); ++i) {
    params.push_back(wanted->type_params[i]);
    arguments.push_back(cx.out.type_of_decl[given->type_params[i]]);
  }
  const auto same = [&](TypeId want, TypeId have) {
    return cx.is_poison(want) || cx.is_poison(have) || substitute(cx.out.types, want, params, arguments) == have;
  };
  if (!same(cx.out.type_of_ref[wanted->return_type], cx.out.type_of_ref[given->return_type])) return false;
  for (std::size_t i = 0; i < wanted->params.size(); ++i) {
    if (cx.decl<ast::Param>(wanted->params[i])->direction != cx.decl<ast::Param>(given->params[i])->direction)
      return false;
    if (!same(cx.out.type_of_decl[wanted->params[i]], cx.out.type_of_decl[given->params[i]])) return false;
  }
  return true;
}

/// `Ext(...) x = { bool f(...) {...} };`: every abstract method is written once, with its signature (section 11.3.1).
void check_methods_written(Context& cx, DeclId id, const ast::InstanceDecl& node, TypeId type) {
  const DeclId decl = cx.get<type::Declared>(type)->decl;
  std::unordered_set<DeclId> written;
  for (const DeclId part : node.body) {
    if (cx.decl<ast::FunctionDecl>(part) == nullptr) continue;
    DeclId method;
    bool name_is_known = false;
    for (const DeclId candidate : methods_of(cx, decl, cx.name(part))) {
      const auto* function = cx.decl<ast::FunctionDecl>(candidate);
      if (!function->is_abstract) continue;
      name_is_known = true;
      if (same_signature(cx, type, candidate, part)) method = candidate;
    }
    if (!method) {
      cx.error(Kind::kBadDeclaration, cx.ast[part].name.span,
               fmt::format("'{}' {} abstract method of {}", cx.name(part), name_is_known ? "differs from the" : "is no",
                           cx.show(type)));
      continue;
    }
    written.insert(method);
  }
  for (const DeclId method : cx.decl<ast::ExternDecl>(decl)->methods) {
    if (!cx.decl<ast::FunctionDecl>(method)->is_abstract || written.contains(method)) continue;
    Diagnostic& report =
        cx.error(Kind::kBadDeclaration, cx.ast[id].name.span,
                 fmt::format("the abstract method '{}' of {} is not written", cx.name(method), cx.show(type)));
    report.notes.push_back({cx.ast[method].name.span, "declared here"});
  }
}

void check_instance_body(Context& cx, DeclId id, const ast::InstanceDecl& node, TypeId type) {
  if (!is_extern(cx, type)) {
    cx.error(Kind::kBadDeclaration, cx.ast[id].name.span,
             fmt::format("{} has no abstract methods to be written", cx.show(type)));
    return;
  }
  const InScope scope(cx);
  Surroundings around = cx.around;
  around.instance = id;
  const Standing standing(cx, around);
  for (const DeclId part : node.body) {
    if (const auto* function = cx.decl<ast::FunctionDecl>(part)) {
      check_function(cx, part, *function, false);
    } else {
      check_declaration(cx, part);
    }
  }
  check_methods_written(cx, id, node, type);
}

bool has_abstract_methods(const Context& cx, TypeId type) {
  const auto* declared = cx.get<type::Declared>(type);
  const auto* node = declared == nullptr ? nullptr : cx.decl<ast::ExternDecl>(declared->decl);
  return node != nullptr && std::any_of(node->methods.begin(), node->methods.end(),
                                        [&](DeclId method) { return cx.decl<ast::FunctionDecl>(method)->is_abstract; });
}

}  // namespace

void check_instance(Context& cx, DeclId id) {
  const ast::Decl& decl = cx.ast[id];
  const auto& node = std::get<ast::InstanceDecl>(decl.node);
  cx.out.type_of_decl.set(id, cx.poison);
  const TypeId written = resolve_type(cx, node.type, true);
  CallInfo info;
  if (!cx.is_poison(written) && is_object(cx, written) && !check_place_of_instance(cx, decl.span, written)) {
    infer_constructor_arguments(cx, node.arguments);
    declare(cx, id);
    return;
  }
  const TypeId type = construct(cx, cx.ast[node.type].span, written, node.arguments, info);
  cx.out.type_of_decl.set(id, type);
  if (!cx.is_poison(type)) {
    cx.out.call_of_instance.set(id, std::move(info));
    if (node.has_body) {
      check_instance_body(cx, id, node, type);
    } else if (has_abstract_methods(cx, type)) {
      check_methods_written(cx, id, node, type);
    }
  }
  declare(cx, id);
}

}  // namespace p4bpf::check
