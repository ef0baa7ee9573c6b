// Calls: what is called, which overload, with which type arguments (section 8.20).
#include "frontend/types/calls.h"

#include <fmt/format.h>

#include <algorithm>

#include "frontend/types/constants.h"
#include "frontend/types/conversions.h"
#include "frontend/types/type_facts.h"

namespace p4bpf::check {

const std::vector<DeclId>& call_params(const Context& cx, DeclId decl) {
  static const std::vector<DeclId> none;
  return std::visit(Match{
                        [](const ast::FunctionDecl& d) -> const std::vector<DeclId>& { return d.params; },
                        [](const ast::ActionDecl& d) -> const std::vector<DeclId>& { return d.params; },
                        [](const ast::BlockTypeDecl& d) -> const std::vector<DeclId>& { return d.params; },
                        [](const ast::ParserDecl& d) -> const std::vector<DeclId>& { return d.params; },
                        [](const ast::ControlDecl& d) -> const std::vector<DeclId>& { return d.params; },
                        [](const auto&) -> const std::vector<DeclId>& { return none; },
                    },
                    cx.ast[decl].node);
}

namespace {

/// What can send the parser to reject: verify, and the methods of packet_in that read or skip (sections 13.7, 13.8).
bool needs_parser(const Context& cx, DeclId callee, TypeId object) {
  const auto* function = cx.decl<ast::FunctionDecl>(callee);
  if (function == nullptr || function->body) return false;
  const std::string& name = cx.name(callee);
  if (!object) return name == "verify";
  const auto* declared = cx.get<type::Declared>(object);
  return declared != nullptr && cx.decl<ast::ExternDecl>(declared->decl) != nullptr &&
         cx.name(declared->decl) == "packet_in" && (name == "extract" || name == "lookahead" || name == "advance");
}

}  // namespace

bool check_place_of_call(Context& cx, Span span, CallInfo::Kind kind, DeclId callee, TypeId object) {
  const Place place = cx.around.place;
  const char* problem = nullptr;
  switch (kind) {
    case CallInfo::Kind::kAction:
      if (place != Place::kApply && place != Place::kAction)
        problem = "an action can be called from actions and apply blocks only";
      break;
    case CallInfo::Kind::kApplyTable:
      if (place != Place::kApply && place != Place::kTable)
        problem = "a table can be applied in the apply block of a control only";
      break;
    case CallInfo::Kind::kApplyBlock:
      if (is_parser(cx, cx.out.type_of_decl[callee])) {
        if (place != Place::kState) problem = "a parser can be applied in a parser state only";
      } else if (place != Place::kApply) {
        problem = "a control can be applied in the apply block of a control only";
      }
      break;
    default:
      if (needs_parser(cx, callee, object) && cx.decl<ast::ParserDecl>(cx.around.block) == nullptr)
        problem = object ? "packets are read in parsers only" : "'verify' can be called in parsers only";
      break;
  }
  if (problem == nullptr) return true;
  cx.error(Kind::kBadCall, span, problem);
  return false;
}

namespace {

bool infer_arguments(Context& cx, const PendingCall& call, const std::vector<DeclId>& candidates) {
  bool is_fine = true;
  const std::vector<DeclId>* params = candidates.size() == 1 ? &call_params(cx, candidates.front()) : nullptr;
  for (std::size_t i = 0; i < call.node->arguments.size(); ++i) {
    TypeId hint;
    if (params != nullptr && i < params->size() && call.node->arguments[i].name.text.empty()) {
      hint = cx.out.type_of_decl[(*params)[i]];
      if (has_variable(cx, hint)) hint = {};
    }
    const ExprId e = call.node->arguments[i].value;
    is_fine &= !cx.is_poison(infer_value(cx, e, hint));
  }
  return is_fine;
}

/// The overload that the arguments fit, nothing (reported) if there is none or more than one.
DeclId choose(Context& cx, const PendingCall& call, const std::vector<DeclId>& candidates) {
  if (candidates.size() == 1) return candidates.front();
  std::vector<DeclId> fitting;
  for (const DeclId candidate : candidates) {
    if (!match_arguments(cx, call_params(cx, candidate), call.node->arguments, nullptr, {})) continue;
    const std::size_t type_params = type_params_of(cx, candidate).size();
    if (!call.node->type_arguments.empty() && call.node->type_arguments.size() != type_params) continue;
    fitting.push_back(candidate);
  }
  if (fitting.size() == 1) return fitting.front();
  Diagnostic& report = cx.error(
      Kind::kBadCall, call.span,
      fmt::format("{} of '{}'{}", fitting.empty() ? "no overload" : "more than one overload",
                  cx.name(candidates.front()), fitting.empty() ? " takes these arguments" : " fits these arguments"));
  for (const DeclId candidate : fitting.empty() ? candidates : fitting) {
    report.notes.push_back({cx.ast[candidate].name.span, "this one is declared here"});
  }
  return {};
}

/// Fills the bindings from what is written in `<...>`.
bool bind_written(Context& cx, const PendingCall& call, Bindings& bindings, DeclId callee) {
  std::vector<TypeId> written;
  for (const TypeRefId ref : call.node->type_arguments) written.push_back(resolve_type(cx, ref));
  if (written.empty()) return true;
  if (written.size() != bindings.params.size()) {
    cx.error(Kind::kBadTypeArgument, call.span,
             fmt::format("'{}' is given {} type arguments, expected {}", cx.name(callee), written.size(),
                         bindings.params.size()));
    return false;
  }
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (cx.is_poison(written[i])) return false;
    if (written[i] == cx.any_type) continue;
    if (is_parser(cx, written[i]) || is_control(cx, written[i]) || is_package(cx, written[i]) ||
        written[i] == cx.void_type) {
      cx.error(Kind::kBadTypeArgument, cx.ast[call.node->type_arguments[i]].span,
               fmt::format("{} cannot be a type argument", cx.show(written[i])));
      return false;
    }
    bindings.arguments[i] = written[i];
  }
  return true;
}

/// Whether an `int` that never met a width hides in a type that was inferred.
bool has_open_width(Context& cx, TypeId type) {
  if (type == cx.int_type) return true;
  if (const auto* tuple = cx.get<type::Tuple>(type)) {
    return std::any_of(tuple->elements.begin(), tuple->elements.end(), [&](TypeId t) { return has_open_width(cx, t); });
  }
  if (const auto* anonymous = cx.get<type::AnonymousStruct>(type)) {
    return std::any_of(anonymous->types.begin(), anonymous->types.end(),
                       [&](TypeId t) { return has_open_width(cx, t); });
  }
  return false;
}

bool check_bound(Context& cx, const PendingCall& call, const Bindings& bindings, const std::vector<bool>& is_written) {
  for (std::size_t i = 0; i < bindings.params.size(); ++i) {
    if (!bindings.arguments[i]) {
      Diagnostic& report =
          cx.error(Kind::kBadTypeArgument, call.span,
                   fmt::format("the type argument '{}' cannot be inferred", cx.name(bindings.params[i])));
      report.notes.push_back({{}, "write the type arguments in '<...>'"});
      return false;
    }
    if (is_parser(cx, bindings.arguments[i]) || is_control(cx, bindings.arguments[i]) ||
        is_package(cx, bindings.arguments[i])) {
      cx.error(Kind::kBadTypeArgument, call.span,
               fmt::format("an argument is {}, which cannot be passed", cx.show(bindings.arguments[i])));
      return false;
    }
    if (!is_written[i] && has_open_width(cx, bindings.arguments[i])) {
      Diagnostic& report = cx.error(Kind::kBadTypeArgument, call.span,
                                    fmt::format("the width of a number for the type argument '{}' cannot be inferred",
                                                cx.name(bindings.params[i])));
      report.notes.push_back({{}, "give the number a width, such as 8w5"});
      return false;
    }
  }
  return true;
}

struct ResolvedTypes {
  std::vector<TypeId> params;
  TypeId result;
};

/// The parameters' types and the result's with object and type arguments put in; nothing if they cannot be found.
std::optional<ResolvedTypes> resolve_types(Context& cx, const PendingCall& call, DeclId callee, const ArgumentMap& map,
                                           CallInfo& info) {
  const std::vector<DeclId>& params = call_params(cx, callee);
  const auto* object = cx.get<type::Declared>(call.object);
  const auto of_object = [&](TypeId type) {
    if (object == nullptr) return type;
    return substitute(cx.out.types, type, type_params_of(cx, object->decl), object->arguments);
  };
  const auto* function = cx.decl<ast::FunctionDecl>(callee);
  ResolvedTypes types;
  types.result = function == nullptr      ? cx.void_type
                 : !function->return_type ? cx.void_type
                                          : of_object(cx.out.type_of_ref[function->return_type]);
  for (const DeclId param : params) types.params.push_back(of_object(cx.out.type_of_decl[param]));
  // The type parameters of a parser or control are those of the object.
  const bool is_generic = function != nullptr && !function->type_params.empty();
  Bindings bindings(is_generic ? function->type_params : std::vector<DeclId>{});
  if (!bind_written(cx, call, bindings, callee)) return std::nullopt;
  std::vector<bool> is_written;
  for (const TypeId argument : bindings.arguments) is_written.push_back(static_cast<bool>(argument));
  bool is_poisoned = false;
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (!map[i] || !has_variable(cx, types.params[i])) continue;
    const ExprId e = call.node->arguments[*map[i]].value;
    if (cx.is_poison(cx.type_of(e))) {
      is_poisoned = true;
      continue;
    }
    const ast::Direction direction = cx.decl<ast::Param>(params[i])->direction;
    const bool is_exact = direction == ast::Direction::kOut || direction == ast::Direction::kInout;
    if (!unify(cx, types.params[i], cx.type_of(e), bindings, is_exact)) {
      cx.error(Kind::kTypeMismatch, cx.span(e),
               fmt::format("the argument for '{}' is {}, expected {}", cx.name(params[i]), cx.show(cx.type_of(e)),
                           cx.show(apply_bindings(cx, types.params[i], bindings))));
      return std::nullopt;
    }
  }
  if (call.hint && !cx.is_poison(call.hint) &&
      std::count(bindings.arguments.begin(), bindings.arguments.end(), TypeId{}) != 0) {
    unify(cx, types.result, call.hint, bindings, true);
  }
  bind_unused(cx, params, map, bindings);
  // What a mistaken argument would have bound has been reported with it.
  if (is_poisoned) std::replace(bindings.arguments.begin(), bindings.arguments.end(), TypeId{}, cx.poison);
  if (!check_bound(cx, call, bindings, is_written)) return std::nullopt;
  for (TypeId& type : types.params) type = apply_bindings(cx, type, bindings);
  types.result = apply_bindings(cx, types.result, bindings);
  info.type_arguments = bindings.arguments;
  return types;
}

