// The flow analysis over expressions, conditions, calls and tables: see flow.h.
#include "frontend/warnings/flow.h"
#include "frontend/warnings/walk.h"

namespace p4bpf::warnings {
namespace {

/// Calls within calls; a chain of actions that is longer is not followed.
constexpr int kMaxDepth = 50;

}  // namespace

/// The indices within an lvalue are read wherever it stands.
void Flow::read_indices(ExprId id, State& state) {
  while (id) {
    if (const auto* index = f_.expr<ast::Index>(id)) read(index->index, state);
    if (const auto* slice = f_.expr<ast::PlusSlice>(id)) read(slice->lo, state);
    id = lvalue_base(f_.ast[id]);
  }
}

void Flow::read_place(ExprId id, State& state) {
  const ExprId root = lvalue_root(f_.ast, id);
  if (f_.expr<ast::NameExpr>(root) == nullptr) read(root, state);
  read_indices(id, state);
  const Place place = places_.of(id);
  if (!place || quiet_ > 0 || state.is_dead) return;
  if (place.is_header_field) {
    if (place.validity_count == 0) return;
    uses_.record(id, Uses::What::kHeaderField, place, Uses::level_of(state.validity, place.validity));
    return;
  }
  if (place.value_count == 0) return;
  // A struct is read as a whole: it is wrong if nothing of it has a value.
  Uses::Level level = Uses::level_of(state.values, place.value);
  for (std::uint32_t i = 1; i < place.value_count; ++i) {
    const bool is_sure = Uses::level_of(state.values, place.value + i) == Uses::Level::kSure;
    level = is_sure && level == Uses::Level::kSure ? level : Uses::Level::kFine;
  }
  if (place.validity_count == 0) uses_.record(id, Uses::What::kValue, place, level);
}

void Flow::check_write(ExprId id, const Place& place, const State& state) {
  if (!place.is_header_field || place.validity_count == 0 || quiet_ > 0 || state.is_dead) return;
  const bool is_sure = Uses::level_of(state.validity, place.validity) == Uses::Level::kSure;
  uses_.record(id, Uses::What::kHeaderWrite, place, is_sure ? Uses::Level::kSure : Uses::Level::kFine);
}

void Flow::read(ExprId id, State& state) {
  if (!id || state.is_dead || f_.program.constant_of[id]) return;
  const ast::Expr& expr = f_.ast[id];
  std::visit(Match{
                 [&](const ast::NameExpr&) { read_place(id, state); },
                 [&](const ast::Member&) { read_place(id, state); },
                 [&](const ast::Index&) { read_place(id, state); },
                 [&](const ast::Slice&) { read_place(id, state); },
                 [&](const ast::PlusSlice&) { read_place(id, state); },
                 [&](const ast::Call&) { call(id, state); },
                 [&](const ast::Conditional& n) {
                   const State before = state;
                   State no;
                   condition(n.condition, state, no);
                   read(n.yes, state);
                   read(n.no, no);
                   join(state, no);
                   state.end_excuse(before);
                 },
                 [&](const ast::Binary& n) {
                   if (n.op != ast::BinaryOp::kAnd && n.op != ast::BinaryOp::kOr) {
                     for_each_part(expr, [&](ExprId part) { read(part, state); });
                     return;
                   }
                   const State before = state;
                   State no;
                   condition(id, state, no);
                   join(state, no);
                   state.end_excuse(before);
                 },
                 [&](const auto&) { for_each_part(expr, [&](ExprId part) { read(part, state); }); },
             },
             expr.node);
}

/// Calls that tell more than a value: isValid() of one header.
bool Flow::condition_of_call(ExprId id, State& yes, State& no) {
  if (f_.program.call_of[id].kind != CallInfo::Kind::kIsValid) return false;
  const auto* callee = f_.expr<ast::Member>(std::get<ast::Call>(f_.ast[id].node).callee);
  if (callee == nullptr) return false;
  read_indices(callee->base, yes);
  no = yes;
  const Place place = places_.of(callee->base);
  if (place && !place.is_part && places_.is_header(place.type) && place.validity_count == 1) {
    yes.validity.set(place.validity, false, true);
    no.validity.set(place.validity, true, false);
  }
  return true;
}

void Flow::condition(ExprId id, State& yes, State& no) {
  no = State{};
  if (!may_go_on(yes)) return;
  if (const std::optional<ConstValue>& value = f_.program.constant_of[id]; value) {
    const bool* truth = std::get_if<bool>(&value->value);
    if (truth != nullptr && !*truth) std::swap(yes, no);
    if (truth != nullptr) return;
  }
  const auto* unary = f_.expr<ast::Unary>(id);
  const auto* binary = f_.expr<ast::Binary>(id);
  if (unary != nullptr && unary->op == ast::Unary::Op::kNot) {
    condition(unary->operand, yes, no);
    std::swap(yes, no);
  } else if (binary != nullptr && binary->op == ast::BinaryOp::kAnd) {
    State right_no;
    condition(binary->left, yes, no);
    condition(binary->right, yes, right_no);
    join(no, right_no);
  } else if (binary != nullptr && binary->op == ast::BinaryOp::kOr) {
    State otherwise;
    condition(binary->left, yes, otherwise);
    condition(binary->right, otherwise, no);
    join(yes, otherwise);
  } else if (f_.expr<ast::Call>(id) == nullptr || !condition_of_call(id, yes, no)) {
    read(id, yes);
    no = yes;
  }
  yes.excuse();
  no.excuse();
}

void Flow::call(ExprId id, State& state) {
  if (!may_go_on(state)) return;
  using Is = CallInfo::Kind;
  const auto& node = std::get<ast::Call>(f_.ast[id].node);
  const CallInfo& info = f_.program.call_of[id];
  const auto* callee = f_.expr<ast::Member>(node.callee);
  switch (info.kind) {
    case Is::kFunction:
    case Is::kMethod:
      call_unknown(std::get<ast::FunctionDecl>(f_.ast[info.callee].node).params, info.argument_of_param, node.arguments,
                   state);
      return;
    case Is::kAction:
      call_action(info.callee, info.argument_of_param, node.arguments, state);
      return;
    case Is::kApplyTable:
      apply_table(info.callee, state, nullptr);
      return;
    case Is::kApplyBlock:
      call_block(info.callee, info.argument_of_param, node.arguments, state);
      return;
    case Is::kSetValid:
    case Is::kSetInvalid:
      if (callee == nullptr) return;
      read_indices(callee->base, state);
      if (const Place place = places_.of(callee->base); place && !place.is_part && places_.is_header(place.type)) {
        set_place(place, info.kind == Is::kSetInvalid, state);
      }
      return;
    case Is::kIsValid:
      if (callee != nullptr) read_indices(callee->base, state);
      return;
    case Is::kPushFront:
    case Is::kPopFront:
    case Is::kNone:
      for (const ast::Argument& argument : node.arguments) read(argument.value, state);
      return;
    default:
      return;
  }
}

/// Whoever is called reads what goes in; what comes out is good.
void Flow::call_unknown(const Params& params, const ArgumentOf& argument_of, const Arguments& arguments, State& state) {
  // `verify_checksum(h.isValid(), { h.f }, ...)`: a bool that goes in says whether the rest is looked at. What it asks
  // for may be so, even if nothing here makes it so.
  const State before = state;
  bool has_condition = false;
  for (const ast::Argument& argument : arguments) {
    const TypeId type = f_.program.type_of[argument.value];
    if (!type || f_.program.types.get<type::Bool>(type) == nullptr || f_.program.constant_of[argument.value]) continue;
    State looked_at = before, otherwise;
    condition(argument.value, looked_at, otherwise);
    join(state, looked_at);
    has_condition = true;
  }
  if (has_condition) state.excuse();
  std::vector<Place> targets;
  bind(params, argument_of, arguments, state, targets);
  if (has_condition) state.validity = before.validity;
  for (const Place& target : targets) set_place(target, false, state);
  if (has_condition) state.end_excuse(before);
}

/// Reads the arguments, and gives the parameters that have places what their arguments are. `targets` gets a place for
/// each parameter: where to put back what comes out, nothing where nothing does.
void Flow::bind(const Params& params, const ArgumentOf& argument_of, const Arguments& arguments, State& state,
                std::vector<Place>& targets) {
  targets.assign(params.size(), Place{});
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (i >= argument_of.size() || !argument_of[i] || *argument_of[i] >= arguments.size()) continue;
    const ExprId argument = arguments[*argument_of[i]].value;
    const auto& param = std::get<ast::Param>(f_.ast[params[i]].node);
    const Place place = places_.of(argument);
    const bool goes_out = param.direction == ast::Direction::kOut || param.direction == ast::Direction::kInout;
    if (param.direction != ast::Direction::kOut && (!goes_out || place.value_count == 1)) {
      read(argument, state);
    } else {
      read_indices(argument, state);
    }
    if (goes_out) {
      check_write(argument, place, state);
      targets[i] = place;
    }
  }
}

