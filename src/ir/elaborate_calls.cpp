// Elaboration of calls: binding parameters (P4_16 section 6.8) and inlining functions, actions and controls.
//
// A parameter is bound by reference where nobody can tell the difference: the argument stands at a fixed place, no
// other argument of the call overlaps it, and (for an action, which sees its control's variables) the action's body
// does not name it. Otherwise it is copied in, and copied out when the callee ends in whatever way.
#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"
#include "ir/walk.h"

namespace p4bpf::ir {

Value Elaboration::eval_call(ast::ExprId id, const ast::Call& call, bool wants_result) {
  const CallInfo& info = typed_.call_of[id];
  const Span span = at(id).span;
  using Kind = CallInfo::Kind;
  switch (info.kind) {
    case Kind::kFunction:
      return call_function(id, call, info, wants_result);
    case Kind::kMethod:
      return call_method(id, call, info, wants_result);
    case Kind::kAction:
      call_action(info, call.arguments, span);
      return {};
    case Kind::kApplyTable:
      apply_table(call, info.callee, false, false, span);
      return {};
    case Kind::kApplyBlock:
      call_block(id, call, info);
      return {};
    case Kind::kConstructor:
      return construct(info, call.arguments, type_of(id), join(env().path, ast()[info.callee].name.text), span);
    case Kind::kIsValid:
    case Kind::kSetValid:
    case Kind::kSetInvalid:
      return call_header_method(call, info, span);
    case Kind::kPushFront:
    case Kind::kPopFront:
      shift_stack(call, info.kind == Kind::kPushFront, span);
      return {};
    case Kind::kStaticAssert:
      return {out_.constant(Type::boolean(), 1, span)};
    default:
      unsupported(span, "this call is not supported");
  }
}

// ---- binding ------------------------------------------------------------------------------------------------------

/// Evaluates the arguments from left to right as they are written; an earlier value that a later argument could change
/// is saved.
std::vector<Elaboration::Bound> Elaboration::eval_arguments(
    const std::vector<ast::DeclId>& params, const std::vector<ast::Argument>& arguments,
    const std::vector<std::optional<std::size_t>>& argument_of_param, Env& callee) {
  std::vector<Bound> result(params.size());
  std::vector<std::size_t> param_of_argument(arguments.size(), params.size());
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto& param = std::get<ast::Param>(ast()[params[i]].node);
    result[i].param = params[i];
    result[i].is_written = param.direction == ast::Direction::kOut || param.direction == ast::Direction::kInout;
    result[i].is_read = param.direction != ast::Direction::kOut;
    const std::optional<std::size_t> argument = i < argument_of_param.size() ? argument_of_param[i] : std::nullopt;
    if (argument) {
      param_of_argument.at(*argument) = i;
    } else if (param.default_value) {
      Scoped<Frame> frame(frame_, frame_);
      frame_.env = &callee;
      result[i].value = eval(param.default_value);
    }
  }
  std::size_t last_effect = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (has_effects(arguments[i].value)) last_effect = i;
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ast::ExprId expr = arguments[i].value;
    if (param_of_argument[i] == params.size()) continue;
    Bound& bound = result[param_of_argument[i]];
    bound.expr = expr;
    if (std::holds_alternative<ast::DontCareExpr>(at(expr).node)) continue;  // an out argument that nobody wants
    bound.value = eval(expr);
    if (bound.is_written) {
      bound.value = freeze_place(bound.value, at(expr).span);
      if (bound.is_read && i < last_effect)
        bound.early = freeze(bound.value, join(callee.path, ast()[bound.param].name.text), at(expr).span);
    } else if (i < last_effect) {
      bound.value = freeze(bound.value, join(callee.path, ast()[bound.param].name.text), at(expr).span);
    }
  }
  return result;
}

/// The value that an `in` parameter has in the callee. What is not at a fixed place is computed once.
Value Elaboration::bind_in(const Bound& bound, bool by_reference, const std::string& name, Span span) {
  if (std::holds_alternative<std::monostate>(bound.value.node)) return bound.value;
  if (is_fixed(bound.value, true) && by_reference) return bound.value;
  return freeze(bound.value, name, span);
}