/// static_assert(check [, message]) (section 18.2... core.p4): decided as soon as its condition is known.
void check_static_assert(Context& cx, const PendingCall& call) {
  const std::vector<ast::Argument>& arguments = call.node->arguments;
  require_known(cx, arguments.front().value, "the condition of static_assert");
  if (cx.is_poison(cx.type_of(arguments.front().value))) cx.is_known.set(call.id, true);  // reported already
  const Constant condition = final_constant(cx, arguments.front().value);
  const bool* truth = bool_in(condition);
  if (truth == nullptr) return;
  if (!*truth) {
    std::string message = "the assertion is false";
    if (arguments.size() > 1) {
      const Constant text = final_constant(cx, arguments[1].value);
      if (text && std::holds_alternative<std::string>(text->value))
        message += ": " + std::get<std::string>(text->value);
    }
    cx.error(Kind::kStaticAssert, call.span, message);
  }
  cx.out.constant_of.set(call.id, ConstValue{true});
  cx.is_known.set(call.id, true);
}

}  // namespace

TypeId call_one_of(Context& cx, const PendingCall& call, CallInfo::Kind kind, const std::vector<DeclId>& candidates) {
  infer_arguments(cx, call, candidates);
  const DeclId callee = choose(cx, call, candidates);
  if (!callee) return cx.poison;
  cx.out.decl_of.set(call.node->callee, callee);
  cx.out.type_of.set(call.node->callee, cx.out.types.add(type::Callable{callee}));
  if (cx.open.contains(callee)) {
    Diagnostic& report = cx.error(Kind::kRecursion, call.span, fmt::format("'{}' calls itself", cx.name(callee)));
    report.notes.push_back({{}, "P4 has no recursion"});
    return cx.poison;
  }
  const bool place_is_fine = check_place_of_call(cx, call.span, kind, callee, call.object);
  const std::string what = fmt::format("'{}'", cx.name(callee));
  const std::vector<DeclId>& params = call_params(cx, callee);
  const std::optional<ArgumentMap> map = match_arguments(cx, params, call.node->arguments, &call.span, what);
  if (!map) return cx.poison;
  CallInfo info;
  info.kind = kind;
  info.callee = callee;
  info.argument_of_param = *map;
  const std::optional<ResolvedTypes> types = resolve_types(cx, call, callee, *map, info);
  if (!types) return cx.poison;
  if (!check_arguments(cx, params, types->params, call.node->arguments, *map) || !place_is_fine) return cx.poison;
  if (!check_packet_call(cx, call, callee, info)) return cx.poison;
  const bool is_static_assert = kind == CallInfo::Kind::kFunction && cx.name(callee) == "static_assert" &&
                                cx.decl<ast::FunctionDecl>(callee)->is_extern && !call.node->arguments.empty();
  if (is_static_assert) {
    info.kind = CallInfo::Kind::kStaticAssert;
    check_static_assert(cx, call);
  }
  cx.out.call_of.set(call.id, std::move(info));
  if (is_object(cx, types->result) ||
      (cx.constructing > 0 && kind == CallInfo::Kind::kFunction && cx.decl<ast::FunctionDecl>(callee)->is_extern)) {
    // A factory of instances: what it makes is known if what it is given is.
    const auto& arguments = call.node->arguments;
    cx.is_known.set(call.id, std::all_of(arguments.begin(), arguments.end(),
                                         [&](const ast::Argument& a) { return cx.is_known[a.value]; }));
  }
  return types->result;
}

