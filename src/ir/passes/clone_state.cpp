// See clone_state.h. Walks a body forwards, knowing the stacks' positions at each point.
#include "ir/passes/clone_state.h"

#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

/// What holds on both ways.
void join(Positions& into, const Positions& other) {
  for (auto at = into.begin(); at != into.end();) {
    const auto found = other.find(at->first);
    at = found != other.end() && found->second == at->second ? std::next(at) : into.erase(at);
  }
}

void join(std::optional<Positions>& into, const Positions& other) {
  if (into) {
    join(*into, other);
  } else {
    into = other;
  }
}

}  // namespace

StateCloner::StateCloner(Program& program) : program_(program), fold_(program) {
  for (const Stack& stack : program.stacks) tracked_.insert(stack.next_index);
}

// ---- expressions --------------------------------------------------------------------------------------------------

ExprId StateCloner::rewrite(ExprId id, const Positions& positions) {
  Expr expr = program_[id];
  const auto again = [&](ExprId& operand) { operand = rewrite(operand, positions); };
  if (const auto* var = std::get_if<VarRef>(&expr.node)) {
    const auto known = positions.find(var->var);
    return known == positions.end() ? id : fold_.constant(expr.type, known->second, expr.span);
  }
  std::visit(Match{[&](FieldRef& e) { e.header = rewrite(e.header, positions); },
                   [&](IsValid& e) { e.header = rewrite(e.header, positions); },
                   [&](VarbitLength& e) { e.header = rewrite(e.header, positions); }, [&](Unary& e) { again(e.operand); },
                   [&](Binary& e) { again(e.left), again(e.right); }, [&](Cast& e) { again(e.operand); },
                   [&](Slice& e) { again(e.operand); }, [&](Mux& e) { again(e.condition), again(e.yes), again(e.no); },
                   [](auto&) {}},
             expr.node);
  return fold_.simplify(id, std::move(expr));
}

HeaderRef StateCloner::rewrite(const HeaderRef& ref, const Positions& positions) {
  if (!ref.index) return ref;
  const ExprId index = rewrite(ref.index, positions);
  const BigInt* const known = fold_.value(index);
  const std::vector<HeaderId>& elements = program_[ref.stack].elements;
  if (known != nullptr && *known >= 0 && *known < elements.size()) {
    return {elements[static_cast<std::size_t>(*known)], {}, {}};
  }
  return {{}, ref.stack, index};
}

void StateCloner::rewrite(ExternArgument& argument, const Positions& positions) {
  std::visit(
      Match{[&](ExprId& id) { id = rewrite(id, positions); }, [&](HeaderRef& ref) { ref = rewrite(ref, positions); },
            [&](ExternStruct& fields) {
              for (ExternArgument& one : fields.fields) rewrite(one, positions);
            }},
      argument.value);
}

void StateCloner::rewrite(Stmt& stmt, const Positions& positions) {
  if (auto* assign = std::get_if<Assign>(&stmt.node)) {
    assign->value = rewrite(assign->value, positions);
    // A variable that is written stays itself.
    if (!std::holds_alternative<VarRef>(program_[assign->target].node))
      assign->target = rewrite(assign->target, positions);
    return;
  }
  if (auto* call = std::get_if<CallExtern>(&stmt.node)) {
    for (ExternArgument& one : call->arguments) {
      if (one.direction == ExternArgument::Direction::kIn) rewrite(one, positions);
    }
    return;
  }
  for_each_part(
      stmt, [&](ExprId& id) { id = rewrite(id, positions); }, [&](HeaderRef& ref) { ref = rewrite(ref, positions); });
}

// ---- statements ---------------------------------------------------------------------------------------------------

/// What a statement without blocks does to the positions.
void StateCloner::follow(const Stmt& stmt, Positions& positions) {
  if (const auto* assign = std::get_if<Assign>(&stmt.node)) {
    const auto* var = std::get_if<VarRef>(&program_[assign->target].node);
    if (var == nullptr || !is_tracked(var->var)) return;
    positions.erase(var->var);
    if (const BigInt* value = fold_.value(assign->value)) positions[var->var] = *value;
  } else if (const auto* shift = std::get_if<ShiftStack>(&stmt.node)) {
    const Stack& stack = program_[shift->stack];
    const auto known = positions.find(stack.next_index);
    if (known == positions.end()) return;
    const BigInt moved = known->second + shift->count;
    const BigInt size = stack.elements.size();
    known->second = moved < 0 ? BigInt(0) : moved > size ? size : moved;
  }
}

