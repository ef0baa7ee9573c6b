// Elaboration of parsers (P4_16 section 12). A sub-parser's states are spliced in where it is applied: its accept goes
// on behind the application, its reject rejects. Select cases that the IR's matches cannot express (value sets, sets
// known at run time) become bool keys computed before the transition.
#include <fmt/format.h>

#include "base/result.h"
#include "ir/elaborate_internal.h"

namespace p4bpf::ir {

std::size_t Elaboration::new_state(const std::string& name, Span span) {
  State state;
  state.name = name;
  state.body = nested().block();
  state.span = span;
  frame_.parser->states.push_back(std::move(state));
  return frame_.parser->states.size() - 1;
}

void Elaboration::enter_state(std::size_t state) {
  frame_.parser->current = state;
  out_ = Builder(program_, frame_.parser->states[state].body);
}

void Elaboration::direct_transition(StateTarget target, Span span) {
  Transition& transition = frame_.parser->states[frame_.parser->current].transition;
  transition.cases.push_back({{}, target, span});
  transition.span = span;
}

/// Declares the parser's variables in the current state, goes to its start, and elaborates the states that can be
/// reached.
void Elaboration::splice_parser(const BlockInstance& block, Env& scope, StateTarget accept, const std::string& prefix) {
  const auto& parser = std::get<ast::ParserDecl>(ast()[block.decl].node);
  const Span span = ast()[block.decl].name.span;
  Frame frame;
  frame.env = &scope;
  frame.parser = frame_.parser;
  frame.repeats = true;
  Scoped<Frame> in(frame_, frame);
  declare_locals(parser.locals);
  ParserApplication application_states;
  application_states.accept = accept;
  application_states.prefix = prefix;
  ast::DeclId start;
  for (const ast::DeclId state : parser.states) {
    if (ast()[state].name.text == "start") start = state;
  }
  if (!start) abandon(DiagnosticKind::kBadState, span, "the parser has no state 'start'");
  direct_transition(state_target({start, false}, application_states), span);
  while (!application_states.pending.empty()) {
    const ast::DeclId next = application_states.pending.back();
    application_states.pending.pop_back();
    enter_state(application_states.state_of.at(next));
    elaborate_state(next, application_states);
  }
}

StateTarget Elaboration::state_target(const TypedProgram::StateTarget& target, ParserApplication& states) {
  if (target.is_reject) return {StateTarget::Kind::kReject, 0};
  if (!target.state) return states.accept;
  const auto known = states.state_of.find(target.state);
  if (known != states.state_of.end()) return {StateTarget::Kind::kState, known->second};
  const ast::Decl& decl = ast()[target.state];
  const std::size_t index = new_state(states.prefix + decl.name.text, decl.name.span);
  states.state_of[target.state] = index;
  states.pending.push_back(target.state);
  return {StateTarget::Kind::kState, index};
}

void Elaboration::elaborate_state(ast::DeclId id, ParserApplication& states) {
  const auto& state = std::get<ast::StateDecl>(ast()[id].node);
  with_annotations(ast()[id].annotations, ast()[id].span, [&] { statements(state.statements, false); });
  try {
    transition(id, state, states);
  } catch (const Abandoned&) {
  }
}

void Elaboration::transition(ast::DeclId id, const ast::StateDecl& state, ParserApplication& states) {
  const Span span = state.transition.span;
  const std::vector<TypedProgram::StateTarget>& resolved = typed_.state_targets[id];
  std::vector<StateTarget> targets;
  for (const TypedProgram::StateTarget& target : resolved) targets.push_back(state_target(target, states));
  if (const auto* node = std::get_if<ast::Select>(&state.transition.target)) return select(*node, targets, span);
  direct_transition(targets.empty() ? StateTarget{} : targets.front(), span);
}

// ---- select -------------------------------------------------------------------------------------------------------

void Elaboration::select(const ast::Select& node, const std::vector<StateTarget>& targets, Span span) {
  std::vector<ExprId> keys;
  for (const Value& key : eval_in_order(node.keys)) {
    const auto* expr = std::get_if<ExprId>(&key.node);
    if (expr == nullptr) unsupported(span, "only single values can be selected on");
    keys.push_back(*expr);
  }
  std::vector<SelectCase> cases;
  std::vector<ExprId> tests;                     // bool keys behind the others
  std::vector<std::vector<std::size_t>> tested;  // for each case the tests that must hold
  for (std::size_t i = 0; i < node.cases.size(); ++i) {
    const ast::SelectCase& one = node.cases[i];
    tested.emplace_back();
    SelectCase result;
    result.span = one.span;
    result.target = targets.at(i);
    for (std::size_t k = 0; k < keys.size(); ++k) result.matches.push_back({});
    const auto test = [&](ExprId condition) {
      tested.back().push_back(tests.size());
      tests.push_back(condition);
    };
    match_case(one.keyset, keys, result, test);
    cases.push_back(std::move(result));
  }
  Transition& transition = frame_.parser->states[frame_.parser->current].transition;
  transition.span = span;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    cases[i].matches.resize(keys.size() + tests.size());
    for (const std::size_t test : tested[i]) {
      KeyMatch& match = cases[i].matches[keys.size() + test];
      match.kind = KeyMatch::Kind::kExact;
      match.value = 1;
    }
  }
  transition.keys = std::move(keys);
  transition.keys.insert(transition.keys.end(), tests.begin(), tests.end());
  transition.cases = std::move(cases);
}

