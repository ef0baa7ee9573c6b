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

/// The constructor parameters of a parser, control or package; nullptr for externs, which may have several
/// constructors.
const std::vector<DeclId>* own_constructor_params(const Context& cx, DeclId decl) {
  if (const auto* parser = cx.decl<ast::ParserDecl>(decl)) return &parser->constructor_params;
  if (const auto* control = cx.decl<ast::ControlDecl>(decl)) return &control->constructor_params;
  if (const auto* package = cx.decl<ast::PackageDecl>(decl)) return &package->params;
  return nullptr;
}

/// The parameters of the constructor(s) of a type; for an extern `info.constructor` is chosen. Nothing (reported) if
/// none fits.
const std::vector<DeclId>* constructor_params_of(Context& cx, Span span, DeclId decl,
                                                 const std::vector<ast::Argument>& arguments, CallInfo& info) {
  if (const std::vector<DeclId>* own = own_constructor_params(cx, decl)) return own;
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

/// `params` may be shorter than the arguments; they give the types that nested constructor calls are inferred from.
void infer_constructor_arguments(Context& cx, const std::vector<ast::Argument>& arguments,
                                 const std::vector<DeclId>& params) {
  ++cx.constructing;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const TypeId hint = i < params.size() ? cx.out.type_of_decl[params[i]] : TypeId{};
    infer_value(cx, arguments[i].value, has_variable(cx, hint) ? TypeId{} : hint);
  }
  --cx.constructing;
}

/// Parsers, controls and packages of one name differ in the names of their constructor parameters.
DeclId choose_overload(Context& cx, DeclId decl, const std::vector<ast::Argument>& arguments) {
  const std::vector<DeclId> candidates = overloads_of(cx, decl);
  DeclId chosen;
  for (const DeclId candidate : candidates) {
    if (!match_arguments(cx, *own_constructor_params(cx, candidate), arguments, nullptr, {})) continue;
    if (chosen) return {};
    chosen = candidate;
  }
  return chosen;
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

namespace {

/// `parser p<T>(in T x)` where a `parser(in bit<2> x)` is wanted: T is bit<2>.
void bind_from_hint(Context& cx, DeclId decl, TypeId hint, Bindings& bindings) {
  const auto* wanted = cx.get<type::Declared>(hint);
  if (wanted == nullptr) return;
  const type::Declared block = *wanted;
  if (block.decl == decl) {
    for (std::size_t i = 0; i < block.arguments.size() && i < bindings.arguments.size(); ++i) {
      if (!bindings.arguments[i] && block.arguments[i] != cx.any_type) bindings.arguments[i] = block.arguments[i];
    }
    return;
  }
  const std::vector<DeclId>& own = call_params(cx, decl);
  const std::vector<DeclId>& theirs = call_params(cx, block.decl);
  for (std::size_t i = 0; i < own.size() && i < theirs.size(); ++i) {
    const TypeId given =
        substitute(cx.out.types, cx.out.type_of_decl[theirs[i]], type_params_of(cx, block.decl), block.arguments);
    unify(cx, cx.out.type_of_decl[own[i]], given, bindings, true);
  }
}

/// An argument that is left out binds what its default value tells; where there is none, `_` says that nothing depends
/// on it.
void bind_from_defaults(Context& cx, const std::vector<DeclId>& params, const ArgumentMap& map, Bindings& bindings) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto* param = cx.decl<ast::Param>(params[i]);
    if (map[i] || !param->default_value || cx.is_poison(cx.type_of(param->default_value))) continue;
    unify(cx, cx.out.type_of_decl[params[i]], cx.type_of(param->default_value), bindings, false);
  }
  bind_unused(cx, params, map, bindings);
}

}  // namespace