bool StateCloner::clone_if(const If& node, Span span, BlockId copy, Positions& positions) {
  const ExprId condition = rewrite(node.condition, positions);
  if (const BigInt* known = fold_.value(condition)) {
    const BlockId taken = *known != 0 ? node.then_block : node.else_block;
    return !taken || clone(taken, copy, positions);
  }
  If made{condition, program_.blocks.add({}), {}};
  Positions after_else = positions;
  const bool then_ends = clone(node.then_block, made.then_block, positions);
  bool else_ends = true;
  if (node.else_block) {
    made.else_block = program_.blocks.add({});
    else_ends = clone(node.else_block, made.else_block, after_else);
  }
  add(copy, {span, made});
  if (!then_ends) {
    positions = std::move(after_else);
  } else if (else_ends) {
    join(positions, after_else);
  }
  return then_ends || else_ends;
}

bool StateCloner::clone_switch(const Switch& node, Span span, BlockId copy, Positions& positions) {
  Switch made{rewrite(node.subject, positions), {}, {}};
  std::optional<Positions> behind;
  const auto branch = [&](BlockId body) {
    const BlockId made_body = program_.blocks.add({});
    Positions inside = positions;
    if (clone(body, made_body, inside)) join(behind, inside);
    return made_body;
  };
  for (const SwitchCase& one : node.cases) made.cases.push_back({one.values, branch(one.body)});
  if (node.default_body) {
    made.default_body = branch(node.default_body);
  } else {
    join(behind, positions);
  }
  add(copy, {span, std::move(made)});
  if (behind) positions = std::move(*behind);
  return behind.has_value();
}

bool StateCloner::clone_apply(ApplyTable node, Span span, BlockId copy, Positions& positions) {
  for (ExprId& key : node.keys) key = rewrite(key, positions);
  std::optional<Positions> behind;
  for (ActionBody& body : node.bodies) {
    const BlockId made = program_.blocks.add({});
    Positions inside = positions;
    if (clone(body.body, made, inside)) join(behind, inside);
    body.body = made;
  }
  if (node.bodies.empty()) behind = positions;
  add(copy, {span, std::move(node)});
  if (behind) positions = std::move(*behind);
  return behind.has_value();
}

bool StateCloner::clone_region(const Region& node, Span span, BlockId copy, Positions& positions) {
  const LabelId label = program_.labels.add(Label(program_[node.label]));
  labels_[node.label] = label;
  const BlockId body = program_.blocks.add({});
  std::optional<Positions> behind;
  if (clone(node.body, body, positions)) behind = positions;
  if (left_[label]) join(behind, *left_[label]);
  add(copy, {span, Region{label, body}});
  if (behind) positions = std::move(*behind);
  return behind.has_value();
}

bool StateCloner::clone_loop(const Loop& node, Span span, BlockId copy, Positions& positions) {
  std::set<VarId> written;
  add_writes(node.body, written);
  for (const VarId var : written) positions.erase(var);
  const LabelId label = program_.labels.add(Label(program_[node.label]));
  labels_[node.label] = label;
  const BlockId body = program_.blocks.add({});
  clone(node.body, body, positions);
  add(copy, {span, Loop{label, body}});
  if (!left_[label]) return false;
  positions = *left_[label];
  return true;
}

