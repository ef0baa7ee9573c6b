// One walk over the blocks. A block is told what a Leave at its very end would be for nothing ("tail" labels): the
// Regions whose end follows at once.
#include "ir/passes/remove_unreachable.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ir/builder.h"
#include "ir/passes/fold.h"
#include "ir/passes/together.h"
#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

bool has_branches(const Stmt& stmt) {
  return std::holds_alternative<If>(stmt.node) || std::holds_alternative<Switch>(stmt.node) ||
         std::holds_alternative<ApplyTable>(stmt.node) || std::holds_alternative<Region>(stmt.node);
}

class Remover {
 public:
  explicit Remover(Program& program) : program_(program) {}
  /// `tail`: labels whose Leave at the end of the block does nothing.
  void clean(BlockId block, const std::set<LabelId>& tail);
  void clean_states(Parser& parser);

 private:
  void clean(Stmt& stmt, const std::set<LabelId>& tail);
  /// Whether control can reach the end. Blocks are clean.
  bool completes(const std::vector<Stmt>& statements) const {
    return statements.empty() || completes(statements.back());
  }
  bool completes(BlockId block) const { return !block || completes(program_[block].statements); }
  bool completes(const Stmt& stmt) const;
  bool is_empty(BlockId block) const { return !block || program_[block].statements.empty(); }
  bool does_nothing(const Stmt& stmt) const;
  void turn_around(Stmt& stmt);
  /// Places from which control goes somewhere: how many, and the block at whose end the last one is.
  struct Place {
    int count = 0;
    BlockId block;
  };
  Place leaves_of(BlockId block, LabelId label) const;
  bool leaves(BlockId block, LabelId label) const;
  /// Whether nothing may be brought into the statement of the block.
  bool is_amid_at(const std::vector<Stmt>& statements, const Stmt& at) const;
  Place only_end(BlockId block) const;
  Place only_end(const Stmt& stmt) const;
  bool has_tables(const Stmt& stmt) const;
  void pull_in(std::vector<Stmt>& statements);

  Program& program_;
};

bool Remover::is_amid_at(const std::vector<Stmt>& statements, const Stmt& at) const {
  const std::span<const Stmt> all(statements);
  const auto i = static_cast<std::size_t>(&at - statements.data());
  return is_amid(program_, all.first(i), at, all.subspan(i + 1));
}

/// Where the Leaves of the label are; one in a Loop, or in what must stay in one piece, counts as several.
Remover::Place Remover::leaves_of(BlockId block, LabelId label) const {
  Place all;
  for (const Stmt& stmt : program_[block].statements) {
    const auto* leave = std::get_if<Leave>(&stmt.node);
    if (leave && leave->label == label) ++all.count, all.block = block;
    for_each_block(stmt, [&](BlockId nested) {
      const Place inside = leaves_of(nested, label);
      if (inside.count == 0) return;
      const bool is_fixed = std::holds_alternative<Loop>(stmt.node) || is_amid_at(program_[block].statements, stmt);
      all.count += inside.count * (is_fixed ? 2 : 1);
      all.block = inside.block;
    });
  }
  return all;
}

bool Remover::leaves(BlockId block, LabelId label) const {
  const auto is_leave = [&](const Stmt& stmt) {
    const auto* leave = std::get_if<Leave>(&stmt.node);
    return leave != nullptr && leave->label == label;
  };
  const std::vector<Stmt>& statements = program_[block].statements;
  return std::any_of(statements.begin(), statements.end(),
                     [&](const Stmt& stmt) { return any_statement(program_, stmt, is_leave); });
}

bool Remover::has_tables(const Stmt& stmt) const {
  return any_statement(program_, stmt, [](const Stmt& one) { return std::holds_alternative<ApplyTable>(one.node); });
}

