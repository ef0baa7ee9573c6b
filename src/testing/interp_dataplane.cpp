// The interpreter behind the seam of the executors (interp_dataplane.h).
#include "testing/interp_dataplane.h"

#include <fmt/format.h>

#include "codegen/describe.h"
#include "ir/validator.h"

namespace p4bpf::testing {
namespace {

/// The program with the calls that leave records.
struct Traced {
  ir::Program program;
  std::vector<ir::TracePoint> points;
};

class InterpDataplane : public Dataplane {
 public:
  InterpDataplane(const ir::Program& program, std::unique_ptr<Traced> traced,
                  std::unique_ptr<manifest::Manifest> manifest, interp::Interpreter interpreter, TraceSink trace,
                  std::unique_ptr<ExternLibrary> externs)
      : program_(program),
        traced_(std::move(traced)),
        manifest_(std::move(manifest)),
        interpreter_(std::move(interpreter)),
        trace_(std::move(trace)),
        externs_(std::move(externs)) {}

  std::string name() const override { return "interp"; }
  const manifest::Manifest& manifest() const override { return *manifest_; }

  Result<void> insert(std::size_t table, const manifest::Entry& entry) override {
    return interpreter_.table(table).insert(entry);
  }
  Result<void> set_default(std::size_t table, const manifest::Entry& what) override {
    return interpreter_.table(table).set_default(what);
  }
  Result<void> set_member(std::size_t profile, const manifest::Member& member) override {
    return interpreter_.set_member(profile, member);
  }
  Result<void> set_group(std::size_t profile, const manifest::Group& group) override {
    return interpreter_.set_group(profile, group);
  }
  Result<void> clear(std::size_t table) override { return interpreter_.table(table).clear(); }
  Result<CounterValue> read_counter(std::size_t counter, std::uint64_t index) override {
    const auto value = interpreter_.read_counter(counter, index);
    if (!value) return fail(value.error());
    return CounterValue{value->packets, value->bytes};
  }

  Result<std::uint32_t> handle_of(std::size_t table, const manifest::Entry& entry) override {
    return interpreter_.table(table).handle_of(entry);
  }
  Result<void> set_meter(std::size_t meter, std::uint64_t index,
                         const std::optional<manifest::MeterRates>& rates) override {
    return interpreter_.set_meter(meter, index, rates);
  }
  Result<std::vector<Digest>> take_digests() override { return std::exchange(digests_, {}); }
  Result<std::uint64_t> lost_digests() override { return std::uint64_t{0}; }
  Result<BigInt> read_register(std::size_t cells, std::uint64_t index) override {
    return interpreter_.read_register(cells, index);
  }
  Result<void> write_register(std::size_t cells, std::uint64_t index, const BigInt& value) override {
    return interpreter_.write_register(cells, index, value);
  }
  Result<void> set_calculation(std::size_t calculation, const CrcParameters& parameters) override {
    interpreter_.set_calculation(calculation, parameters);
    return {};
  }

  Result<void> set_replicas(manifest::ReplicationKind kind, std::uint32_t id,
                            const manifest::ReplicaList& replicas) override {
    interpreter_.set_replicas(kind, id, replicas);
    return {};
  }

  Result<std::vector<Output>> inject(std::uint32_t port, const Bytes& packet) override {
    std::vector<interp::TraceRecord> records;
    const auto outcome = interpreter_.run(port, packet, trace_ ? &records : nullptr);
    if (trace_) trace_(port, packet, interp::read_trace(program_, traced_->points, records, find_replicas()));
    if (!outcome) return fail(outcome.error());
    std::vector<Output> out;
    const auto add = [&](const interp::Outcome& one) {
      if (one.verdict == ir::VerdictKind::kDrop || one.verdict == ir::VerdictKind::kAborted) return;
      out.push_back({one.port, one.bytes});
    };
    add(*outcome);
    for (const interp::Outcome& copy : outcome->copies) add(copy);
    note_digests(*outcome);
    for (const interp::Outcome& copy : outcome->copies) note_digests(copy);
    return out;
  }

 private:
  void note_digests(const interp::Outcome& outcome) {
    for (const arch::Effect& effect : outcome.effects) {
      if (effect.kind != arch::Effect::Kind::kDigest) continue;
      digests_.push_back({codegen::digest_of(program_, *effect.call), effect.receiver, effect.values});
    }
  }

  interp::FindReplicas find_replicas() const {
    return [this](manifest::ReplicationKind kind, std::uint32_t id) -> std::optional<manifest::ReplicaList> {
      const auto found = interpreter_.replicas().find({kind, id});
      if (found == interpreter_.replicas().end()) return std::nullopt;
      return found->second;
    };
  }

  const ir::Program& program_;      // the one that runs
  std::unique_ptr<Traced> traced_;  // which has it, where something listens
  std::vector<Digest> digests_;
  std::unique_ptr<manifest::Manifest> manifest_;  // the interpreter refers to it
  interp::Interpreter interpreter_;
  TraceSink trace_;
  std::unique_ptr<ExternLibrary> externs_;  // the interpreter calls it
};

}  // namespace

Result<std::unique_ptr<Dataplane>> make_interp_dataplane(const ir::Program& plain, TraceSink trace,
                                                         std::unique_ptr<ExternLibrary> externs) {
  std::unique_ptr<Traced> traced;
  if (trace) {
    traced = std::make_unique<Traced>(Traced{plain, {}});
    traced->points = ir::insert_trace(traced->program, ir::TraceDetail::kAll);
    ir::assert_valid(traced->program, "insert_trace");
  }
  const ir::Program& program = traced ? traced->program : plain;
  interp::Options options;
  // The clock and the chance of the other executors: a test says the same every time.
  options.clock = [] { return std::uint64_t{1'000'000'000}; };
  options.random = [] { return std::uint64_t{0x4'0000'0004}; };
  options.user_extern = [&program, library = externs.get()](const ir::CallExtern& call,
                                                            arch::ExternContext& context) -> Result<void> {
    if (library != nullptr) return library->call(program, call, context);
    return fail_missing_extern(1, {program[call.function].name});
  };
  auto manifest = std::make_unique<manifest::Manifest>(codegen::describe(program));
  auto interpreter = interp::Interpreter::create(program, *manifest, std::move(options));
  if (!interpreter) return fail(interpreter.error());
  return std::unique_ptr<Dataplane>(std::make_unique<InterpDataplane>(
      program, std::move(traced), std::move(manifest), std::move(*interpreter), std::move(trace), std::move(externs)));
}

}  // namespace p4bpf::testing
