// What propagate_values knows at one point of the program.
#pragma once

#include <memory>
#include <vector>

#include "ir/passes/slots.h"

namespace p4bpf::ir {

/// Facts about each slot at a point. An unreachable point knows nothing and joins as neutral.
class KnownValues {
 public:
  KnownValues() = default;
  explicit KnownValues(std::size_t slots) : reachable_(true), facts_(slots) {}

  bool reachable() const { return reachable_; }
  void leave() { *this = KnownValues(); }

  /// A Const, or the read of a slot that holds the same value; names nothing if unknown. Constants and reads are unique
  /// expressions, so that facts compare by id.
  ExprId operator[](std::size_t slot) const { return reachable_ ? facts_[slot] : ExprId(); }
  /// The slot is written; `read` is the expression that reads it, whose copies elsewhere end.
  void write(std::size_t slot, ExprId read, ExprId fact);
  /// A fact is learnt without a write.
  void learn(std::size_t slot, ExprId fact);
  /// What holds on both ways.
  void join(const KnownValues& other);

  /// At this point bool slot `slot` tells which of two ways was taken.
  void remember_ways(std::size_t slot, KnownValues yes, KnownValues no);
  /// The way taken if `slot` is `value`, if it is remembered.
  const KnownValues* way(std::size_t slot, bool value) const;

 private:
  struct Ways {
    std::size_t slot;
    std::shared_ptr<KnownValues> yes, no;
  };
  bool reachable_ = false;
  std::vector<ExprId> facts_;
  std::shared_ptr<const Ways> ways_;
};

}  // namespace p4bpf::ir