namespace {

/// An argument that does not fit its parameter. A package that comes with an architecture is given, so the argument is
/// wrong; one that this file declares may be wrong itself, and both places are shown.
void report_misfit(Context& cx, DeclId callee, DeclId param, ExprId argument, TypeId wanted) {
  const SourceMap& sources = cx.diagnostics.sources();
  const Span package = cx.ast[callee].name.span;
  const bool is_own = cx.decl<ast::PackageDecl>(callee) != nullptr &&
                      sources.position(package.begin).file == sources.position(cx.span(argument).begin).file;
  Diagnostic& report = cx.error(Kind::kTypeMismatch, is_own ? package : cx.span(argument),
                                fmt::format("the argument for '{}' is {}, expected {}", cx.name(param),
                                            cx.show(cx.type_of(argument)), cx.show(wanted)));
  if (is_own) report.notes.push_back({cx.span(argument), "the argument is here"});
}

/// The arguments of a package are objects: no conversion makes them fit.
bool package_arguments_fit(Context& cx, DeclId callee, const std::vector<DeclId>& params,
                           const std::vector<TypeId>& types, const std::vector<ast::Argument>& arguments,
                           const ArgumentMap& map) {
  if (cx.decl<ast::PackageDecl>(callee) == nullptr) return true;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!map[i] || converts(cx, cx.type_of(arguments[*map[i]].value), types[i])) continue;
    report_misfit(cx, callee, params[i], arguments[*map[i]].value, types[i]);
    return false;
  }
  return true;
}

}  // namespace

TypeId construct(Context& cx, Span span, TypeId type, const std::vector<ast::Argument>& arguments, TypeId hint,
                 CallInfo& info) {
  if (!is_constructible(cx, span, type)) {
    infer_constructor_arguments(cx, arguments, {});
    return cx.poison;
  }
  type::Declared declared = *cx.get<type::Declared>(type);
  if (const DeclId overload = choose_overload(cx, declared.decl, arguments)) declared.decl = overload;
  info.kind = CallInfo::Kind::kConstructor;
  info.callee = declared.decl;
  const std::vector<DeclId>* params = constructor_params_of(cx, span, declared.decl, arguments, info);
  infer_constructor_arguments(cx, arguments, params == nullptr ? std::vector<DeclId>{} : *params);
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
    report_misfit(cx, declared.decl, (*params)[i], e, apply_bindings(cx, wanted, bindings));
    return cx.poison;
  }
  bind_from_defaults(cx, *params, *map, bindings);
  if (hint) bind_from_hint(cx, declared.decl, hint, bindings);
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
  if (!package_arguments_fit(cx, declared.decl, *params, param_types, arguments, *map)) return cx.poison;
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
  if (wanted->type_params.size() != given->type_params.size()) return false;
  for (std::size_t i = 0; i < wanted->type_params.size(); ++i) {
    params.push_back(wanted->type_params[i]);
    arguments.push_back(cx.out.type_of_decl[given->type_params[i]]);
  }
  const auto same = [&](TypeId want, TypeId have) {
    return cx.is_poison(want) || cx.is_poison(have) || substitute(cx.out.types, want, params, arguments) == have;
  };
  if (!same(cx.out.type_of_ref[wanted->return_type], cx.out.type_of_ref[given->return_type])) return false;
  std::size_t next = 0;
  for (const DeclId param : wanted->params) {
    const bool may_be_missing = ast::find_annotation(cx.ast[param].annotations, "optional") != nullptr;
    const bool is_given =
        next < given->params.size() && (!may_be_missing || cx.name(given->params[next]) == cx.name(param));
    if (!is_given) {
      if (may_be_missing) continue;
      return false;
    }
    const DeclId have = given->params[next++];
    if (cx.decl<ast::Param>(param)->direction != cx.decl<ast::Param>(have)->direction) return false;
    if (!same(cx.out.type_of_decl[param], cx.out.type_of_decl[have])) return false;
  }
  return next == given->params.size();
}

