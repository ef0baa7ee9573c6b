// The flow analysis over statements: see flow.h.
#include "frontend/warnings/flow.h"
#include "frontend/warnings/walk.h"

namespace p4bpf::warnings {
namespace {

/// Statements times words of state: what takes longer than about a tenth of a second is given up.
constexpr std::uint64_t kMaxWork = 8'000'000;
/// Rounds until a loop knows nothing new; each slot changes twice at most, and few do.
constexpr int kMaxRounds = 16;

}  // namespace

bool Flow::may_go_on(const State& state) {
  work_ += 1 + state.values.count() + state.validity.count();
  has_given_up_ |= work_ > kMaxWork;
  return !has_given_up_ && !state.is_dead;
}

void Flow::set_place(const Place& place, bool is_bad, State& state) {
  if (!place || place.is_header_field) return;
  for (std::uint32_t i = 0; i < place.value_count; ++i) state.values.set(place.value + i, is_bad, !is_bad);
  for (std::uint32_t i = 0; i < place.validity_count; ++i) state.validity.set(place.validity + i, is_bad, !is_bad);
}

void Flow::copy_place(const Place& to, const Place& from, State& state) {
  if (!to || to.is_header_field) return;
  const bool is_alike = from && from.type == to.type && !from.is_header_field && !from.is_part && !to.is_part;
  if (!is_alike) {
    set_place(to, false, state);
    return;
  }
  const State before = state;
  for (std::uint32_t i = 0; i < to.value_count; ++i) {
    if (i < from.value_count) {
      state.values.copy(to.value + i, before.values, from.value + i);
    } else {
      state.values.set(to.value + i, false, true);
    }
  }
  for (std::uint32_t i = 0; i < to.validity_count; ++i) {
    state.validity.copy(to.validity + i, before.validity, from.validity + i);
  }
}

void Flow::assign(const Place& to, ExprId value, State& state) {
  if (f_.expr<ast::InvalidExpr>(value) != nullptr) {
    set_place(to, true, state);
    return;
  }
  copy_place(to, value ? places_.of(value) : Place{}, state);
}

void Flow::declare_variable(DeclId id, State& state) {
  const auto* variable = f_.decl<ast::VarDecl>(id);
  if (variable == nullptr) return;
  if (variable->initial) read(variable->initial, state);
  const Place place = places_.declare(id, true);
  set_place(place, true, state);
  if (variable->initial) assign(place, variable->initial, state);
}

void Flow::exec_all(const std::vector<StmtId>& statements, State& state) {
  const Places::Mark mark = places_.mark();
  for (const StmtId statement : statements) exec(statement, state);
  places_.release(mark);
}

void Flow::exec_assign(const ast::Assign& node, State& state) {
  read(node.right, state);
  if (node.op) read(node.left, state);
  read_indices(node.left, state);
  const Place place = places_.of(node.left);
  check_write(node.left, place, state);
  assign(place, node.op ? ExprId{} : node.right, state);
}

void Flow::exec_if(const ast::If& node, State& state) {
  const State before = state;
  State otherwise;
  condition(node.condition, state, otherwise);
  exec(node.then_branch, state);
  exec(node.else_branch, otherwise);
  const bool both = !state.is_dead && !otherwise.is_dead;
  join(state, otherwise);
  if (both) state.end_excuse(before);
}

void Flow::exec_switch(const ast::Switch& node, State& state) {
  const State before = state;
  Outcomes outcomes;
  const auto* member = f_.expr<ast::Member>(node.subject);
  const CallInfo* applied = member == nullptr ? nullptr : &f_.program.call_of[member->base];
  if (applied != nullptr && applied->kind == CallInfo::Kind::kApplyTable) {
    apply_table(applied->callee, state, &outcomes);
  } else {
    read(node.subject, state);
  }
  state.excuse();
  State result;
  State entry;
  bool has_default = false;
  for (const ast::SwitchCase& one : node.cases) {
    const auto* label = f_.expr<ast::DontCareExpr>(one.label);
    has_default |= label != nullptr && label->is_default;
    const DeclId action = f_.program.decl_of[one.label];
    const auto outcome = std::find_if(outcomes.begin(), outcomes.end(),
                                      [&](const auto& known) { return action && known.first == action; });
    join(entry, outcome == outcomes.end() ? state : outcome->second);
    if (!one.body) continue;
    exec(one.body, entry);
    join(result, entry);
    entry = State{};
  }
  join(result, entry);
  if (!has_default) join(result, state);
  state = std::move(result);
  state.end_excuse(before);
}

template <class Round>
void Flow::exec_loop(State& state, const Round& round) {
  Loop* const outer = loop_;
  State after;
  const auto go_round = [&](State head) {
    Loop loop;
    loop_ = &loop;
    round(head, after);
    join(after, loop.broken);
    return head;
  };
  ++quiet_;
  for (int i = 0; i < kMaxRounds && join(state, go_round(state)); ++i) {
  }
  --quiet_;
  after = State{};
  go_round(state);
  loop_ = outer;
  state = std::move(after);
  // Whether the body ran at all is a condition as well.
  state.excuse();
}

void Flow::exec_for(const ast::For& node, State& state) {
  const Places::Mark mark = places_.mark();
  for (const StmtId statement : node.init) exec(statement, state);
  exec_loop(state, [&](State& head, State& after) {
    State no;
    condition(node.condition, head, no);
    join(after, no);
    exec(node.body, head);
    join(head, loop_->continued);
    for (const StmtId statement : node.update) exec(statement, head);
  });
  places_.release(mark);
}

void Flow::exec_for_in(const ast::ForIn& node, State& state) {
  const Places::Mark mark = places_.mark();
  read(node.collection, state);
  exec_loop(state, [&](State& head, State& after) {
    join(after, head);
    if (node.variable) places_.declare(node.variable, true);
    set_place(node.variable ? places_.of_decl(node.variable) : places_.of(node.target), false, head);
    exec(node.body, head);
    join(head, loop_->continued);
  });
  places_.release(mark);
}

void Flow::exec(StmtId id, State& state) {
  if (!id || !may_go_on(state)) return;
  std::visit(Match{
                 [&](const ast::Block& n) { exec_all(n.statements, state); },
                 [&](const ast::Assign& n) { exec_assign(n, state); },
                 [&](const ast::CallStmt& n) { call(n.call, state); },
                 [&](const ast::If& n) { exec_if(n, state); },
                 [&](const ast::Return& n) {
                   if (n.value) read(n.value, state);
                   if (returned_ != nullptr) join(*returned_, state);
                   state.is_dead = true;
                 },
                 [&](const ast::Exit&) {
                   join(exited_, state);
                   state.is_dead = true;
                 },
                 [&](const ast::Break&) {
                   if (loop_ != nullptr) join(loop_->broken, state);
                   state.is_dead = true;
                 },
                 [&](const ast::Continue&) {
                   if (loop_ != nullptr) join(loop_->continued, state);
                   state.is_dead = true;
                 },
                 [](const ast::Empty&) {},
                 [&](const ast::Switch& n) { exec_switch(n, state); },
                 [&](const ast::For& n) { exec_for(n, state); },
                 [&](const ast::ForIn& n) { exec_for_in(n, state); },
                 [&](const ast::DeclStmt& n) { declare_variable(n.declaration, state); },
             },
             f_.ast[id].node);
}

}  // namespace p4bpf::warnings