std::vector<Elaboration::CopyOut> Elaboration::bind_arguments(
    const std::vector<ast::DeclId>& params, const std::vector<ast::Argument>& arguments,
    const std::vector<std::optional<std::size_t>>& argument_of_param, Env& callee,
    const std::set<ast::DeclId>* touched) {
  const std::vector<Bound> all = eval_arguments(params, arguments, argument_of_param, callee);
  std::vector<std::vector<Leaf>> used;
  for (const Bound& bound : all) used.push_back(leaves(bound.value));
  const auto is_alone = [&](std::size_t index) {
    for (std::size_t other = 0; other < all.size(); ++other) {
      const bool matters = all[index].is_written || all[other].is_written;
      if (other != index && matters && overlap(used[index], used[other])) return false;
    }
    if (touched == nullptr || !all[index].expr) return true;
    std::set<ast::DeclId> names;
    add_names(all[index].expr, names);
    for (const ast::DeclId name : names) {
      if (touched->count(name) != 0) return false;
    }
    return true;
  };
  std::vector<CopyOut> copy_outs;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Bound& bound = all[i];
    const ast::Decl& param = ast()[bound.param];
    const Span span = bound.expr ? at(bound.expr).span : param.name.span;
    const std::string name = join(callee.path, param.name.text);
    Value& place = callee.values[bound.param];
    if (!bound.is_written) {
      place = bind_in(bound, is_alone(i), name, span);
      continue;
    }
    const bool is_unwanted = std::holds_alternative<std::monostate>(bound.value.node);
    if (!is_unwanted && !bound.early && is_fixed(bound.value, false) && is_alone(i)) {
      place = bound.value;
      if (!bound.is_read) reset(place, span);
      continue;
    }
    place = value_of(storage(bind(typed_.type_of_decl[bound.param], callee), name, span));
    if (bound.is_read) {
      store(place, bound.early.value_or(bound.value), span);
    } else if (frame_.repeats) {
      reset(place, span);
    }
    if (!is_unwanted) copy_outs.push_back({bound.value, place});
  }
  return copy_outs;
}

void Elaboration::copy_out(const std::vector<CopyOut>& copy_outs, Span span) {
  for (const CopyOut& one : copy_outs) store(one.target, one.temporary, span);
}

// ---- names that an action's body mentions ---------------------------------------------------------------------------

/// The variables and parameters that an expression names, and what the actions and functions that it calls name.
void Elaboration::add_names(ast::ExprId id, std::set<ast::DeclId>& names) const {
  if (!id) return;
  const auto add = [&](ast::ExprId one) { add_names(one, names); };
  std::visit(Match{[&](const ast::NameExpr&) {
                     const ast::DeclId decl = typed_.decl_of[id];
                     if (decl) names.insert(decl);
                   },
                   [&](const ast::Member& node) { add(node.base); },
                   [&](const ast::Index& node) { add(node.base), add(node.index); },
                   [&](const ast::Slice& node) { add(node.base); },
                   [&](const ast::PlusSlice& node) { add(node.base), add(node.lo); },
                   [&](const ast::Unary& node) { add(node.operand); },
                   [&](const ast::Binary& node) { add(node.left), add(node.right); },
                   [&](const ast::Conditional& node) { add(node.condition), add(node.yes), add(node.no); },
                   [&](const ast::Cast& node) { add(node.operand); },
                   [&](const ast::Call& node) {
                     add(node.callee);
                     const CallInfo& info = typed_.call_of[id];
                     if (info.kind == CallInfo::Kind::kAction) names.insert(info.callee);
                     for (const ast::Argument& one : node.arguments) add(one.value);
                   },
                   [&](const ast::ListExpr& node) {
                     for (const ast::ExprId one : node.elements) add(one);
                   },
                   [&](const ast::StructExpr& node) {
                     for (const ast::Argument& one : node.fields) add(one.value);
                   },
                   [&](const ast::MaskExpr& node) { add(node.value), add(node.mask); },
                   [&](const ast::RangeExpr& node) { add(node.lo), add(node.hi); }, [](const auto&) {}},
             at(id).node);
}

void Elaboration::add_names(ast::StmtId id, std::set<ast::DeclId>& names) const {
  if (!id) return;
  const auto add = [&](auto one) { add_names(one, names); };
  std::visit(Match{[&](const ast::Block& node) {
                     for (const ast::StmtId one : node.statements) add(one);
                   },
                   [&](const ast::Assign& node) { add(node.left), add(node.right); },
                   [&](const ast::CallStmt& node) { add(node.call); },
                   [&](const ast::If& node) { add(node.condition), add(node.then_branch), add(node.else_branch); },
                   [&](const ast::Return& node) { add(node.value); },
                   [&](const ast::Switch& node) {
                     add(node.subject);
                     for (const ast::SwitchCase& one : node.cases) add(one.body);
                   },
                   [&](const ast::For& node) {
                     for (const ast::StmtId one : node.init) add(one);
                     add(node.condition);
                     for (const ast::StmtId one : node.update) add(one);
                     add(node.body);
                   },
                   [&](const ast::ForIn& node) { add(node.target), add(node.collection), add(node.body); },
                   [&](const ast::DeclStmt& node) {
                     const auto* variable = std::get_if<ast::VarDecl>(&ast()[node.declaration].node);
                     if (variable != nullptr) add(variable->initial);
                   },
                   [](const auto&) {}},
             ast()[id].node);
}

