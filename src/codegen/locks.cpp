// Finding the runs (locks.h).
#include "codegen/locks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "arch/architecture.h"
#include "ir/trace.h"
#include "ir/walk.h"

namespace p4bpf::codegen {
namespace {

using Instances = std::set<ir::ExternInstanceId>;

/// Wider cells are read and written in more than one step.
constexpr std::uint32_t kMostAtOnce = 64;

const arch::ExternRow* row_of(const ir::Program& program, const ir::CallExtern& call) {
  const ir::ExternFunction& function = program[call.function];
  return function.is_user ? nullptr : arch::find_extern(program, function);
}

arch::InstanceShape shape_of(const ir::Program& program, ir::ExternInstanceId instance) {
  const arch::ExternTypeRow* row = instance ? arch::find_extern_type(program, program[instance]) : nullptr;
  return row != nullptr ? row->shape(program[instance]) : arch::InstanceShape{arch::StatelessShape{}};
}

/// Whether a table has nothing but a default action, which lies in global data: it is applied without a helper.
bool is_default_alone(const ir::Program& program, const ir::Stmt& stmt) {
  const auto* apply = std::get_if<ir::ApplyTable>(&stmt.node);
  if (apply == nullptr) return false;
  const ir::Table& table = program[apply->table];
  return table.keys.empty() && !table.is_value_set && !table.implementation && !table.direct_counter &&
         !table.direct_meter && !table.support_timeout;
}

/// What statements do, with all that hangs in them.
struct Summary {
  const ir::Stmt* stmt = nullptr;
  Instances reads, writes;
  bool ends_run = false;             // no straight run goes over it
  bool ends_step = false;            // nor the run of an @atomic block
  const ir::Stmt* breaks = nullptr;  // a helper is called in it

  bool accesses() const { return !reads.empty() || !writes.empty(); }
  bool repeats() const { return std::holds_alternative<ir::Loop>(stmt->node); }
  ir::StepId step() const { return stmt->step; }
};
using Summaries = std::vector<Summary>;

class Finder {
 public:
  Finder(const ir::Program& program, Diagnostics& diagnostics) : program_(program), diagnostics_(diagnostics) {}

  Locks run() {
    std::vector<ir::BlockId> starts{program_.entry};
    for (const ir::Parser& parser : program_.parsers) {
      for (const ir::State& state : parser.states) starts.push_back(state.body);
    }
    for (const ir::BlockId start : starts) find_runs(start);
    for (const ir::BlockId start : starts) find_single(start);
    return std::move(locks_);
  }

 private:
  Summary summary(const ir::Stmt& stmt, bool in_loop = false) const {
    Summary all;
    all.stmt = &stmt;
    in_loop = in_loop || all.repeats();
    std::visit(Match{
                   [&](const ir::CallExtern& s) { summary(s, in_loop, all); },
                   [&](const auto& s) {
                     using S = std::decay_t<decltype(s)>;
                     all.ends_run = !(std::is_same_v<S, ir::Assign> || std::is_same_v<S, ir::SetValid> ||
                                      std::is_same_v<S, ir::SetInvalid> || std::is_same_v<S, ir::CopyHeader> ||
                                      std::is_same_v<S, ir::ShiftStack> || std::is_same_v<S, ir::If> ||
                                      std::is_same_v<S, ir::Switch> || std::is_same_v<S, ir::Region> ||
                                      std::is_same_v<S, ir::Loop> || std::is_same_v<S, ir::Leave>);
                   },
               },
               stmt.node);
    all.ends_step = all.ends_run && !is_default_alone(program_, stmt);
    ir::for_each_block(stmt, [&](ir::BlockId inner) {
      for (const ir::Stmt& one : program_[inner].statements) {
        const Summary more = summary(one, in_loop);
        all.reads.insert(more.reads.begin(), more.reads.end());
        all.writes.insert(more.writes.begin(), more.writes.end());
        all.ends_run = all.ends_run || more.ends_run;
        all.ends_step = all.ends_step || more.ends_step;
        if (all.breaks == nullptr) all.breaks = more.breaks;
      }
    });
    return all;
  }

  void summary(const ir::CallExtern& call, bool in_loop, Summary& all) const {
    // Of what is done early or late, there is one a run.
    const LockUse use = lock_use(program_, call);
    if (use == LockUse::kBreaks || (in_loop && use != LockUse::kNone)) all.breaks = all.stmt;
    if (!std::holds_alternative<arch::RegisterShape>(shape_of(program_, call.instance))) return;
    const std::string& name = program_[call.function].name;
    if (name.ends_with(".read")) all.reads.insert(call.instance);
    if (name.ends_with(".write")) all.writes.insert(call.instance);
  }