void Elaboration::match_case(ast::ExprId keyset, const std::vector<ExprId>& keys, SelectCase& result,
                             const std::function<void(ExprId)>& test) {
  const ast::Expr& expr = at(keyset);
  if (std::holds_alternative<ast::DontCareExpr>(expr.node)) return;
  if (const ast::DeclId set = value_set_named(keyset)) return test(value_set_hit(set, keys, expr.span));
  ExprIds parts_of_set{keyset};
  if (const auto* list = std::get_if<ast::ListExpr>(&expr.node)) parts_of_set = list->elements;
  if (parts_of_set.size() != keys.size())
    unsupported(expr.span, "this set does not have as many parts as there are keys");
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (const ast::DeclId set = value_set_named(parts_of_set[k])) {
      test(value_set_hit(set, {keys[k]}, expr.span));
    } else if (const auto match = constant_match(parts_of_set[k], program_[keys[k]].type)) {
      result.matches[k] = *match;
    } else {
      test(keyset_test(parts_of_set[k], keys[k], expr.span));
    }
  }
}

ast::DeclId Elaboration::value_set_named(ast::ExprId keyset) const {
  if (!std::holds_alternative<ast::NameExpr>(at(keyset).node)) return {};
  const ast::DeclId decl = typed_.decl_of[keyset];
  return decl && std::holds_alternative<ast::ValueSetDecl>(ast()[decl].node) ? decl : ast::DeclId{};
}

/// Looks the keys up in the value set, before the transition.
ExprId Elaboration::value_set_hit(ast::DeclId decl, const std::vector<ExprId>& keys, Span span) {
  ApplyTable statement;
  statement.table = value_set(decl);
  const Table& table = program_[statement.table];
  if (table.keys.size() != keys.size())
    unsupported(span, "the value set does not have as many fields as there are keys");
  for (std::size_t i = 0; i < keys.size(); ++i) statement.keys.push_back(cast_to(table.keys[i].type, keys[i], span));
  statement.hit = out_.var(table.name + ".hit", Type::boolean(), span);
  const ExprId hit = out_.ref(statement.hit, span);
  out_.add(std::move(statement), span);
  return hit;
}

/// Whether `key` is in a set that is known only at run time.
ExprId Elaboration::keyset_test(ast::ExprId keyset, ExprId key, Span span) {
  const Type type = program_[key].type;
  const auto part = [&](ast::ExprId id) { return cast_to(type, eval_scalar(id), span); };
  if (const auto* mask = std::get_if<ast::MaskExpr>(&at(keyset).node)) {
    const ExprId value = part(mask->value);
    const ExprId bits = part(mask->mask);
    return out_.binary(BinaryOp::kEq, out_.binary(BinaryOp::kBitAnd, key, bits, span),
                       out_.binary(BinaryOp::kBitAnd, value, bits, span), span);
  }
  if (const auto* range = std::get_if<ast::RangeExpr>(&at(keyset).node)) {
    const ExprId lo = part(range->lo);
    const ExprId hi = part(range->hi);
    return out_.binary(BinaryOp::kAnd, out_.binary(BinaryOp::kLe, lo, key, span),
                       out_.binary(BinaryOp::kLe, key, hi, span), span);
  }
  return out_.binary(BinaryOp::kEq, key, part(keyset), span);
}

// ---- sub-parsers --------------------------------------------------------------------------------------------------

