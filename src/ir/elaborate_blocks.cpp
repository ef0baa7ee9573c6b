// Elaboration of packages, parsers, controls and extern objects as they are constructed, and of controls as they are
// applied.
#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

// ---- construction -------------------------------------------------------------------------------------------------

Value Elaboration::construct(const CallInfo& info, const std::vector<ast::Argument>& arguments, TypeId type,
                             const std::string& name, Span span) {
  const ast::Decl& callee = ast()[info.callee];
  if (std::holds_alternative<ast::ExternDecl>(callee.node)) return construct_extern(info, arguments, type, name, span);
  if (std::holds_alternative<ast::PackageDecl>(callee.node)) return {construct_package(info, arguments, span)};
  return {construct_block(info, arguments, name, span)};
}

Value Elaboration::construct_extern(const CallInfo& info, const std::vector<ast::Argument>& arguments, TypeId type,
                                    const std::string& name, Span span) {
  ExternInstance result;
  result.type_name = ast()[info.callee].name.text;
  result.name = name;
  result.span = span;
  const auto add_argument = [&](const Value& value, TypeId param_type) {
    if (const auto* object = std::get_if<ExternInstanceId>(&value.node)) {
      result.arguments.emplace_back(*object);
      return;
    }
    const auto* expr = std::get_if<ExprId>(&value.node);
    if (expr == nullptr) unsupported(span, "this constructor argument is not supported");
    const Expr& node = program_[*expr];
    if (const auto* text = std::get_if<StringConst>(&node.node)) {
      result.arguments.emplace_back(text->value);
      return;
    }
    const std::optional<BigInt> known =
        fold(param_type && is_scalar(param_type) ? std::get<ExprId>(convert(value, param_type, span).node) : *expr);
    if (!known) abandon(DiagnosticKind::kNotConstant, span, "a constructor argument is not a compile-time-known value");
    if (node.type.kind == Type::Kind::kBool) {
      result.arguments.emplace_back(*known != 0);
    } else {
      result.arguments.emplace_back(*known);
    }
  };
  if (info.constructor) {
    const auto& params = std::get<ast::FunctionDecl>(ast()[info.constructor].node).params;
    for (std::size_t i = 0; i < params.size(); ++i) {
      const auto argument = i < info.argument_of_param.size() ? info.argument_of_param[i] : std::nullopt;
      const ast::ExprId default_value = std::get<ast::Param>(ast()[params[i]].node).default_value;
      if (argument) {
        add_argument(eval(arguments.at(*argument).value), {});
      } else if (default_value) {
        add_argument(eval(default_value), {});
      }
    }
  } else {
    for (const ast::Argument& argument : arguments) add_argument(eval(argument.value), {});
  }
  if (const auto* declared = as<type::Declared>(type)) {
    const std::vector<TypeId> type_arguments = declared->arguments;
    for (const TypeId one : type_arguments) {
      if (!is_scalar(one)) continue;
      result.type_arguments.push_back(scalar(one, span));
      result.type_names.push_back(named_type(one));
    }
  }
  return {program_.extern_instances.add(std::move(result))};
}

std::shared_ptr<const BlockInstance> Elaboration::construct_block(const CallInfo& info,
                                                                  const std::vector<ast::Argument>& arguments,
                                                                  const std::string& name, Span span) {
  check_size(span);
  auto block = std::make_shared<BlockInstance>();
  block->decl = info.callee;
  block->path = name;
  block->env = std::make_shared<Env>();
  Env& inner = *block->env;
  const ast::Decl& decl = ast()[info.callee];
  const auto* parser = std::get_if<ast::ParserDecl>(&decl.node);
  const auto* control = std::get_if<ast::ControlDecl>(&decl.node);
  if (parser == nullptr && control == nullptr)
    unsupported(span, fmt::format("'{}' cannot be instantiated here", decl.name.text));
  inner.parent = &globals_;
  inner.instance = block.get();
  inner.path = name;
  inner.type_params = parser != nullptr ? parser->type_params : control->type_params;
  for (const TypeId one : info.type_arguments) inner.type_arguments.push_back(bind(one));
  if (inner.type_arguments.size() != inner.type_params.size()) {
    if (!inner.type_arguments.empty()) unsupported(span, "the type arguments of this instance are not known");
    inner.type_params.clear();
  }
  const auto& params = parser != nullptr ? parser->constructor_params : control->constructor_params;
  for (const Bound& bound : eval_arguments(params, arguments, info.argument_of_param, inner)) {
    inner.values[bound.param] = convert(bound.value, bind(typed_.type_of_decl[bound.param], inner), span);
  }
  Scoped<Frame> scope(frame_, Frame{});
  frame_.env = &inner;
  for (const ast::DeclId local : parser != nullptr ? parser->locals : control->locals) {
    const auto& node = ast()[local].node;
    if (std::holds_alternative<ast::ConstDecl>(node)) declare(local);
    if (std::holds_alternative<ast::InstanceDecl>(node)) inner.values[local] = construct_declared(local);
  }
  return block;
}