/// `Ext(...) x = { bool f(...) {...} };`: every abstract method is written once, with its signature (section 11.3.1).
void check_methods_written(Context& cx, DeclId id, const ast::InstanceDecl& node, TypeId type) {
  const DeclId decl = cx.get<type::Declared>(type)->decl;
  std::unordered_set<DeclId> written;
  for (const DeclId part : node.body) {
    if (cx.decl<ast::FunctionDecl>(part) == nullptr) continue;
    DeclId method;
    DeclId wrong_one;
    for (const DeclId candidate : methods_of(cx, decl, cx.name(part))) {
      const auto* function = cx.decl<ast::FunctionDecl>(candidate);
      if (!function->is_abstract) continue;
      wrong_one = candidate;
      if (same_signature(cx, type, candidate, part)) method = candidate;
    }
    if (!method) {
      Diagnostic& report = cx.error(Kind::kBadDeclaration, cx.ast[wrong_one ? id : part].name.span,
                                    fmt::format("'{}' of '{}' {} abstract method of {}", cx.name(part), cx.name(id),
                                                wrong_one ? "differs from the" : "is no", cx.show(type)));
      if (wrong_one) {
        report.notes.push_back({cx.ast[part].name.span, "it is written here"});
        report.notes.push_back({cx.ast[wrong_one].name.span, "the abstract method is declared here"});
        written.insert(wrong_one);
      }
      continue;
    }
    written.insert(method);
  }
  for (const DeclId method : cx.decl<ast::ExternDecl>(decl)->methods) {
    if (!cx.decl<ast::FunctionDecl>(method)->is_abstract || written.contains(method)) continue;
    if (ast::find_annotation(cx.ast[method].annotations, "optional") != nullptr) continue;
    Diagnostic& report =
        cx.error(Kind::kBadDeclaration, cx.ast[id].name.span,
                 fmt::format("the abstract method '{}' of {} is not written", cx.name(method), cx.show(type)));
    report.notes.push_back({cx.ast[method].name.span, "declared here"});
  }
}

bool has_abstract_methods(const Context& cx, TypeId type) {
  const auto* declared = cx.get<type::Declared>(type);
  const auto* node = declared == nullptr ? nullptr : cx.decl<ast::ExternDecl>(declared->decl);
  return node != nullptr && std::any_of(node->methods.begin(), node->methods.end(),
                                        [&](DeclId method) { return cx.decl<ast::FunctionDecl>(method)->is_abstract; });
}

void check_instance_body(Context& cx, DeclId id, const ast::InstanceDecl& node, TypeId type) {
  const std::size_t errors_before = cx.diagnostics.error_count();
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
  if (has_abstract_methods(cx, type)) {
    check_methods_written(cx, id, node, type);
  } else if (cx.diagnostics.error_count() == errors_before) {  // what is wrong in itself has been said
    cx.error(Kind::kBadDeclaration, cx.ast[id].name.span,
             fmt::format("{} has no abstract methods to be written", cx.show(type)));
  }
}

}  // namespace

void check_instance(Context& cx, DeclId id) {
  const ast::Decl& decl = cx.ast[id];
  const auto& node = std::get<ast::InstanceDecl>(decl.node);
  cx.out.type_of_decl.set(id, cx.poison);
  const TypeId written = resolve_type(cx, node.type, true);
  CallInfo info;
  if (!cx.is_poison(written) && is_object(cx, written) && !check_place_of_instance(cx, decl.span, written)) {
    infer_constructor_arguments(cx, node.arguments, {});
    declare(cx, id);
    return;
  }
  const TypeId type = construct(cx, cx.ast[node.type].span, written, node.arguments, {}, info);
  cx.out.type_of_decl.set(id, type);
  if (node.array_size) {
    const std::optional<BigInt> size = infer_constant_int(cx, node.array_size, "the size of an array");
    if (size && (*size < 0 || *size > kMaxElements)) {
      cx.error(Kind::kBadWidth, cx.span(node.array_size), fmt::format("an array cannot have {} elements", size->str()));
    } else if (size && !cx.is_poison(type)) {
      cx.out.type_of_decl.set(id, cx.out.types.add(type::Stack{type, static_cast<std::uint32_t>(*size)}));
    }
  }
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