void Flow::call_action(DeclId action, const ArgumentOf& argument_of, const Arguments& arguments, State& state) {
  const auto* node = f_.decl<ast::ActionDecl>(action);
  if (node == nullptr || !may_go_on(state)) return;
  if (depth_ >= kMaxDepth) {
    has_given_up_ = true;
    return;
  }
  ++depth_;
  std::vector<Place> targets;
  bind(node->params, argument_of, arguments, state, targets);
  const Places::Mark mark = places_.mark();
  for (std::size_t i = 0; i < node->params.size(); ++i) {
    enter_param(node->params[i], state);
    const bool comes_in = std::get<ast::Param>(f_.ast[node->params[i]].node).direction != ast::Direction::kOut;
    if (comes_in && i < argument_of.size() && argument_of[i]) {
      copy_place(places_.of_decl(node->params[i]), places_.of(arguments[*argument_of[i]].value), state);
    }
  }
  State returned;
  State* const outer = std::exchange(returned_, &returned);
  Loop* const outer_loop = std::exchange(loop_, nullptr);
  exec(node->body, state);
  join(state, returned);
  returned_ = outer;
  loop_ = outer_loop;
  check_outs(node->params, state, false);
  unbind(node->params, targets, state);
  places_.release(mark);
  --depth_;
}