bool StateCloner::clone_statement(const Stmt& stmt, BlockId copy, Positions& positions) {
  if (const auto* node = std::get_if<If>(&stmt.node)) return clone_if(If(*node), stmt.span, copy, positions);
  if (const auto* node = std::get_if<Switch>(&stmt.node))
    return clone_switch(Switch(*node), stmt.span, copy, positions);
  if (const auto* node = std::get_if<ApplyTable>(&stmt.node)) return clone_apply(*node, stmt.span, copy, positions);
  if (const auto* node = std::get_if<Region>(&stmt.node))
    return clone_region(Region(*node), stmt.span, copy, positions);
  if (const auto* node = std::get_if<Loop>(&stmt.node)) return clone_loop(Loop(*node), stmt.span, copy, positions);
  if (const auto* node = std::get_if<Leave>(&stmt.node)) {
    const LabelId label = labels_.at(node->label);
    join(left_[label], positions);
    add(copy, {stmt.span, Leave{label}});
    return false;
  }
  Stmt made = stmt;
  rewrite(made, positions);
  follow(made, positions);
  const bool is_reject = std::holds_alternative<Reject>(made.node);
  add(copy, std::move(made));
  return !is_reject;
}

bool StateCloner::clone(BlockId body, BlockId copy, Positions& positions) {
  // A copy: blocks are added on the way, but the arena does not move them and nobody changes this one.
  const Block& from = program_[body];
  for (const Stmt& stmt : from.statements) {
    if (!clone_statement(stmt, copy, positions)) return false;
  }
  return true;
}

Transition StateCloner::clone(const Transition& transition, const Positions& positions) {
  Transition result{{}, {}, transition.span};
  for (const ExprId key : transition.keys) result.keys.push_back(rewrite(key, positions));
  for (const SelectCase& one : transition.cases) {
    bool may_match = true;
    bool must_match = true;
    for (std::size_t i = 0; i < one.matches.size(); ++i) {
      const BigInt* known = fold_.value(result.keys[i]);
      const bool is_any = one.matches[i].kind == KeyMatch::Kind::kAny;
      if (known == nullptr) {
        must_match = must_match && is_any;
      } else if (!one.matches[i].matches(*known, program_[result.keys[i]].type.width)) {
        may_match = false;
      }
    }
    if (!may_match) continue;
    result.cases.push_back(one);
    if (must_match) break;  // the cases behind are never looked at
  }
  const bool is_direct = result.cases.size() == 1 && [&] {
    for (std::size_t i = 0; i < result.keys.size(); ++i) {
      const bool is_any = result.cases.front().matches[i].kind == KeyMatch::Kind::kAny;
      if (!is_any && fold_.value(result.keys[i]) == nullptr) return false;
    }
    return true;
  }();
  if (is_direct) {
    result.keys.clear();
    result.cases.front().matches.clear();
  }
  return result;
}

// ---- what a state reads and writes --------------------------------------------------------------------------------

void StateCloner::add_reads(ExprId id, std::set<VarId>& vars) const {
  const Expr& expr = program_[id];
  if (const auto* var = std::get_if<VarRef>(&expr.node); var != nullptr && is_tracked(var->var)) vars.insert(var->var);
  for_each_operand(expr, [&](ExprId operand) { add_reads(operand, vars); });
}

void StateCloner::add_reads(BlockId block, std::set<VarId>& vars) const {
  for (const Stmt& stmt : program_[block].statements) {
    Stmt copy = stmt;
    for_each_part(
        copy, [&](ExprId& id) { add_reads(id, vars); },
        [&](HeaderRef& ref) {
          if (ref.index) add_reads(ref.index, vars);
        });
    if (const auto* shift = std::get_if<ShiftStack>(&stmt.node)) vars.insert(program_[shift->stack].next_index);
    for_each_block(stmt, [&](BlockId inner) { add_reads(inner, vars); });
  }
}

void StateCloner::add_writes(BlockId block, std::set<VarId>& vars) const {
  for (const Stmt& stmt : program_[block].statements) {
    if (const auto* assign = std::get_if<Assign>(&stmt.node)) {
      const auto* var = std::get_if<VarRef>(&program_[assign->target].node);
      if (var != nullptr && is_tracked(var->var)) vars.insert(var->var);
    }
    if (const auto* shift = std::get_if<ShiftStack>(&stmt.node)) vars.insert(program_[shift->stack].next_index);
    for_each_block(stmt, [&](BlockId inner) { add_writes(inner, vars); });
  }
}

std::set<VarId> StateCloner::reads(const State& state) const {
  std::set<VarId> result;
  add_reads(state.body, result);
  for (const ExprId key : state.transition.keys) add_reads(key, result);
  return result;
}

}  // namespace p4bpf::ir
