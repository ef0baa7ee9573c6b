// The externs of v1model.p4 that are evaluations, and those that its glue makes of others (v1model_calls.cpp).
#include "arch/hash.h"
#include "arch/meter.h"
#include "arch/v1model.h"

namespace p4bpf::arch {
namespace {

std::uint64_t number(const ir::ExternInstance& instance, std::size_t argument) {
  const auto* value = std::get_if<BigInt>(&instance.arguments.at(argument));
  return value != nullptr ? static_cast<std::uint64_t>(wrap(*value, 64, false)) : 0;
}

/// CounterType and MeterType: packets, bytes, packets_and_bytes.
bool counts_packets(std::uint64_t type) { return type != 1; }
bool counts_bytes(std::uint64_t type) { return type != 0; }

// ---- objects ------------------------------------------------------------------------------------------------------

InstanceShape counter_shape(const ir::ExternInstance& instance) {
  const std::uint64_t type = number(instance, 1);
  return CounterShape{
      .size = number(instance, 0), .counts_packets = counts_packets(type), .counts_bytes = counts_bytes(type)};
}
InstanceShape meter_shape(const ir::ExternInstance& instance) {
  return MeterShape{number(instance, 0), number(instance, 1) == 1};
}
InstanceShape register_shape(const ir::ExternInstance& instance) {
  return RegisterShape{number(instance, 0),
                       instance.type_arguments.empty() ? 0 : instance.type_arguments.front().width};
}
InstanceShape direct_counter_shape(const ir::ExternInstance& instance) {
  const std::uint64_t type = number(instance, 0);
  return DirectShape{DirectShape::Kind::kCounter, counts_packets(type), counts_bytes(type)};
}
InstanceShape direct_meter_shape(const ir::ExternInstance& instance) {
  return DirectShape{DirectShape::Kind::kMeter, false, number(instance, 0) == 1};
}

/// The cell at argument `index`; null where there is none, which does nothing.
std::vector<BigInt>* cell(ExternContext& context, std::size_t index, std::size_t values) {
  if (context.in(index) >= number(*context.instance, 0)) return nullptr;
  std::vector<BigInt>& found = context.state->cells[static_cast<std::uint64_t>(context.in(index))];
  found.resize(values);
  return &found;
}

void count(ExternContext& context) {
  const auto shape = std::get<CounterShape>(counter_shape(*context.instance));
  std::vector<BigInt>* const at = cell(context, 0, shape.counts_packets && shape.counts_bytes ? 2 : 1);
  if (at == nullptr) return;
  if (shape.counts_packets) at->front() = wrap(at->front() + 1, 64, false);
  if (shape.counts_bytes) at->back() = wrap(at->back() + context.packet->size(), 64, false);
}

void register_read(ExternContext& context) {
  const std::vector<BigInt>* const at = cell(context, 1, 1);
  context.arguments.at(0).value = at != nullptr ? at->front() : BigInt(0);
}
void register_write(ExternContext& context) {
  if (std::vector<BigInt>* const at = cell(context, 0, 1)) at->front() = context.in(1);
}

void execute_meter(ExternContext& context) {
  const auto shape = std::get<MeterShape>(meter_shape(*context.instance));
  std::vector<BigInt>* const meter = cell(context, 0, kMeterValues);
  context.arguments.at(1).value =
      meter == nullptr ? 0 : meter_color(*meter, context.now_ns, shape.counts_bytes ? context.packet->size() : 1);
}
/// The table has executed it.
void read_direct_meter(ExternContext& context) { context.arguments.at(0).value = context.color; }

void add_scalars(const ExternValue& data, std::vector<BigInt>& values) {
  if (!data.is_composite && data.width != 0) values.push_back(data.value);
  for (const ExternValue& field : data.fields) add_scalars(field, values);
}

void digest(ExternContext& context) {
  Effect effect{Effect::Kind::kDigest, bytes_of(context.arguments.at(1)), static_cast<std::uint32_t>(context.in(0))};
  add_scalars(context.arguments.at(1), effect.values);
  context.effects->push_back(std::move(effect));
}

void timestamp(ExternContext& context) { context.result = context.now_ns / 1000; }
void random_bits(ExternContext& context) { context.result = context.random_bits; }

}  // namespace

std::vector<ExternRow> v1model_externs() {
  using Kind = CLowering::Kind;
  std::vector<ExternRow> rows = {
      {"counter.count", 1, count, {Kind::kOnInstanceMap, "p4bpf_counter_count"}},
      {"direct_counter.count", 0, nullptr, {Kind::kGlue, {}}},
      {"meter.execute_meter", 2, execute_meter, {Kind::kOnInstanceMap, "p4bpf_meter_execute"}},
      {"direct_meter.read", 1, read_direct_meter, {Kind::kOnInstanceMap, "p4bpf_direct_meter_read"}},
      {"register.read", 2, register_read, {Kind::kOnInstanceMap, "p4bpf_register_read"}},
      {"register.write", 2, register_write, {Kind::kOnInstanceMap, "p4bpf_register_write"}},
      {"digest", 2, digest, {Kind::kDigest, "p4bpf_digest"}},
      {"$hash", 3, evaluate_hash, {Kind::kHash, "p4bpf_hash"}},
      {"$hash_with_payload", 3, evaluate_hash_with_payload, {Kind::kHashWithPayload, "p4bpf_hash"}},
      {"$calculation.hash", 3, evaluate_calculation, {Kind::kHash, "p4bpf_hash_custom"}},
      {"$calculation.hash_with_payload",
       3,
       evaluate_calculation_with_payload,
       {Kind::kHashWithPayload, "p4bpf_hash_custom"}},
      {"$random", 0, random_bits, {Kind::kFunction, "p4bpf_random64"}},
      {"$timestamp", 0, timestamp, {Kind::kFunction, "p4bpf_timestamp"}},
  };
  for (const auto& [name, params] :
       {std::pair<std::string_view, std::size_t>{"hash", 5}, {"random", 3}, {"verify_checksum", 4},
        {"verify_checksum_with_payload", 4}, {"update_checksum", 4}, {"update_checksum_with_payload", 4},
        {"mark_to_drop", 1}, {"mark_to_drop", 0}, {"truncate", 1}, {"clone", 2}, {"clone_preserving_field_list", 3},
        {"resubmit_preserving_field_list", 1}, {"recirculate_preserving_field_list", 1}, {"clone3", 3},
        {"resubmit", 1}, {"recirculate", 1}, {"assert", 1}, {"assume", 1}, {"log_msg", 1}, {"log_msg", 2}, {"Checksum16.get", 1}}) {
    rows.push_back({name, params, nullptr, {Kind::kGlue, {}}});
  }
  return rows;
}

std::vector<ExternTypeRow> v1model_extern_types() {
  return {
      {"counter", 2, counter_shape},
      {"meter", 2, meter_shape},
      {"register", 1, register_shape},
      {"direct_counter", 1, direct_counter_shape},
      {"direct_meter", 1, direct_meter_shape},
      {"$calculation", 1,
       [](const ir::ExternInstance& instance) -> InstanceShape {
         return CalculationShape{static_cast<std::uint32_t>(number(instance, 0))};
       }},
      {"Checksum16", 0, [](const ir::ExternInstance&) -> InstanceShape { return StatelessShape{}; }},
      {"action_profile", 1,
       [](const ir::ExternInstance& instance) -> InstanceShape { return ProfileShape{number(instance, 0), false}; }},
      {"action_selector", 3,
       [](const ir::ExternInstance& instance) -> InstanceShape { return ProfileShape{number(instance, 1), true}; }},
  };
}

}  // namespace p4bpf::arch