namespace {

TypeId construct_here(Context& cx, const PendingCall& call, TypeId type) {
  const Place place = cx.around.place;
  if (cx.constructing == 0 && place != Place::kTable) {
    cx.error(Kind::kBadCall, call.span,
             fmt::format("an instance of {} is made inside an expression, expected a declaration of the instance",
                         cx.show(type)));
    return cx.poison;
  }
  TypeId wanted = type;
  if (!call.node->type_arguments.empty()) {
    std::vector<TypeId> arguments;
    for (const TypeRefId ref : call.node->type_arguments) arguments.push_back(resolve_type(cx, ref));
    const auto* declared = cx.get<type::Declared>(type);
    if (declared != nullptr) wanted = specialize(cx, call.span, declared->decl, std::move(arguments));
  }
  if (cx.is_poison(wanted)) return cx.poison;
  CallInfo info;
  const TypeId result = construct(cx, call.span, wanted, call.node->arguments, call.hint, info);
  if (cx.is_poison(result)) return cx.poison;
  cx.out.call_of.set(call.id, std::move(info));
  cx.is_known.set(call.id, true);
  return result;
}

TypeId apply_table(Context& cx, const PendingCall& call, DeclId table) {
  cx.out.decl_of.set(call.node->callee, {});
  cx.out.type_of.set(call.node->callee, cx.out.types.add(type::Callable{{}}));
  if (!call.node->arguments.empty()) {
    cx.error(Kind::kBadArgument, call.span, "a table is applied without arguments");
    return cx.poison;
  }
  if (cx.open.contains(table)) {
    cx.error(Kind::kRecursion, call.span, fmt::format("the table '{}' is applied inside itself", cx.name(table)));
    return cx.poison;
  }
  if (!check_place_of_call(cx, call.span, CallInfo::Kind::kApplyTable, table, {})) return cx.poison;
  CallInfo info;
  info.kind = CallInfo::Kind::kApplyTable;
  info.callee = table;
  cx.out.call_of.set(call.id, std::move(info));
  return cx.out.types.add(type::ApplyResult{table});
}

/// `object.apply(...)`, or `Type.apply(...)` where `is_direct`.
TypeId apply_block(Context& cx, PendingCall call, TypeId object, bool is_direct) {
  const DeclId decl = cx.get<type::Declared>(object)->decl;
  call.object = object;
  if (is_direct) {
    const auto* parser = cx.decl<ast::ParserDecl>(decl);
    const auto* control = cx.decl<ast::ControlDecl>(decl);
    const std::vector<DeclId>* ctor = parser != nullptr    ? &parser->constructor_params
                                      : control != nullptr ? &control->constructor_params
                                                           : nullptr;
    if (ctor == nullptr || !ctor->empty() || !type_params_of(cx, decl).empty()) {
      cx.error(Kind::kBadCall, call.span,
               fmt::format("{} cannot be applied without an instance, since it {}", cx.show(object),
                           ctor == nullptr ? "has no body" : "has parameters of its own"));
      return cx.poison;
    }
  }
  const TypeId result = call_one_of(cx, call, CallInfo::Kind::kApplyBlock, {decl});
  if (cx.is_poison(result) || !is_direct) return result;
  CallInfo info = cx.out.call_of[call.id];
  info.is_direct_apply = true;
  cx.out.call_of.set(call.id, std::move(info));
  return result;
}

TypeId call_method(Context& cx, PendingCall call, const ast::Member& member) {
  // `Hash<bit<16>>(...).get(x)`: an extern may be made and used in one go.
  const bool is_made_here = cx.expr<ast::Call>(member.base) != nullptr;
  if (is_made_here) ++cx.constructing;
  const TypeId base = infer(cx, member.base);
  if (is_made_here) --cx.constructing;
  if (!cx.is_poison(base) && is_made_here && cx.out.call_of[member.base].kind == CallInfo::Kind::kConstructor &&
      !is_extern(cx, base)) {
    cx.error(Kind::kBadCall, call.span,
             fmt::format("an instance of {} is made inside an expression, expected a declaration of the instance",
                         cx.show(base)));
    infer_arguments(cx, call, {});
    return cx.poison;
  }
  if (cx.is_poison(base)) {
    infer_arguments(cx, call, {});
    return cx.poison;
  }
  const std::string& name = member.member.text;
  if (const auto* callable = cx.get<type::Callable>(base); callable != nullptr && callable->decl) {
    const DeclId decl = callable->decl;
    if (cx.decl<ast::TableDecl>(decl) != nullptr && name == "apply") return apply_table(cx, call, decl);
  }
  TypeId object = base;
  const auto* type_name = cx.get<type::TypeName>(base);
  if (type_name != nullptr) object = type_name->type;
  if ((is_parser(cx, object) || is_control(cx, object)) && name == "apply") {
    return apply_block(cx, call, object, type_name != nullptr);
  }
  if (const std::optional<TypeId> result = call_built_in(cx, call, member.base, base, member.member)) return *result;
  if (type_name == nullptr && is_extern(cx, object)) {
    const DeclId decl = cx.get<type::Declared>(object)->decl;
    const std::vector<DeclId> methods = methods_of(cx, decl, name);
    call.object = object;
    if (!methods.empty()) return call_one_of(cx, call, CallInfo::Kind::kMethod, methods);
  }
  infer_arguments(cx, call, {});
  // Members that are values: fields and results are no methods.
  std::vector<std::string> names;
  if (is_header(cx, object)) names = {"isValid", "setValid", "setInvalid", "minSizeInBits", "minSizeInBytes"};
  if (cx.get<type::Stack>(object) != nullptr) names = {"push_front", "pop_front"};
  if (cx.get<type::Callable>(base) != nullptr || is_parser(cx, object) || is_control(cx, object)) names = {"apply"};
  if (const auto* declared = cx.get<type::Declared>(object)) {
    if (const auto at = cx.members.find(declared->decl); at != cx.members.end()) {
      for (const auto& [text, ids] : at->second) names.emplace_back(text);
    }
  }
  report_unknown(cx, Kind::kUnknownMember, member.member, fmt::format("no method of {}", cx.show(base)), names);
  return cx.poison;
}

}  // namespace

