// Copies the body of a parser state for one set of known stack positions; see unroll_parsers.h.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ir/builder.h"
#include "ir/passes/fold.h"

namespace p4bpf::ir {

/// The stacks' next_index variables whose value is known.
using Positions = std::map<VarId, BigInt>;

class StateCloner {
 public:
  explicit StateCloner(Program& program);

  /// A copy of `body` with what `positions` tells put in; `positions` becomes what holds behind it. False if the end of
  /// the body cannot be reached.
  bool clone(BlockId body, BlockId copy, Positions& positions);
  /// A copy of the transition behind the body; cases that cannot match are left out.
  Transition clone(const Transition& transition, const Positions& positions);

  /// The next_index variables that the state's body or transition reads.
  std::set<VarId> reads(const State& state) const;
  bool is_tracked(VarId var) const { return tracked_.count(var) != 0; }
  const std::set<VarId>& tracked() const { return tracked_; }

 private:
  ExprId rewrite(ExprId id, const Positions& positions);
  HeaderRef rewrite(const HeaderRef& ref, const Positions& positions);
  void rewrite(ExternArgument& argument, const Positions& positions);
  /// Rewrites the statement's own expressions.
  void rewrite(Stmt& stmt, const Positions& positions);
  bool clone_if(const If& node, Span span, BlockId copy, Positions& positions);
  bool clone_switch(const Switch& node, Span span, BlockId copy, Positions& positions);
  bool clone_apply(ApplyTable node, Span span, BlockId copy, Positions& positions);
  bool clone_region(const Region& node, Span span, BlockId copy, Positions& positions);
  bool clone_loop(const Loop& node, Span span, BlockId copy, Positions& positions);
  bool clone_statement(const Stmt& stmt, BlockId copy, Positions& positions);
  void follow(const Stmt& stmt, Positions& positions);
  void add_reads(BlockId block, std::set<VarId>& vars) const;
  void add_reads(ExprId expr, std::set<VarId>& vars) const;
  void add_writes(BlockId block, std::set<VarId>& vars) const;
  void add(BlockId block, Stmt stmt) { program_.blocks.edit(block).statements.push_back(std::move(stmt)); }

  Program& program_;
  Folder fold_;
  std::set<VarId> tracked_;
  std::map<LabelId, LabelId> labels_;                 // of the regions around, and their copies
  std::map<LabelId, std::optional<Positions>> left_;  // by copied label: what holds at all of its leaves
};

}  // namespace p4bpf::ir
