// One walk over the blocks. A block is told what a Leave at its very end would be for nothing ("tail" labels): the
// Regions whose end follows at once.
#include "ir/passes/remove_unreachable.h"

#include <algorithm>
#include <set>

#include "ir/builder.h"
#include "ir/passes/fold.h"
#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

class Remover {
 public:
  explicit Remover(Program& program) : program_(program) {}
  /// Cleans the block; whether control can reach its end. `tail`: labels whose Leave at the end of the block does
  /// nothing.
  bool clean(BlockId block, const std::set<LabelId>& tail);
  void clean_states(Parser& parser);

 private:
  bool clean(Stmt& stmt, const std::set<LabelId>& tail);
  bool clean_region(Region& region, std::set<LabelId> tail);
  bool is_empty(BlockId block) const { return !block || program_[block].statements.empty(); }
  bool does_nothing(const Stmt& stmt) const;
  void turn_around(Stmt& stmt);
  bool leaves(BlockId block, LabelId label) const;

  Program& program_;
};

bool Remover::leaves(BlockId block, LabelId label) const {
  for (const Stmt& stmt : program_[block].statements) {
    const auto* leave = std::get_if<Leave>(&stmt.node);
    if (leave && leave->label == label) return true;
    bool inside = false;
    for_each_block(stmt, [&](BlockId nested) { inside = inside || leaves(nested, label); });
    if (inside) return true;
  }
  return false;
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

bool Remover::clean(BlockId block, const std::set<LabelId>& tail) {
  std::vector<Stmt> statements = std::move(program_.blocks.edit(block).statements);
  std::vector<Stmt> out;
  bool completes = true;
  for (std::size_t i = 0; i < statements.size() && completes; ++i) {
    Stmt& stmt = statements[i];
    const bool is_last = i + 1 == statements.size();
    const auto* leave = std::get_if<Leave>(&stmt.node);
    if (leave && tail.contains(leave->label)) break;
    completes = clean(stmt, is_last ? tail : std::set<LabelId>());
    if (does_nothing(stmt)) continue;
    turn_around(stmt);
    const auto* region = std::get_if<Region>(&stmt.node);
    if (!region || leaves(region->body, region->label)) {
      out.push_back(std::move(stmt));
      continue;
    }
    for (Stmt& inner : program_.blocks.edit(region->body).statements) out.push_back(std::move(inner));
  }
  program_.blocks.edit(block).statements = std::move(out);
  return completes;
}

bool Remover::clean_region(Region& region, std::set<LabelId> tail) {
  tail.insert(region.label);
  const bool completes = clean(region.body, tail);
  return completes || leaves(region.body, region.label);
}

bool Remover::clean(Stmt& stmt, const std::set<LabelId>& tail) {
  return std::visit(Match{
                        [&](If& s) {
                          const bool then_completes = clean(s.then_block, tail);
                          return (s.else_block ? clean(s.else_block, tail) : true) || then_completes;
                        },
                        [&](Switch& s) {
                          bool any = s.default_body ? clean(s.default_body, tail) : true;
                          for (SwitchCase& one : s.cases) any = clean(one.body, tail) || any;
                          return any;
                        },
                        [&](ApplyTable& s) {
                          bool any = s.bodies.empty();
                          for (ActionBody& one : s.bodies) any = clean(one.body, tail) || any;
                          return any;
                        },
                        [&](Region& s) { return clean_region(s, tail); },
                        [&](Loop& s) {
                          clean(s.body, {});
                          return leaves(s.body, s.label);
                        },
                        [&](Deparse& s) { return clean(s.body, {}); },
                        [](Leave&) { return false; },
                        [](Reject&) { return false; },
                        [](Verdict&) { return false; },
                        [](auto&) { return true; },
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
    if (!clean(state.body, {})) continue;  // rejects in any case: the transition is never taken
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
