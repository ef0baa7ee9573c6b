// Threading paths: where branches leave headers valid on some ways and not on others, and what follows asks for that,
// what follows is copied for the ways that differ.
//
// Before:                              After:
//   if (c) {                             if (c) {
//     h.setValid();                        h.setValid();
//     h.f = 8w4;                           h.f = 8w4;
//   }                                      deparse { emit(h); emit(i); }
//   deparse {                              pass();
//     emit(h);                           } else {
//     emit(i);                             deparse { emit(i); }
//   }                                      pass();
//   pass();                              }
//
// A field is then known where it is written to the packet. Were the ways to meet, the values of one and the zeros of
// the other would have to meet too, in variables that live until the deparser.
//
// What follows stands behind a Region for each kind of way, which the ways leave (remove_unreachable moves it to the
// place that leaves, where there is only one). Kinds are told apart by what is known of the validity bits and
// variables that the statement may write and what follows asks for.
#include <algorithm>

#include "ir/builder.h"
#include "ir/passes/propagator.h"
#include "ir/passes/together.h"
#include "ir/passes/writes.h"
#include "ir/walk.h"

namespace p4bpf::ir {
namespace {

constexpr std::size_t kMaxWays = 8;
/// Statements and emitted fields, for the whole program.
constexpr std::size_t kMaxCopied = 600;

/// What a run of statements asks for, and whether it may stand in a program twice.
class Tail {
 public:
  Tail(const Program& program, const Slots& slots) : program_(program), slots_(slots) {}
  void add(const Stmt& stmt) {
    std::visit(Match{
                   [&](const If& s) { ask(s.condition); },
                   [&](const Switch& s) { ask(s.subject); },
                   [&](const Emit& s) {
                     slots_.for_each_header(s.header, [&](HeaderId header) {
                       validities_.insert(slots_.validity(header));
                       cost_ += slots_.field_count(header);
                     });
                   },
                   // One place each: a table has one application, and loops are large when they are written out.
                   [&](const ApplyTable&) { can_be_copied_ = false; },
                   [&](const AddEntry&) { can_be_copied_ = false; },
                   [&](const Loop&) { can_be_copied_ = false; },
                   [&](const RunParser&) { can_be_copied_ = false; },
                   [](const auto&) {},
               },
               stmt.node);
    ++cost_;
    for_each_block(stmt, [&](BlockId block) {
      for (const Stmt& inner : program_[block].statements) add(inner);
    });
  }
  bool can_be_copied() const { return can_be_copied_ && cost_ <= kMaxCopied; }
  std::size_t cost() const { return cost_; }
  const std::set<std::size_t>& validities() const { return validities_; }
  const std::set<std::size_t>& vars() const { return vars_; }

 private:
  void ask(ExprId id) {
    const Expr& expr = program_[id];
    if (const auto* var = std::get_if<VarRef>(&expr.node)) vars_.insert(slots_.of(var->var));
    if (const auto* test = std::get_if<IsValid>(&expr.node)) {
      slots_.for_each_header(test->header, [&](HeaderId header) { validities_.insert(slots_.validity(header)); });
    }
    for_each_operand(expr, [&](ExprId operand) { ask(operand); });
  }

