// The lattice of propagate_values: a fact per slot, and the pair of ways behind a parser.
#include "ir/passes/known_values.h"

namespace p4bpf::ir {

void KnownValues::write(std::size_t slot, ExprId read, ExprId fact) {
  if (!reachable_) return;
  for (ExprId& other : facts_) {
    if (read && other == read) other = ExprId();
  }
  facts_[slot] = fact;
  if (!ways_) return;
  if (ways_->slot == slot) {
    ways_ = nullptr;
    return;
  }
  auto changed = std::make_shared<Ways>(
      Ways{ways_->slot, std::make_shared<KnownValues>(*ways_->yes), std::make_shared<KnownValues>(*ways_->no)});
  changed->yes->write(slot, read, fact);
  changed->no->write(slot, read, fact);
  ways_ = std::move(changed);
}

void KnownValues::learn(std::size_t slot, ExprId fact) {
  if (reachable_) facts_[slot] = fact;
}

void KnownValues::join(const KnownValues& other) {
  if (!other.reachable_) return;
  if (!reachable_) {
    *this = other;
    return;
  }
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    if (facts_[i] != other.facts_[i]) facts_[i] = ExprId();
  }
  if (ways_ != other.ways_) ways_ = nullptr;
}

void KnownValues::remember_ways(std::size_t slot, KnownValues yes, KnownValues no) {
  yes.ways_ = no.ways_ = nullptr;
  ways_ = std::make_shared<const Ways>(
      Ways{slot, std::make_shared<KnownValues>(std::move(yes)), std::make_shared<KnownValues>(std::move(no))});
}

const KnownValues* KnownValues::way(std::size_t slot, bool value) const {
  if (!reachable_ || !ways_ || ways_->slot != slot) return nullptr;
  return value ? ways_->yes.get() : ways_->no.get();
}

}  // namespace p4bpf::ir