/// Whether a sub-parser is applied in the statement, outside of loops and switches.
bool Elaboration::applies_parser(ast::StmtId id) const {
  if (!id) return false;
  return std::visit(
      Match{[&](const ast::CallStmt& node) {
              const CallInfo& info = typed_.call_of[node.call];
              return info.kind == CallInfo::Kind::kApplyBlock &&
                     std::holds_alternative<ast::ParserDecl>(ast()[info.callee].node);
            },
            [&](const ast::Block& node) {
              for (const ast::StmtId one : node.statements) {
                if (applies_parser(one)) return true;
              }
              return false;
            },
            [&](const ast::If& node) { return applies_parser(node.then_branch) || applies_parser(node.else_branch); },
            [](const auto&) { return false; }},
      ast()[id].node);
}

/// An `if` with sub-parsers in its branches becomes states: one for each branch, and one behind.
void Elaboration::split_if(const ast::If& node, Span span, bool is_last) {
  const std::string name = frame_.parser->states[frame_.parser->current].name;
  const ExprId condition = eval_scalar(node.condition);
  const std::size_t from = frame_.parser->current;
  const std::size_t then_state = new_state(name + ".then", span);
  const std::size_t else_state = new_state(name + ".else", span);
  const std::size_t join_state = new_state(name + ".on", span);
  KeyMatch yes;
  yes.kind = KeyMatch::Kind::kExact;
  yes.value = 1;
  Transition& transition = frame_.parser->states[from].transition;
  transition.keys = {condition};
  transition.cases = {{{yes}, {StateTarget::Kind::kState, then_state}, span},
                      {{KeyMatch{}}, {StateTarget::Kind::kState, else_state}, span}};
  transition.span = span;
  const StateTarget behind{StateTarget::Kind::kState, join_state};
  enter_state(then_state);
  statement(node.then_branch, is_last);
  direct_transition(behind, span);
  enter_state(else_state);
  if (node.else_branch) statement(node.else_branch, is_last);
  direct_transition(behind, span);
  enter_state(join_state);
}

void Elaboration::apply_parser(const BlockInstance& block, Env& scope, const std::vector<CopyOut>& copy_outs,
                               Span span) {
  ParserBuild* build = frame_.parser;
  if (build == nullptr) unsupported(span, "a parser can only be applied in a parser or by the architecture");
  if (out_.block() != build->states[build->current].body) {
    unsupported(span, "a parser can be applied in a state or under an 'if', not inside of another statement");
  }
  const std::string name = build->states[build->current].name;
  const std::size_t behind = new_state(name + ".on", span);
  const std::size_t dot = block.path.rfind('.');
  splice_parser(block, scope, {StateTarget::Kind::kState, behind},
                block.path.substr(dot == std::string::npos ? 0 : dot + 1) + ".");
  enter_state(behind);
  copy_out(copy_outs, span);
}

// ---- the whole parser ---------------------------------------------------------------------------------------------

namespace {

/// Removes the first state, which nothing goes to.
void drop_first_state(std::vector<State>& states) {
  states.erase(states.begin());
  for (State& state : states) {
    for (SelectCase& one : state.transition.cases) {
      if (one.target.kind == StateTarget::Kind::kState) --one.target.state;
    }
  }
}

}  // namespace

ParserId Elaboration::top_parser(const BlockInstance& block, const std::vector<Storage>& arguments) {
  const Span span = ast()[block.decl].name.span;
  ParserBuild build;
  Env scope = application(block);
  const std::vector<ast::DeclId>& params = params_of(block);
  for (std::size_t i = 0; i < params.size(); ++i) scope.values[params[i]] = value_of(arguments.at(i));
  Scoped<Builder> target(out_, nested());
  Scoped<Frame> frame(frame_, Frame{});
  frame_.env = &scope;
  frame_.parser = &build;
  Parser parser;
  parser.name = block.path;
  parser.span = span;
  parser.accepted = out_.var(block.path + ".accepted", Type::boolean(), span);
  parser.error = out_.var(block.path + ".error", Type::error(), span);
  // A state of its own for the variables, because states may go back to the start.
  enter_state(new_state("locals", span));
  try {
    splice_parser(block, scope, {StateTarget::Kind::kAccept, 0}, "");
  } catch (const Abandoned&) {
  }
  const bool has_locals = !program_[build.states.front().body].statements.empty();
  const bool goes_on = build.states.size() > 1;
  if (!has_locals && goes_on) drop_first_state(build.states);
  parser.states = std::move(build.states);
  return program_.parsers.add(std::move(parser));
}

}  // namespace p4bpf::ir