  /// The runs of the block, then those of what hangs in statements that are in none.
  void find_runs(ir::BlockId block) {
    const std::vector<ir::Stmt>& statements = program_[block].statements;
    Summaries summaries;
    for (const ir::Stmt& stmt : statements) summaries.push_back(summary(stmt));
    std::vector<LockRun> runs;
    add_atomic(summaries, runs);
    for (std::size_t begin = 0; begin < statements.size();) {
      std::size_t end = begin;
      while (end < statements.size() && !summaries[end].ends_run) ++end;
      add_straight(summaries, begin, end, runs);
      begin = end + 1;
    }
    merge(runs, summaries);
    if (!runs.empty()) locks_.runs[block] = runs;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      if (is_in(runs, i)) continue;
      ir::for_each_block(statements[i], [&](ir::BlockId inner) { find_runs(inner); });
    }
  }

  /// All that an @atomic block does with registers is a run.
  void add_atomic(const Summaries& all, std::vector<LockRun>& runs) {
    for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
      const ir::StepId step = all[begin].step();
      end = begin + 1;
      if (!step || !program_[step].is_atomic) continue;
      // Between them may stand what is told of a traced packet.
      for (std::size_t i = end; i < all.size() && (!all[i].step() || all[i].step() == step); ++i) {
        if (all[i].step() == step) end = i + 1;
      }
      std::size_t first = begin;
      std::size_t last = end - 1;
      while (first < last && !all[first].accesses()) ++first;
      while (first < last && !all[last].accesses()) --last;
      // What is one statement is looked at from inside.
      if (first == last && !all[first].repeats()) continue;
      if (!all[first].accesses()) continue;
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(first);
      const auto to = all.begin() + static_cast<std::ptrdiff_t>(last) + 1;
      const auto bad =
          std::find_if(from, to, [](const Summary& one) { return one.ends_step || one.breaks != nullptr; });
      if (bad == to) {
        runs.push_back({first, last, 0});
        continue;
      }
      const Instances& used = all[first].reads.empty() ? all[first].writes : all[first].reads;
      report(bad->breaks != nullptr ? *bad->breaks : *bad->stmt, *used.begin(), step);
    }
  }