/// All that an action's body and the actions that it calls mention.
const std::set<ast::DeclId>& Elaboration::touched_by(ast::DeclId action) {
  const auto [at, is_new] = touched_.try_emplace(action);
  if (!is_new) return at->second;
  std::set<ast::DeclId> names;
  add_names(std::get<ast::ActionDecl>(ast()[action].node).body, names);
  const std::set<ast::DeclId> direct = names;
  for (const ast::DeclId name : direct) {
    if (!std::holds_alternative<ast::ActionDecl>(ast()[name].node)) continue;
    const std::set<ast::DeclId> inner = touched_by(name);
    names.insert(inner.begin(), inner.end());
  }
  return touched_[action] = std::move(names);
}

// ---- inlining -----------------------------------------------------------------------------------------------------

void Elaboration::splice(BlockId block) {
  std::vector<Stmt> moved = std::move(program_.blocks.edit(block).statements);
  program_.blocks.edit(block).statements.clear();
  std::vector<Stmt>& into = program_.blocks.edit(out_.block()).statements;
  into.insert(into.end(), std::make_move_iterator(moved.begin()), std::make_move_iterator(moved.end()));
}

/// Of all that the block holds from there on, with what hangs in it. What was a step by itself is part of this one.
void Elaboration::mark_step(BlockId block, std::size_t from, StepId step) {
  const std::size_t count = program_[block].statements.size();
  for (std::size_t i = from; i < count; ++i) {
    Stmt& stmt = program_.blocks.edit(block).statements[i];
    if (stmt.step && program_[stmt.step].is_atomic) program_.steps.edit(step).is_atomic = true;
    stmt.step = step;
    for_each_block(std::as_const(stmt), [&](BlockId inner) { mark_step(inner, 0, step); });
  }
}

void Elaboration::leave(Jump* jump, Span span) {
  if (jump == nullptr) unsupported(span, "this statement cannot leave its block here");
  if (!jump->label) jump->label = program_.labels.add(Label{jump->name});
  out_.add(Leave{jump->label}, span);
}

Env Elaboration::callee_env(ast::DeclId callee, const Env* parent, const std::vector<ast::DeclId>& type_params,
                            const std::vector<TypeId>& type_arguments) {
  Env result;
  result.parent = parent;
  result.instance = parent->instance;
  result.type_params = parent->type_params;
  result.type_arguments = parent->type_arguments;
  for (std::size_t i = 0; i < type_params.size() && i < type_arguments.size(); ++i) {
    result.type_params.push_back(type_params[i]);
    result.type_arguments.push_back(bind(type_arguments[i]));
  }
  result.path = join(parent->path, ast()[callee].name.text);
  return result;
}

const Env* Elaboration::application_env() const {
  for (const Env* scope = frame_.env; scope != nullptr; scope = scope->parent) {
    if (scope->is_application) return scope;
  }
  return &globals_;
}

