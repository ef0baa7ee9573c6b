// The externs of v1model.p4 that are evaluations, and those that its glue makes of others (v1model_calls.cpp).
#include "arch/hashes.h"
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

// ---- packing ------------------------------------------------------------------------------------------------------

void add_bits(const ExternValue& value, BigInt& bits, std::uint64_t& width) {
  for (const ExternValue& field : value.fields) add_bits(field, bits, width);
  if (value.is_composite) return;
  bits = (bits << value.width) | wrap(value.value, value.width, false);
  width += value.width;
}

/// The fields as they would stand in a packet, with zero bits up to a whole byte.
std::vector<std::uint8_t> packed(const ExternValue& value) {
  BigInt bits = 0;
  std::uint64_t width = 0;
  add_bits(value, bits, width);
  bits <<= static_cast<unsigned>((8 - width % 8) % 8);
  std::vector<std::uint8_t> bytes((width + 7) / 8);
  for (std::size_t i = bytes.size(); i-- > 0; bits >>= 8) bytes[i] = static_cast<std::uint8_t>(bits & 0xff);
  return bytes;
}

template <std::uint64_t (*Hash)(ByteSpan)>
void hash_data(ExternContext& context) {
  context.result = Hash(packed(context.arguments.at(0)));
}

/// The payload follows the data, which is filled up to a whole byte.
template <std::uint64_t (*Hash)(ByteSpan)>
void hash_with_payload(ExternContext& context) {
  std::vector<std::uint8_t> bytes = packed(context.arguments.at(0));
  bytes.insert(bytes.end(), context.payload.begin(), context.payload.end());
  context.result = Hash(bytes);
}

std::uint64_t crc32(ByteSpan data) { return crc({32, 0x04c11db7, 0xffffffff, 0xffffffff}, data); }
std::uint64_t crc16(ByteSpan data) { return crc({16, 0x8005, 0, 0}, data); }

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

/// A meter whose rates nobody has set passes everything as green.
void execute_meter(ExternContext& context) { context.arguments.at(1).value = 0; }
void read_direct_meter(ExternContext& context) { context.arguments.at(0).value = 0; }

void checksum16_get(ExternContext& context) { context.result = csum16(packed(context.arguments.at(0))); }

void digest(ExternContext& context) {
  Effect effect{Effect::Kind::kDigest, packed(context.arguments.at(1)), static_cast<std::uint32_t>(context.in(0))};
  context.effects->push_back(std::move(effect));
}

void timestamp(ExternContext& context) { context.result = context.now_ns / 1000; }
void random_bits(ExternContext& context) { context.result = context.random_bits; }
void nothing(ExternContext&) {}

}  // namespace

std::vector<ExternRow> v1model_externs() {
  using Kind = CLowering::Kind;
  std::vector<ExternRow> rows = {
      {"counter.count", 1, count, {Kind::kOnInstanceMap, "p4bpf_counter_count"}},
      {"direct_counter.count", 0, nothing, {Kind::kGlue, "counted by the table"}},
      {"meter.execute_meter", 2, execute_meter, {Kind::kOnInstanceMap, "p4bpf_meter_execute"}},
      {"direct_meter.read", 1, read_direct_meter, {Kind::kOnInstanceMap, "p4bpf_direct_meter_read"}},
      {"register.read", 2, register_read, {Kind::kOnInstanceMap, "p4bpf_register_read"}},
      {"register.write", 2, register_write, {Kind::kOnInstanceMap, "p4bpf_register_write"}},
      {"Checksum16.get", 1, checksum16_get, {Kind::kPacked, "p4bpf_csum16"}},
      {"digest", 2, digest, {Kind::kPacked, "p4bpf_digest"}},
      {"$random", 0, random_bits, {Kind::kFunction, "p4bpf_random"}},
      {"$timestamp", 0, timestamp, {Kind::kFunction, "p4bpf_timestamp"}},
  };
  const auto add_hash = [&](std::string_view name, std::string_view payload_name, auto* plain, auto* payload,
                            std::string_view function) {
    rows.push_back({name, 1, plain, {Kind::kPacked, function}});
    rows.push_back({payload_name, 1, payload, {Kind::kPackedPayload, function}});
  };
  add_hash("$crc32", "$crc32_with_payload", hash_data<crc32>, hash_with_payload<crc32>, "p4bpf_crc32");
  add_hash("$crc32_custom", "$crc32_custom_with_payload", hash_data<crc32>, hash_with_payload<crc32>, "p4bpf_crc32");
  add_hash("$crc16", "$crc16_with_payload", hash_data<crc16>, hash_with_payload<crc16>, "p4bpf_crc16");
  add_hash("$crc16_custom", "$crc16_custom_with_payload", hash_data<crc16>, hash_with_payload<crc16>, "p4bpf_crc16");
  add_hash("$csum16", "$csum16_with_payload", hash_data<csum16>, hash_with_payload<csum16>, "p4bpf_csum16");
  add_hash("$xor16", "$xor16_with_payload", hash_data<xor16>, hash_with_payload<xor16>, "p4bpf_xor16");
  add_hash("$identity", "$identity_with_payload", hash_data<identity>, hash_with_payload<identity>, "p4bpf_identity");
  for (const auto& [name, params] :
       {std::pair<std::string_view, std::size_t>{"hash", 5}, {"random", 3}, {"verify_checksum", 4},
        {"verify_checksum_with_payload", 4}, {"update_checksum", 4}, {"update_checksum_with_payload", 4},
        {"mark_to_drop", 1}, {"mark_to_drop", 0}, {"truncate", 1}, {"clone", 2}, {"clone_preserving_field_list", 3},
        {"resubmit_preserving_field_list", 1}, {"recirculate_preserving_field_list", 1}, {"clone3", 3},
        {"resubmit", 1}, {"recirculate", 1}, {"assert", 1}, {"assume", 1}, {"log_msg", 1}, {"log_msg", 2}}) {
    rows.push_back({name, params, nothing, {Kind::kGlue, "v1model_calls.cpp"}});
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
      {"Checksum16", 0, [](const ir::ExternInstance&) -> InstanceShape { return StatelessShape{}; }},
      {"action_profile", 1,
       [](const ir::ExternInstance& instance) -> InstanceShape { return ProfileShape{number(instance, 0), false}; }},
      {"action_selector", 3,
       [](const ir::ExternInstance& instance) -> InstanceShape { return ProfileShape{number(instance, 1), true}; }},
  };
}

}  // namespace p4bpf::arch