  static bool is_in(const std::vector<LockRun>& runs, std::size_t statement) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](const LockRun& run) { return run.first <= statement && statement <= run.last; });
  }

  /// Those between two statements that end a straight run.
  void add_straight(const Summaries& all, std::size_t begin, std::size_t end, std::vector<LockRun>& runs) {
    Instances registers;
    for (std::size_t i = begin; i < end; ++i) registers.insert(all[i].reads.begin(), all[i].reads.end());
    for (const ir::ExternInstanceId one : registers) {
      std::optional<std::size_t> first;
      std::size_t last = 0;
      for (std::size_t i = begin; i < end; ++i) {
        if (all[i].breaks != nullptr) {
          check_action(all, begin, i, end, one);
          first.reset();
          continue;
        }
        if (!first && all[i].reads.contains(one)) first = i, last = i;
        if (first && all[i].writes.contains(one)) last = i;
        // As one run up to the next break, if there is a write behind the read.
        const bool is_end = i + 1 == end || all[i + 1].breaks != nullptr;
        if (first && is_end && (last > *first || (all[last].repeats() && all[last].writes.contains(one))))
          runs.push_back({*first, last, 0});
      }
    }
  }

  /// Whether an action reads `one` before or in statement `at`, over which no lock can be held, and writes it behind.
  void check_action(const Summaries& all, std::size_t begin, std::size_t at, std::size_t end,
                    ir::ExternInstanceId one) {
    const ir::StepId step = all[at].step();
    if (!step) return;
    std::size_t read = at;
    while (!all[read].reads.contains(one)) {
      if (read == begin || all[read - 1].step() != step) return;
      --read;
    }
    for (std::size_t i = read == at ? at + 1 : at; i < end && all[i].step() == step; ++i) {
      if (all[i].reads.contains(one)) return;
      if (all[i].writes.contains(one)) return report(*all[at].breaks, one, step);
    }
  }

  void report(const ir::Stmt& between, ir::ExternInstanceId one, ir::StepId step) {
    if (!reported_.insert({between.span.begin, step}).second) return;
    const std::string_view what = program_[step].is_atomic ? "an @atomic block" : "an action";
    const std::string_view over = std::holds_alternative<ir::CallExtern>(between.node) ? "call" : "statement";
    Diagnostic& error = diagnostics_.report(
        DiagnosticKind::kNotAtomic, between.span,
        fmt::format("{} uses register '{}' more than once, and other CPUs cannot be kept out during this {}", what,
                    program_[one].name, over));
    error.notes.push_back({program_[step].span, fmt::format("{} that should be one step", what)});
    error.notes.push_back({{}, "do this before the register is used first or after it is used last"});
  }

  /// Runs that overlap become one, and their registers share a lock.
  void merge(std::vector<LockRun>& runs, const Summaries& all) {
    std::sort(runs.begin(), runs.end(), [](const LockRun& a, const LockRun& b) { return a.first < b.first; });
    std::vector<LockRun> merged;
    for (const LockRun& run : runs) {
      if (!merged.empty() && run.first <= merged.back().last) {
        merged.back().last = std::max(merged.back().last, run.last);
      } else {
        merged.push_back(run);
      }
    }
    for (LockRun& run : merged) {
      Instances together;
      for (std::size_t i = run.first; i <= run.last; ++i) {
        together.insert(all[i].reads.begin(), all[i].reads.end());
        together.insert(all[i].writes.begin(), all[i].writes.end());
      }
      run.lock = lock_of(together);
    }
    runs = std::move(merged);
  }

  /// One lock for all of them, which those have that share one with them already.
  std::size_t lock_of(const Instances& together) {
    std::optional<std::size_t> lock;
    for (const ir::ExternInstanceId one : together) {
      const auto known = lock_of_.find(one);
      if (known == lock_of_.end()) continue;
      if (!lock) lock = known->second;
      const std::size_t other = known->second;
      if (other == *lock) continue;
      for (auto& [instance, number] : lock_of_) {
        if (number == other) number = *lock;
      }
      for (auto& [block, runs] : locks_.runs) {
        for (LockRun& run : runs) {
          if (run.lock == other) run.lock = *lock;
        }
      }
    }
    if (!lock) lock = locks_.count++;
    for (const ir::ExternInstanceId one : together) lock_of_[one] = *lock;
    return *lock;
  }

  /// What stands alone, when it is known which registers have locks.
  void find_single(ir::BlockId block) {
    const std::vector<ir::Stmt>& statements = program_[block].statements;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      std::vector<LockRun>& runs = locks_.runs[block];
      if (is_in(runs, i)) continue;
      if (const auto* call = std::get_if<ir::CallExtern>(&statements[i].node)) {
        const auto known = lock_of_.find(call->instance);
        if (known == lock_of_.end()) continue;
        const std::uint32_t bits = std::get<arch::RegisterShape>(shape_of(program_, call->instance)).bits;
        if (!program_[call->function].name.ends_with(".write") && bits <= kMostAtOnce) continue;
        runs.push_back({i, i, known->second});
        std::sort(runs.begin(), runs.end(), [](const LockRun& a, const LockRun& b) { return a.first < b.first; });
        continue;
      }
      ir::for_each_block(statements[i], [&](ir::BlockId inner) { find_single(inner); });
    }
  }

  const ir::Program& program_;
  Diagnostics& diagnostics_;
  Locks locks_;
  std::map<ir::ExternInstanceId, std::size_t> lock_of_;
  std::set<std::pair<Loc, ir::StepId>> reported_;  // an action may be run at several places
};

}  // namespace

LockUse lock_use(const ir::Program& program, const ir::CallExtern& call) {
  using Kind = arch::CLowering::Kind;
  if (ir::is_trace(program, call)) return LockUse::kNone;  // Lowering::leave_record
  const arch::ExternRow* row = row_of(program, call);
  if (row == nullptr) return LockUse::kBreaks;
  switch (row->lowering.kind) {
    case Kind::kFunction:
      return call.arguments.empty() ? LockUse::kBefore : LockUse::kNone;
    case Kind::kNetworkOrder:
    case Kind::kHash:
    case Kind::kChecksum:
      return LockUse::kNone;
    case Kind::kDigest:
      return LockUse::kAfter;
    case Kind::kOnInstanceMap: {
      const arch::InstanceShape shape = shape_of(program, call.instance);
      return std::holds_alternative<arch::CounterShape>(shape) ? LockUse::kAfter : LockUse::kNone;
    }
    case Kind::kNone:
    case Kind::kGlue:
    case Kind::kHashWithPayload:
    case Kind::kWithContext:
    case Kind::kPerfEvent:
      break;
  }
  return LockUse::kBreaks;
}

Locks find_locks(const ir::Program& program, Diagnostics& diagnostics) { return Finder(program, diagnostics).run(); }

}  // namespace p4bpf::codegen