  const Program& program_;
  const Slots& slots_;
  std::set<std::size_t> validities_, vars_;
  std::size_t cost_ = 0;
  bool can_be_copied_ = true;
};

BlockId copy_of(Program& program, BlockId block);

std::vector<Stmt> copy_of(Program& program, const std::vector<Stmt>& statements) {
  std::vector<Stmt> copy = statements;
  for (Stmt& stmt : copy) for_each_block(stmt, [&](BlockId& block) { block = copy_of(program, block); });
  return copy;
}

BlockId copy_of(Program& program, BlockId block) {
  Block copy{copy_of(program, program[block].statements)};
  return program.blocks.add(std::move(copy));
}

bool is_branch(const Stmt& stmt) {
  return std::holds_alternative<If>(stmt.node) || std::holds_alternative<Switch>(stmt.node) ||
         std::holds_alternative<ApplyTable>(stmt.node) || std::holds_alternative<Region>(stmt.node);
}

}  // namespace

/// The exits of the statement at `at`, if what stands behind it is worth a copy for each. `done`: what stands before
/// it. `outer`: the exits of the whole run of statements.
std::optional<Exits> Propagator::exits_before(const std::vector<Stmt>& done, const std::vector<Stmt>& statements,
                                              std::size_t at, const Exits* outer) const {
  if (in_parser_ || at + 1 == statements.size() || !is_branch(statements[at])) return std::nullopt;
  Tail tail(program_, slots_);
  for (std::size_t i = statements.size(); --i > at && tail.can_be_copied();) tail.add(statements[i]);
  if (!tail.can_be_copied()) return std::nullopt;
  Writes writes(program_, slots_);
  for_each_block(statements[at], [&](BlockId block) { writes.add(block); });
  Exits exits;
  const auto ask = [&](std::size_t slot) {
    if (writes.slots().contains(slot)) exits.slots.push_back(slot);
  };
  for (const std::size_t slot : tail.validities()) ask(slot);
  if (outer) std::for_each(outer->slots.begin(), outer->slots.end(), ask);
  if (exits.slots.empty()) return std::nullopt;
  if (is_amid(program_, done, statements[at], std::span(statements).subspan(at + 1))) return std::nullopt;
  for (const std::size_t slot : tail.vars()) ask(slot);
  exits.cost = tail.cost();
  exits.limit = std::min(kMaxWays, 1 + (kMaxCopied - std::min(copied_, kMaxCopied)) / exits.cost);
  return exits.limit > 1 ? std::optional(std::move(exits)) : std::nullopt;
}

/// Goes on to the exit that fits what is known here.
void Propagator::leave(Exits& exits, std::vector<Stmt>& out) {
  std::vector<ExprId> facts;
  for (const std::size_t slot : exits.slots) {
    const ExprId fact = now_[slot];
    facts.push_back(fact && fold_.value(fact) ? fact : ExprId());
  }
  auto way = std::find_if(exits.ways.begin(), exits.ways.end(), [&](const auto& one) { return one.facts == facts; });
  if (way == exits.ways.end() && exits.ways.size() < exits.limit) {
    way = exits.ways.insert(way, {std::move(facts), program_.labels.add({"way"})});
  }
  const LabelId label = way == exits.ways.end() ? exits.ways.back().label : way->label;
  out.push_back({{}, Leave{label}});
  at_label_[label].join(now_);
  now_.leave();
}

void Propagator::thread(std::vector<Stmt> statements, std::size_t at, Exits& exits, std::vector<Stmt>& out,
                        Exits* outer) {
  std::vector<Stmt> threaded;
  walk(std::move(statements[at]), threaded, &exits);
  if (now_.reachable()) leave(exits, threaded);
  statements.erase(statements.begin(), statements.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  copied_ += exits.cost * (std::max<std::size_t>(exits.ways.size(), 1) - 1);
  const LabelId end = program_.labels.add({"ways"});
  for (const Exits::Way& way : exits.ways) {
    const BlockId body = program_.blocks.add({std::move(threaded)});
    threaded = {{{}, Region{way.label, body}}};
    now_ = std::move(at_label_[way.label]);
    at_label_.erase(way.label);
    splice(copy_of(program_, statements), threaded, outer);
    if (!now_.reachable()) continue;
    threaded.push_back({{}, Leave{end}});
    at_label_[end].join(now_);
    now_.leave();
  }
  const BlockId body = program_.blocks.add({std::move(threaded)});
  out.push_back({{}, Region{end, body}});
  now_ = std::move(at_label_[end]);
  at_label_.erase(end);
}

}  // namespace p4bpf::ir