std::vector<DeclId> methods_of(const Context& cx, DeclId extern_decl, std::string_view name) {
  const auto at = cx.members.find(extern_decl);
  if (at == cx.members.end()) return {};
  const auto found = at->second.find(name);
  return found == at->second.end() ? std::vector<DeclId>{} : found->second;
}

TypeId infer_call(Context& cx, ExprId e, const ast::Call& node, TypeId hint) {
  PendingCall call{e, cx.span(e), &node, hint, {}};
  if (const auto* member = cx.expr<ast::Member>(node.callee)) return call_method(cx, call, *member);
  if (const auto* name = cx.expr<ast::NameExpr>(node.callee)) {
    const std::vector<DeclId> found = resolve(cx, name->name, name->is_global);
    if (found.empty()) {
      infer_arguments(cx, call, {});
      return cx.poison;
    }
    if (cx.decl<ast::FunctionDecl>(found.back()) != nullptr) {
      return call_one_of(cx, call, CallInfo::Kind::kFunction, found);
    }
    if (cx.decl<ast::ActionDecl>(found.back()) != nullptr)
      return call_one_of(cx, call, CallInfo::Kind::kAction, {found.back()});
  }
  const TypeId callee = infer(cx, node.callee);
  if (cx.is_poison(callee)) {
    infer_arguments(cx, call, {});
    return cx.poison;
  }
  if (const auto* type_name = cx.get<type::TypeName>(callee)) return construct_here(cx, call, type_name->type);
  cx.error(Kind::kBadCall, cx.span(node.callee), fmt::format("{} cannot be called", cx.show(callee)));
  infer_arguments(cx, call, {});
  return cx.poison;
}

}  // namespace p4bpf::check
