// What lasts from packet to packet, and the start of each (interpreter.h).
#include "interp/interpreter.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <random>

#include "arch/meter.h"
#include "interp/machine.h"

namespace p4bpf::interp {
namespace {

std::size_t instance_named(const ir::Program& program, const std::string& name) {
  for (std::size_t i = 0; i < program.extern_instances.size(); ++i) {
    if (program.extern_instances[ir::ExternInstanceId(i)].name == name) return i;
  }
  P4BPF_CHECK(false, "the manifest is not the program's");
  return 0;
}

Result<void> check_index(const manifest::Register& cells, std::uint64_t index) {
  if (index < cells.size) return {};
  return fail(fmt::format("register `{}` has {} cells, so there is none at {}", cells.name, cells.size, index), {},
              ERANGE);
}

}  // namespace

Interpreter::Interpreter(const ir::Program& program, const manifest::Manifest& manifest, Options options)
    : program_(&program),
      manifest_(&manifest),
      options_(std::move(options)),
      profiles_(manifest.profiles.size()),
      externs_(program.extern_instances.size()) {
  if (!options_.clock) {
    options_.clock = [] {
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
    };
  }
  if (!options_.random) options_.random = std::mt19937_64();
  for (const manifest::Counter& counter : manifest.counters) counters_.push_back(instance_named(program, counter.name));
  for (const manifest::Meter& meter : manifest.meters) meters_.push_back(instance_named(program, meter.name));
  for (const manifest::Register& cells : manifest.registers) registers_.push_back(instance_named(program, cells.name));
  for (const manifest::Calculation& one : manifest.calculations)
    calculations_.push_back(instance_named(program, one.name));
}
Interpreter::Interpreter(Interpreter&&) noexcept = default;
Interpreter& Interpreter::operator=(Interpreter&&) noexcept = default;
Interpreter::~Interpreter() = default;

Result<Interpreter> Interpreter::create(const ir::Program& program, const manifest::Manifest& manifest,
                                        Options options) {
  P4BPF_CHECK(manifest.tables.size() == program.tables.size(), "the manifest is not the program's");
  Interpreter made(program, manifest, std::move(options));
  for (const manifest::Table& shape : manifest.tables) {
    Result<TableState> table = TableState::create(shape);
    if (!table) return fail(table.error());
    made.tables_.push_back(std::move(*table));
  }
  return made;
}

Result<CounterValue> Interpreter::read_counter(std::size_t counter, std::uint64_t index) const {
  const manifest::Counter& shape = manifest_->counters.at(counter);
  // A sparse counter holds `size` different indices, wherever they are; handles are counted up here for ever.
  if (shape.sparse || shape.table ? index > UINT32_MAX : index >= shape.size) {
    return fail(fmt::format("counter `{}` has {} elements, so there is none at {}", shape.name, shape.size, index), {},
                ENOENT);
  }
  const arch::ExternState& state = externs_.at(counters_.at(counter));
  const auto cell = state.cells.find(index);
  if (cell == state.cells.end()) return CounterValue{};
  const std::vector<BigInt>& values = cell->second;
  if (shape.counts_bytes && !shape.counts_packets) return CounterValue{0, values.at(0)};
  return CounterValue{values.at(0), values.size() > 1 ? values[1] : BigInt(0)};
}

Result<void> Interpreter::set_meter(std::size_t meter, std::uint64_t index,
                                    const std::optional<manifest::MeterRates>& rates) {
  const manifest::Meter& shape = manifest_->meters.at(meter);
  if (!shape.table && index >= shape.size) {
    return fail(fmt::format("meter `{}` has {} elements, so there is none at {}", shape.name, shape.size, index), {},
                ERANGE);
  }
  std::vector<BigInt>& cell = externs_.at(meters_.at(meter)).cells[index];
  cell.assign(arch::kMeterValues, 0);
  if (!rates) return {};
  std::size_t at = 0;
  for (const manifest::MeterRate& rate : {rates->committed, rates->peak}) {
    const manifest::MeterBucket bucket = manifest::bucket_of(rate);
    for (const BigInt& value : {BigInt(0), BigInt(bucket.cost), BigInt(bucket.shift), BigInt(bucket.limit)})
      cell[at++] = value;
  }
  return {};
}

Result<BigInt> Interpreter::read_register(std::size_t cells, std::uint64_t index) const {
  if (Result<void> good = check_index(manifest_->registers.at(cells), index); !good) return fail(good.error());
  const arch::ExternState& state = externs_.at(registers_.at(cells));
  const auto cell = state.cells.find(index);
  return cell == state.cells.end() ? BigInt(0) : cell->second.at(0);
}

Result<void> Interpreter::write_register(std::size_t cells, std::uint64_t index, const BigInt& value) {
  const manifest::Register& shape = manifest_->registers.at(cells);
  if (Result<void> good = check_index(shape, index); !good) return good;
  if (!fits(value, shape.bits, shape.kind == manifest::ValueKind::kSigned)) {
    return fail(fmt::format("{} does not fit into the {} bits of register `{}`", value.str(), shape.bits, shape.name),
                {}, ERANGE);
  }
  externs_.at(registers_.at(cells)).cells[index] = {value};
  return {};
}

void Interpreter::set_calculation(std::size_t calculation, const CrcParameters& parameters) {
  externs_.at(calculations_.at(calculation)).cells[0] = {parameters.polynomial, parameters.initial,
                                                         parameters.final_xor, parameters.reflect_data,
                                                         parameters.reflect_remainder};
}

void Interpreter::reset_counter(std::size_t counter) { externs_.at(counters_.at(counter)).cells.clear(); }

Result<void> Interpreter::set_member(std::size_t profile, const manifest::Member& member) {
  if (auto ok = manifest::check_member(manifest_->profiles.at(profile), member); !ok) return ok;
  profiles_[profile].members[member.number] = member;
  return {};
}

Result<void> Interpreter::set_group(std::size_t profile, const manifest::Group& group) {
  Result<manifest::Group> normal = manifest::normalize(manifest_->profiles.at(profile), group);
  if (!normal) return fail(normal.error());
  for (const std::uint32_t number : normal->members) {
    if (!profiles_[profile].members.contains(number))
      return fail(fmt::format("profile `{}` has no member {}", manifest_->profiles[profile].name, number), {}, ENOENT);
  }
  profiles_[profile].groups[group.number] = std::move(normal->members);
  return {};
}

Result<Outcome> Interpreter::run(std::uint32_t port, const Bytes& packet, std::vector<TraceRecord>* trace) {
  std::vector<Pass> passes = {{packet, {}, 1}};
  std::optional<Outcome> first;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const Pass pass = std::move(passes[i]);
    Machine machine({*program_, tables_, profiles_, externs_, options_, replicas_, port, pass, trace});
    Result<Outcome> outcome = machine.run();
    if (!outcome) return fail(outcome.error());
    for (Pass& made : machine.take_new_passes()) {
      if (passes.size() < options_.pass_limit) passes.push_back(std::move(made));
    }
    if (first) {
      first->copies.push_back(std::move(*outcome));
    } else {
      first = std::move(*outcome);
    }
  }
  return std::move(*first);
}

std::string_view verdict_name(ir::VerdictKind verdict) {
  switch (verdict) {
    case ir::VerdictKind::kDrop:
      return "drop";
    case ir::VerdictKind::kPass:
      return "pass";
    case ir::VerdictKind::kTx:
      return "tx";
    case ir::VerdictKind::kRedirect:
      return "redirect";
    case ir::VerdictKind::kAborted:
      return "aborted";
  }
  return "unknown";
}

}  // namespace p4bpf::interp