Value Elaboration::call_function(ast::ExprId id, const ast::Call& call, const CallInfo& info, bool wants_result) {
  const Span span = at(id).span;
  const ast::Decl& decl = ast()[info.callee];
  const auto& function = std::get<ast::FunctionDecl>(decl.node);
  if (!function.body) {
    if (decl.name.text == "verify") {
      verify(call, info, span);
      return {};
    }
    if (decl.name.text == "add_entry" && !is_user_declared(decl.name.span))
      return add_entry(id, call, info, wants_result);
    return call_extern(id, call, info, {}, wants_result);
  }
  check_size(span);
  Env callee = callee_env(info.callee, &globals_, function.type_params, info.type_arguments);
  const std::vector<CopyOut> copy_outs =
      bind_arguments(function.params, call.arguments, info.argument_of_param, callee, nullptr);
  const TypeId return_type = bind(typed_.type_of_ref[function.return_type], callee);
  const bool is_void = typed_.types.get<type::Void>(return_type) != nullptr;
  Frame frame;
  frame.env = &callee;
  frame.parser = frame_.parser;
  frame.repeats = frame_.repeats;
  frame.return_type = return_type;
  // A function that is one expression is that expression.
  const auto& body = std::get<ast::Block>(ast()[function.body].node);
  if (body.statements.size() == 1 && copy_outs.empty() && !is_void) {
    const auto* only = std::get_if<ast::Return>(&ast()[body.statements.front()].node);
    if (only != nullptr && only->value) {
      Scoped<Frame> scope(frame_, frame);
      return convert(eval(only->value), return_type, span);
    }
  }
  Value result;
  if (!is_void) {
    result = value_of(storage(return_type, join(callee.path, "return"), span));
    if (frame.repeats) reset(result, span);
    frame.return_place = &result;
  }
  Jump on_return{"return of " + callee.path, {}};
  frame.on_return = &on_return;
  with_region(on_return, span, [&] {
    Scoped<Frame> scope(frame_, frame);
    statement(function.body, true);
  });
  copy_out(copy_outs, span);
  return result;
}

void Elaboration::call_action(const CallInfo& info, const std::vector<ast::Argument>& arguments, Span span) {
  Env callee = callee_env(info.callee, application_env(), {}, {});
  const auto& action = std::get<ast::ActionDecl>(ast()[info.callee].node);
  const std::vector<CopyOut> copy_outs =
      bind_arguments(action.params, arguments, info.argument_of_param, callee, &touched_by(info.callee));
  inline_action(info.callee, callee, copy_outs, span);
}

void Elaboration::inline_action(ast::DeclId id, Env& callee, const std::vector<CopyOut>& copy_outs, Span span) {
  check_size(span);
  const auto& action = std::get<ast::ActionDecl>(ast()[id].node);
  const bool is_atomic = ast::find_annotation(ast()[id].annotations, "atomic") != nullptr;
  const auto body = [&] {
    Jump on_return{"return of " + callee.path, {}};
    Frame frame;
    frame.env = &callee;
    frame.on_exit = frame_.on_exit;
    frame.on_return = &on_return;
    frame.applied = frame_.applied;
    frame.parser = frame_.parser;
    frame.repeats = frame_.repeats;
    with_region(on_return, span, [&] {
      Scoped<Frame> scope(frame_, frame);
      statement(action.body, true);
    });
  };
  with_step(span, is_atomic, [&] { with_copy_out(copy_outs, span, body); });
}

/// The object of `object.apply(...)`; for `Type.apply(...)` an instance of its own for this place in the program.
std::shared_ptr<const BlockInstance> Elaboration::applied_instance(ast::ExprId id, const ast::Call& call,
                                                                   const CallInfo& info) {
  const Span span = at(id).span;
  const auto* callee = std::get_if<ast::Member>(&at(call.callee).node);
  if (callee == nullptr) unsupported(span, "this application is not supported");
  if (!info.is_direct_apply) {
    const Value object = eval(callee->base);
    const auto* block = std::get_if<std::shared_ptr<const BlockInstance>>(&object.node);
    if (block == nullptr) unsupported(span, "this object cannot be applied");
    return *block;
  }
  const BlockInstance* owner = env().instance;
  if (owner != nullptr) {
    const auto known = owner->direct_applications.find(id);
    if (known != owner->direct_applications.end()) return known->second;
  }
  CallInfo constructor;
  constructor.kind = CallInfo::Kind::kConstructor;
  constructor.callee = info.callee;
  constructor.type_arguments = info.type_arguments;
  const std::string path = owner != nullptr ? owner->path : std::string();
  std::shared_ptr<const BlockInstance> made =
      construct_block(constructor, {}, join(path, ast()[info.callee].name.text), span);
  if (owner != nullptr) owner->direct_applications[id] = made;
  return made;
}

void Elaboration::call_block(ast::ExprId id, const ast::Call& call, const CallInfo& info) {
  const Span span = at(id).span;
  check_size(span);
  const std::shared_ptr<const BlockInstance> block = applied_instance(id, call, info);
  Env inner = application(*block);
  const std::vector<CopyOut> copy_outs =
      bind_arguments(params_of(*block), call.arguments, info.argument_of_param, inner, nullptr);
  if (std::holds_alternative<ast::ParserDecl>(ast()[block->decl].node))
    return apply_parser(*block, inner, copy_outs, span);
  with_copy_out(copy_outs, span, [&] { inline_control(*block, inner); });
}

}  // namespace p4bpf::ir