Value Elaboration::construct_declared(ast::DeclId id) {
  const ast::Decl& decl = ast()[id];
  const auto& node = std::get<ast::InstanceDecl>(decl.node);
  if (!node.body.empty()) unsupported(decl.span, "an object with abstract methods is not supported");
  Value object = construct(typed_.call_of_instance[id], node.arguments, bind(typed_.type_of_decl[id]),
                           join(env().path, name_of(decl)), decl.name.span);
  if (const auto* instance = std::get_if<ExternInstanceId>(&object.node))
    program_.extern_instances.edit(*instance).annotations = annotation_texts(decl.annotations);
  return object;
}

std::shared_ptr<const PackageInstance> Elaboration::construct_package(const CallInfo& info,
                                                                      const std::vector<ast::Argument>& arguments,
                                                                      Span span) {
  auto result = std::make_shared<PackageInstance>();
  const ast::Decl& decl = ast()[info.callee];
  result->type_name = decl.name.text;
  result->span = span;
  const auto& params = std::get<ast::PackageDecl>(decl.node).params;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const ast::Decl& param = ast()[params[i]];
    const auto argument = i < info.argument_of_param.size() ? info.argument_of_param[i] : std::nullopt;
    const ast::ExprId expr = argument ? arguments.at(*argument).value : std::get<ast::Param>(param.node).default_value;
    if (!expr) continue;  // @optional
    const Value value = eval(expr);
    PackageArgument given{param.name.text, ConstValue{}};
    if (const auto* block = std::get_if<std::shared_ptr<const BlockInstance>>(&value.node)) {
      given.value = *block;
    } else if (const auto* package = std::get_if<std::shared_ptr<const PackageInstance>>(&value.node)) {
      given.value = *package;
    } else if (const auto* object = std::get_if<ExternInstanceId>(&value.node)) {
      given.value = *object;
    } else {
      given.value = constant_argument(value, expr, at(expr).span);
    }
    result->arguments.push_back(std::move(given));
  }
  return result;
}

ConstValue Elaboration::constant_argument(const Value& value, ast::ExprId expr, Span span) {
  const auto* scalar_value = std::get_if<ExprId>(&value.node);
  if (scalar_value == nullptr) {
    if (const auto& known = typed_.constant_of[expr]) return *known;
    unsupported(span, "this argument of the package is not supported");
  }
  const Expr& node = program_[*scalar_value];
  if (const auto* text = std::get_if<StringConst>(&node.node)) return ConstValue{text->value};
  const std::optional<BigInt> known = fold(*scalar_value);
  if (!known)
    abandon(DiagnosticKind::kNotConstant, span, "an argument of the package is not a compile-time-known value");
  if (node.type.kind == Type::Kind::kBool) return ConstValue{*known != 0};
  const auto& original = typed_.constant_of[expr];
  if (original && std::holds_alternative<ast::DeclId>(original->value)) return *original;
  return ConstValue{*known};
}

// ---- application --------------------------------------------------------------------------------------------------

const std::vector<ast::DeclId>& Elaboration::params_of(const BlockInstance& block) const {
  const auto& node = ast()[block.decl].node;
  if (const auto* parser = std::get_if<ast::ParserDecl>(&node)) return parser->params;
  return std::get<ast::ControlDecl>(node).params;
}

TypeId Elaboration::param_type(const BlockInstance& block, std::size_t param) {
  return bind(typed_.type_of_decl[params_of(block).at(param)], *block.env);
}

/// The scope of one application: what belongs to the instance is outside, its parameters and variables inside.
Env Elaboration::application(const BlockInstance& block) {
  Env result;
  result.parent = block.env.get();
  result.type_params = block.env->type_params;
  result.type_arguments = block.env->type_arguments;
  result.instance = &block;
  result.is_application = true;
  result.path = block.path;
  return result;
}

void Elaboration::declare_locals(const std::vector<ast::DeclId>& locals) {
  for (const ast::DeclId local : locals) {
    if (!std::holds_alternative<ast::VarDecl>(ast()[local].node)) continue;
    try {
      declare(local);
    } catch (const Abandoned&) {
    }
  }
}

void Elaboration::inline_control(const BlockInstance& block, Env& application) {
  const auto& control = std::get<ast::ControlDecl>(ast()[block.decl].node);
  Jump on_return{"return of " + block.path, {}};
  Frame frame;
  frame.env = &application;
  frame.on_return = &on_return;
  frame.on_exit = frame_.on_exit;
  frame.repeats = frame_.repeats;
  const Span span = ast()[block.decl].name.span;
  with_annotations(ast()[block.decl].annotations, span, [&] {
    with_region(on_return, span, [&] {
      Scoped<Frame> scope(frame_, frame);
      declare_locals(control.locals);
      if (control.apply) statement(control.apply, true);
    });
  });
}

void Elaboration::top_control(const BlockInstance& block, const std::vector<Storage>& arguments, Builder& into) {
  Scoped<Builder> target(out_, into);
  Env scope = application(block);
  const std::vector<ast::DeclId>& params = params_of(block);
  for (std::size_t i = 0; i < params.size(); ++i) scope.values[params[i]] = value_of(arguments.at(i));
  Jump on_exit{"exit", {}};
  Scoped<Frame> frame(frame_, Frame{});
  frame_.env = &scope;
  frame_.on_exit = &on_exit;
  try {
    with_region(on_exit, ast()[block.decl].name.span, [&] { inline_control(block, scope); });
  } catch (const Abandoned&) {
  }
}

}  // namespace p4bpf::ir
