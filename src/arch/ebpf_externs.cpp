// The externs of ebpf_model.p4 and xdp_model.p4: counters, checksums, hashes, the clock, perf events.
#include "arch/checksum.h"
#include "arch/ebpf_model.h"
#include "arch/hash.h"
#include "base/result.h"

namespace p4bpf::arch {
namespace {

/// Counts are 32 bits wide in this model.
constexpr std::uint32_t kCounterBits = 32;

std::uint64_t number(const ir::ConstantArgument& argument) {
  if (const auto* value = std::get_if<BigInt>(&argument)) return static_cast<std::uint64_t>(wrap(*value, 64, false));
  return std::get_if<bool>(&argument) != nullptr && std::get<bool>(argument) ? 1 : 0;
}

/// CounterArray(max_index, sparse): `max_index` elements from 0 on, or that many different indices where it is sparse.
/// (The published compilers size the map so, whatever the parameter's name says.)
InstanceShape counter_array_shape(const ir::ExternInstance& instance) {
  return CounterShape{
      .size = number(instance.arguments[0]), .sparse = number(instance.arguments[1]) != 0, .bits = kCounterBits};
}

/// An index out of bounds, or one more than a sparse array holds, counts nothing.
void count(ExternContext& context, const BigInt& amount) {
  const auto shape = std::get<CounterShape>(counter_array_shape(*context.instance));
  const auto index = static_cast<std::uint64_t>(context.in(0));
  const auto cell = context.state->cells.find(index);
  if (cell == context.state->cells.end()) {
    if (shape.sparse ? context.state->cells.size() >= shape.size : index >= shape.size) return;
    context.state->cells[index] = {wrap(amount, kCounterBits, false)};
    return;
  }
  cell->second[0] = wrap(cell->second[0] + amount, kCounterBits, false);
}

void increment(ExternContext& context) { count(context, 1); }
void add(ExternContext& context) { count(context, context.in(1)); }

void csum_replace2(ExternContext& context) {
  context.result = replace_in_checksum(context.in(0), context.in(1), context.in(2), 16);
}
void csum_replace4(ExternContext& context) {
  context.result = replace_in_checksum(context.in(0), context.in(1), context.in(2), 32);
}

/// The checksum of an IPv4 header without options, from its fields in their order, the checksum itself left out.
void ipv4_checksum(ExternContext& context) {
  constexpr std::uint32_t kWidths[] = {4, 4, 8, 16, 16, 3, 13, 8, 8, 32, 32};
  BigInt header = 0;
  for (std::size_t i = 0; i < std::size(kWidths); ++i) header = (header << kWidths[i]) | context.in(i);
  context.result = internet_checksum(header);
}

void ktime_get_ns(ExternContext& context) { context.result = wrap(BigInt(context.now_ns), 32, false); }

/// Sends the packet as it arrived to whoever listens on the perf event array; the result says that it could be sent.
void perf_event_output(ExternContext& context) {
  context.effects->push_back({Effect::Kind::kPerfEvent, *context.packet});
  context.result = 0;
}

}  // namespace

std::vector<ExternRow> ebpf_externs() {
  using Kind = CLowering::Kind;
  return {
      {"CounterArray.increment", 1, increment, {Kind::kOnInstanceMap, "p4bpf_counter_increment"}},
      {"CounterArray.add", 2, add, {Kind::kOnInstanceMap, "p4bpf_counter_add"}},
      {"csum_replace2", 3, csum_replace2, {Kind::kChecksum, "p4bpf_csum_change2"}},
      {"csum_replace4", 3, csum_replace4, {Kind::kChecksum, "p4bpf_csum_change4"}},
      {"ebpf_ipv4_checksum", 11, ipv4_checksum, {Kind::kNetworkOrder, "p4bpf_ipv4_checksum"}},
      {"hash", 3, evaluate_hash, {Kind::kHash, "p4bpf_hash"}},
      {"BPF_KTIME_GET_NS", 0, ktime_get_ns, {Kind::kFunction, "p4bpf_ktime_get_ns"}},
      {"BPF_PERF_EVENT_OUTPUT", 0, perf_event_output, {Kind::kPerfEvent, "p4bpf_perf_event_output"}},
  };
}

std::vector<ExternTypeRow> ebpf_extern_types() {
  return {
      {"CounterArray", 2, counter_array_shape},
      {"array_table", 1,
       [](const ir::ExternInstance& instance) -> InstanceShape {
         return TableShape{TableShape::Kind::kArray, number(instance.arguments[0])};
       }},
      {"lru_table", 1,
       [](const ir::ExternInstance& instance) -> InstanceShape {
         return TableShape{TableShape::Kind::kLru, number(instance.arguments[0])};
       }},
      {"hash_table", 1,
       [](const ir::ExternInstance& instance) -> InstanceShape {
         return TableShape{TableShape::Kind::kHash, number(instance.arguments[0])};
       }},
  };
}

}  // namespace p4bpf::arch
