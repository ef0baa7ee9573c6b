// The reference interpreter: the meaning of the IR, packet by packet. Where it and the generated code disagree, one has
// a bug.
//
// It walks the finished program over values of any width and is built to be read rather than to be fast. No packet and
// no program can crash it; a program that does not come to an end is stopped.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/extern_row.h"
#include "base/crc.h"
#include "interp/bits.h"
#include "interp/table_state.h"
#include "interp/trace.h"
#include "ir/ir.h"
#include "manifest/manifest.h"
#include "manifest/profile.h"
#include "manifest/meter_rates.h"
#include "manifest/replication.h"

namespace p4bpf::interp {

struct Outcome {
  ir::VerdictKind verdict = ir::VerdictKind::kDrop;
  /// Where the packet leaves: the ingress port for kTx and kPass. Meaningless for kDrop and kAborted.
  std::uint32_t port = 0;
  Bytes bytes;
  std::vector<arch::Effect> effects;
  /// Of the packet's further passes, in the order in which they were queued; theirs stand here too.
  std::vector<Outcome> copies;
};

struct CounterValue {
  BigInt packets = 0;  // or the plain value
  BigInt bytes = 0;
};

using Replicas = std::map<std::pair<manifest::ReplicationKind, std::uint32_t>, manifest::ReplicaList>;

/// What the control plane has made of an action profile.
struct ProfileState {
  std::map<std::uint32_t, manifest::Member> members;
  std::map<std::uint32_t, std::vector<std::uint32_t>> groups;
};

struct Options {
  /// Statements that a packet may run before it is given up.
  std::uint64_t step_limit = 1'000'000;
  /// Passes that a packet and its copies may take together, besides manifest::kMostPasses; what would be one more is
  /// dropped.
  std::size_t pass_limit = 4096;
  /// Monotonic nanoseconds; the system's clock unless given.
  std::function<std::uint64_t()> clock;
  /// 64 bits that nobody can foresee; the same row of them each time unless given.
  std::function<std::uint64_t()> random;
  /// Does what a function that only C knows does to its arguments and result; without it such a call is a failure.
  std::function<Result<void>(const ir::CallExtern&, arch::ExternContext&)> user_extern;
};

class Interpreter {
 public:
  /// `manifest` is the description of `program` (codegen/describe.h); both must outlive the interpreter. Fails if the
  /// entries that stand in the program do not fit their tables.
  static Result<Interpreter> create(const ir::Program& program, const manifest::Manifest& manifest,
                                    Options options = {});
  Interpreter(Interpreter&&) noexcept;
  Interpreter& operator=(Interpreter&&) noexcept;
  ~Interpreter();

  /// By the index of manifest::Manifest::tables, which is that of ir::Program::tables.
  TableState& table(std::size_t index) { return tables_.at(index); }
  std::size_t table_count() const { return tables_.size(); }

  /// By the index of manifest::Manifest::counters. An element that was never touched is 0; one out of bounds is a
  /// failure.
  Result<CounterValue> read_counter(std::size_t counter, std::uint64_t index) const;
  /// All elements to 0.
  void reset_counter(std::size_t counter);
  /// By the index of manifest::Manifest::meters. Without rates everything is green.
  Result<void> set_meter(std::size_t meter, std::uint64_t index, const std::optional<manifest::MeterRates>& rates);
  /// By the index of manifest::Manifest::registers. An index or a value out of bounds is a failure.
  Result<BigInt> read_register(std::size_t cells, std::uint64_t index) const;
  Result<void> write_register(std::size_t cells, std::uint64_t index, const BigInt& value);
  /// By the index of manifest::Manifest::calculations.
  void set_calculation(std::size_t calculation, const CrcParameters& parameters);

  /// What a multicast group or clone session stands for from now on.
  void set_replicas(manifest::ReplicationKind kind, std::uint32_t id, manifest::ReplicaList replicas) {
    replicas_[{kind, id}] = std::move(replicas);
  }

  /// By the index of manifest::Manifest::profiles; a new one, or another in its place. A group's members must be there.
  Result<void> set_member(std::size_t profile, const manifest::Member& member);
  Result<void> set_group(std::size_t profile, const manifest::Group& group);

  /// One packet that arrives on `port`, with all its passes. Fails if the program is broken (no verdict, no end) or calls a function that
  /// only C knows. `trace` gets the records of a program that leaves any (ir/trace.h), pass for pass.
  Result<Outcome> run(std::uint32_t port, const Bytes& packet, std::vector<TraceRecord>* trace = nullptr);

  const Replicas& replicas() const { return replicas_; }

 private:
  Interpreter(const ir::Program& program, const manifest::Manifest& manifest, Options options);

  const ir::Program* program_;
  const manifest::Manifest* manifest_;
  Options options_;
  std::vector<TableState> tables_;
  std::vector<ProfileState> profiles_;
  std::vector<arch::ExternState> externs_;  // by extern instance
  std::vector<std::size_t> counters_;       // by counter: its extern instance
  std::vector<std::size_t> meters_;         // by meter: its extern instance
  std::vector<std::size_t> registers_;      // by register: its extern instance
  std::vector<std::size_t> calculations_;   // likewise
  Replicas replicas_;
};

/// The words of a verdict: "drop", "redirect".
std::string_view verdict_name(ir::VerdictKind verdict);

}  // namespace p4bpf::interp