/// From where control reaches the end of `block`.
Remover::Place Remover::only_end(BlockId block) const {
  if (!block) return {2, {}};
  const std::vector<Stmt>& statements = program_[block].statements;
  if (!statements.empty() && has_branches(statements.back()))
    return is_amid_at(statements, statements.back()) ? Place{2, {}} : only_end(statements.back());
  return {completes(statements) ? 1 : 0, block};
}

Remover::Place Remover::only_end(const Stmt& stmt) const {
  Place all;
  const auto add = [&](const Place& one) {
    all.count += one.count;
    if (one.count != 0) all.block = one.block;
  };
  if (const auto* region = std::get_if<Region>(&stmt.node)) {
    add(only_end(region->body));
    add(leaves_of(region->body, region->label));
    return all;
  }
  if (const auto* apply = std::get_if<ApplyTable>(&stmt.node); apply && apply->bodies.empty()) return {2, {}};
  if (const auto* branch = std::get_if<If>(&stmt.node); branch && !branch->else_block) add({2, {}});
  if (const auto* branch = std::get_if<Switch>(&stmt.node); branch && !branch->default_body) add({2, {}});
  for_each_block(stmt, [&](BlockId nested) { add(only_end(nested)); });
  return all;
}

/// What stands behind a statement whose end is reached from one place alone goes to that place, if all of it ends in
/// leaving: there more is known. A table stays where it is, for an action's body is generated for hits and for the
/// default.
void Remover::pull_in(std::vector<Stmt>& statements) {
  if (completes(statements)) return;
  for (std::size_t i = statements.size() - 1; i-- > 0;) {
    if (has_tables(statements[i + 1])) return;
    if (!has_branches(statements[i])) continue;
    const Place place = only_end(statements[i]);
    if (place.count != 1 || program_[place.block].statements.empty()) continue;
    if (is_amid_at(statements, statements[i])) continue;
    const auto behind = statements.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    std::vector<Stmt>& to = program_.blocks.edit(place.block).statements;
    if (std::holds_alternative<Leave>(to.back().node)) to.pop_back();
    std::move(behind, statements.end(), std::back_inserter(to));
    statements.erase(behind, statements.end());
    const auto* region = std::get_if<Region>(&statements[i].node);
    if (!region || leaves(region->body, region->label)) continue;
    const BlockId body = region->body;
    statements.pop_back();
    std::vector<Stmt> inner = std::exchange(program_.blocks.edit(body).statements, {});
    std::move(inner.begin(), inner.end(), std::back_inserter(statements));
  }
}

bool Remover::does_nothing(const Stmt& stmt) const {
  return std::visit(Match{
                        [&](const If& s) { return is_empty(s.then_block) && is_empty(s.else_block); },
                        [&](const Switch& s) {
                          const auto empty = [&](const SwitchCase& one) { return is_empty(one.body); };
                          return is_empty(s.default_body) && std::all_of(s.cases.begin(), s.cases.end(), empty);
                        },
                        [&](const Region& s) { return is_empty(s.body); },
                        [](const auto&) { return false; },
                    },
                    stmt.node);
}

/// `if (c) {} else B` becomes `if (!c) B`.
void Remover::turn_around(Stmt& stmt) {
  auto* s = std::get_if<If>(&stmt.node);
  if (!s) return;
  if (is_empty(s->else_block)) s->else_block = BlockId();
  if (!is_empty(s->then_block) || !s->else_block) return;
  const ExprId negated = Builder(program_, program_.entry).negation(s->condition, program_[s->condition].span);
  s->condition = Folder(program_).simplify(negated, program_[negated]);
  s->then_block = s->else_block;
  s->else_block = BlockId();
}

