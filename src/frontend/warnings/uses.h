// The reads and writes that the flow analysis has looked at, and the warnings that come of them.
//
// An action runs in several tables and a control in several places. A use is reported only if it is wrong wherever it
// was looked at: which action meets which packet is the control plane's business.
#pragma once

#include <unordered_map>

#include "frontend/warnings/flow_state.h"
#include "frontend/warnings/places.h"

namespace p4bpf::warnings {

class Uses {
 public:
  explicit Uses(Findings& findings) : f_(findings) {}

  enum class Level { kFine, kMaybe, kSure };
  static Level level_of(const Facts& facts, std::uint32_t slot) {
    if (!facts.is_bad(slot)) return Level::kFine;
    if (!facts.is_good(slot)) return Level::kSure;
    return facts.is_excused(slot) ? Level::kFine : Level::kMaybe;
  }

  enum class What { kValue, kHeaderField, kHeaderWrite };
  /// An expression that reads or writes `place` was met.
  void record(ExprId at, What what, const Place& place, Level level);
  /// An `out` parameter was met at the end of its block or action.
  void record_out(DeclId param, Level level);
  /// Turns what was recorded into warnings: for each variable or header the first one of its block.
  void report();

 private:
  struct Use {
    What what;
    DeclId root;
    Level level;
  };
  void report_use(ExprId at, const Use& use);
  ExprId header_of(ExprId at) const;

  Findings& f_;
  std::unordered_map<ExprId, Use> uses_;
  std::unordered_map<DeclId, Level> outs_;
};

}  // namespace p4bpf::warnings