void Flow::unbind(const Params& params, const std::vector<Place>& targets, State& state) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (targets[i] && !state.is_dead) copy_place(targets[i], places_.of_decl(params[i]), state);
  }
}

void Flow::call_block(DeclId block, const ArgumentOf& argument_of, const Arguments& arguments, State& state) {
  const auto* control = f_.decl<ast::ControlDecl>(block);
  const auto* parser = f_.decl<ast::ParserDecl>(block);
  const auto* type = f_.decl<ast::BlockTypeDecl>(block);
  const Params& params = control != nullptr ? control->params : parser != nullptr ? parser->params : type->params;
  if (depth_ >= kMaxDepth || type != nullptr) {
    has_given_up_ |= type == nullptr;
    call_unknown(params, argument_of, arguments, state);
    return;
  }
  ++depth_;
  std::vector<Place> targets;
  bind(params, argument_of, arguments, state, targets);
  const Places::Mark mark = places_.mark();
  for (std::size_t i = 0; i < params.size(); ++i) {
    enter_param(params[i], state);
    const bool comes_in = std::get<ast::Param>(f_.ast[params[i]].node).direction != ast::Direction::kOut;
    if (comes_in && i < argument_of.size() && argument_of[i]) {
      copy_place(places_.of_decl(params[i]), places_.of(arguments[*argument_of[i]].value), state);
    }
  }
  visited_.insert(block);
  state = control != nullptr ? run_control(*control, std::move(state)) : run_parser(*parser, std::move(state));
  unbind(params, targets, state);
  places_.release(mark);
  --depth_;
}

void Flow::apply_table(DeclId table, State& state, Outcomes* outcomes) {
  const auto& node = std::get<ast::TableDecl>(f_.ast[table].node);
  const TypedProgram::TableInfo& info = f_.program.tables[table];
  const State before = state;
  // With isValid() among the keys, or a mask, the entries know which packets they are for.
  bool may_tell = false;
  for (std::size_t i = 0; i < node.key.size(); ++i) {
    const DeclId kind = i < info.key_match_kinds.size() ? info.key_match_kinds[i] : DeclId{};
    may_tell |= !kind || (f_.name(kind) != "exact" && f_.name(kind) != "lpm");
    may_tell |= f_.program.call_of[node.key[i].expr].kind == CallInfo::Kind::kIsValid;
  }
  if (may_tell) state.excuse();
  for (const ast::KeyElement& key : node.key) read(key.expr, state);
  if (state.is_dead) return;
  // Which action runs is a condition too.
  state.excuse();
  State result;
  for (std::size_t i = 0; i < info.actions.size() && i < node.actions.size(); ++i) {
    State one = state;
    call_action(info.actions[i].action, info.actions[i].argument_of_param, node.actions[i].arguments, one);
    join(result, one);
    if (outcomes != nullptr) outcomes->emplace_back(info.actions[i].action, std::move(one));
  }
  if (!info.default_action || info.actions.empty()) join(result, state);
  state = std::move(result);
  if (state.is_dead) return;
  state.end_excuse(before);
  state.validity.excuse_new(before.validity);
}

}  // namespace p4bpf::warnings