void Remover::clean(BlockId block, const std::set<LabelId>& tail) {
  std::vector<Stmt> statements = std::move(program_.blocks.edit(block).statements);
  std::vector<Stmt> out;
  for (std::size_t i = 0; i < statements.size() && completes(out); ++i) {
    Stmt& stmt = statements[i];
    const bool is_last = i + 1 == statements.size();
    const auto* leave = std::get_if<Leave>(&stmt.node);
    if (leave && tail.contains(leave->label)) break;
    clean(stmt, is_last ? tail : std::set<LabelId>());
    if (does_nothing(stmt)) continue;
    turn_around(stmt);
    const auto* region = std::get_if<Region>(&stmt.node);
    if (!region || leaves(region->body, region->label)) {
      out.push_back(std::move(stmt));
      continue;
    }
    for (Stmt& inner : std::exchange(program_.blocks.edit(region->body).statements, {}))
      out.push_back(std::move(inner));
  }
  pull_in(out);
  program_.blocks.edit(block).statements = std::move(out);
}

void Remover::clean(Stmt& stmt, const std::set<LabelId>& tail) {
  if (auto* region = std::get_if<Region>(&stmt.node)) {
    std::set<LabelId> inside = tail;
    inside.insert(region->label);
    clean(region->body, inside);
  } else if (std::holds_alternative<Loop>(stmt.node) || std::holds_alternative<Deparse>(stmt.node)) {
    for_each_block(stmt, [&](BlockId body) { clean(body, {}); });
  } else {
    for_each_block(stmt, [&](BlockId body) { clean(body, tail); });
  }
}

bool Remover::completes(const Stmt& stmt) const {
  return std::visit(Match{
                        [&](const If& s) { return completes(s.then_block) || completes(s.else_block); },
                        [&](const Switch& s) {
                          const auto ends = [&](const SwitchCase& one) { return completes(one.body); };
                          return completes(s.default_body) || std::any_of(s.cases.begin(), s.cases.end(), ends);
                        },
                        [&](const ApplyTable& s) {
                          const auto ends = [&](const ActionBody& one) { return completes(one.body); };
                          return s.bodies.empty() || std::any_of(s.bodies.begin(), s.bodies.end(), ends);
                        },
                        [&](const Region& s) { return completes(s.body) || leaves(s.body, s.label); },
                        [&](const Loop& s) { return leaves(s.body, s.label); },
                        [&](const Deparse& s) { return completes(s.body); },
                        [](const Leave&) { return false; },
                        [](const Reject&) { return false; },
                        [](const Verdict&) { return false; },
                        [](const auto&) { return true; },
                    },
                    stmt.node);
}

void Remover::clean_states(Parser& parser) {
  std::vector<bool> reached(parser.states.size(), false);
  std::vector<std::size_t> pending = {parser.start};
  reached[parser.start] = true;
  while (!pending.empty()) {
    const State& state = parser.states[pending.back()];
    pending.pop_back();
    clean(state.body, {});
    if (!completes(state.body)) continue;  // rejects in any case: the transition is never taken
    for (const SelectCase& one : state.transition.cases) {
      if (one.target.kind != StateTarget::Kind::kState || reached[one.target.state]) continue;
      reached[one.target.state] = true;
      pending.push_back(one.target.state);
    }
  }
  std::vector<std::size_t> moved(parser.states.size(), 0);
  std::vector<State> kept;
  for (std::size_t i = 0; i < parser.states.size(); ++i) {
    if (!reached[i]) continue;
    moved[i] = kept.size();
    kept.push_back(std::move(parser.states[i]));
  }
  for (State& state : kept) {
    bool is_dead = false;
    for (SelectCase& one : state.transition.cases) {
      if (one.target.kind != StateTarget::Kind::kState) continue;
      is_dead = is_dead || !reached[one.target.state];
      one.target.state = moved[one.target.state];
    }
    if (is_dead) state.transition = Transition{{}, {SelectCase{{}, {}, {}}}, state.transition.span};
  }
  parser.start = moved[parser.start];
  parser.states = std::move(kept);
}

}  // namespace

void remove_unreachable(Program& program) {
  Remover remover(program);
  remover.clean(program.entry, {});
  for (std::size_t i = 0; i < program.parsers.size(); ++i) remover.clean_states(program.parsers.edit(ParserId(i)));
}

}  // namespace p4bpf::ir
