// The meaning of each hash algorithm, as its definition says it (hash.h).
#include "arch/hash.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/crc.h"
#include "base/result.h"

namespace p4bpf::arch {
namespace {

using Data = std::span<const std::uint8_t>;

std::uint32_t crc32(Data data) { return crc(data, kCrc32, 32); }
std::uint32_t crc16(Data data) { return crc(data, kCrc16, 16); }

/// The words of two bytes; one that lacks its second has a 0 there.
template <class F>
void for_each_word(Data data, F&& f) {
  for (std::size_t i = 0; i < data.size(); i += 2)
    f(static_cast<std::uint32_t>(data[i] << 8 | (i + 1 < data.size() ? data[i + 1] : 0)));
}
std::uint32_t csum16(Data data) {
  std::uint64_t sum = 0;
  for_each_word(data, [&](std::uint32_t word) { sum += word; });
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint32_t>(~sum & 0xffff);
}
std::uint32_t xor16(Data data) {
  std::uint32_t all = 0;
  for_each_word(data, [&](std::uint32_t word) { all ^= word; });
  return all;
}

/// Bob Jenkins, "lookup3.c, by Bob Jenkins, May 2006": hashlittle with the initial value 0. Blocks of three words, the
/// lowest byte first, are mixed; the last one, of 1 to 12 bytes, is mixed in another way.
std::uint32_t lookup3(Data data) {
  const std::uint32_t start = 0xdeadbeef + static_cast<std::uint32_t>(data.size());
  std::array<std::uint32_t, 3> state{start, start, start};
  auto& [a, b, c] = state;
  while (!data.empty()) {
    const Data block = data.first(std::min<std::size_t>(data.size(), 12));
    data = data.subspan(block.size());
    for (std::size_t i = 0; i < block.size(); ++i) state[i / 4] += std::uint32_t{block[i]} << (8 * (i % 4));
    if (data.empty()) {
      constexpr int kFinal[] = {14, 11, 25, 16, 4, 14, 24};
      for (std::size_t i = 0; i < std::size(kFinal); ++i) {
        std::uint32_t& changed = state[(i + 2) % 3];
        const std::uint32_t by = state[(i + 1) % 3];
        changed = (changed ^ by) - std::rotl(by, kFinal[i]);
      }
      break;
    }
    constexpr int kMix[] = {4, 6, 8, 16, 19, 4};
    for (std::size_t i = 0; i < std::size(kMix); ++i) {
      std::uint32_t& changed = state[i % 3];
      std::uint32_t& by = state[(i + 2) % 3];
      changed = (changed - by) ^ std::rotl(by, kMix[i]);
      by += state[(i + 1) % 3];
    }
  }
  return c;
}

constexpr HashAlgorithm kAlgorithms[] = {
    {"lookup3", lookup3, "p4bpf_hash_lookup3"}, {"crc32", crc32, "p4bpf_hash_crc32"},
    {"crc16", crc16, "p4bpf_hash_crc16"},       {"csum16", csum16, "p4bpf_hash_csum16"},
    {"xor16", xor16, "p4bpf_hash_xor16"},
    // Where nobody can set their parameters: of selectors.
    {"crc32_custom", crc32, "p4bpf_hash_crc32"}, {"crc16_custom", crc16, "p4bpf_hash_crc16"},
};

void append_bits(const ExternValue& data, BigInt& bits, std::uint32_t& width) {
  for (const ExternValue& field : data.fields) append_bits(field, bits, width);
  if (data.is_composite) return;
  bits = (bits << data.width) | wrap(data.value, data.width, false);
  width += data.width;
}

}  // namespace

std::vector<std::uint8_t> bytes_of(const ExternValue& data) {
  BigInt bits = 0;
  std::uint32_t width = 0;
  append_bits(data, bits, width);
  const std::uint32_t padded = (width + 7) / 8 * 8;
  return to_bytes(bits << (padded - width), padded);
}

namespace {

std::vector<std::uint8_t> data_and(ExternContext& context, std::span<const std::uint8_t> payload) {
  std::vector<std::uint8_t> bytes = bytes_of(context.arguments.at(2));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

void evaluate(ExternContext& context, std::span<const std::uint8_t> payload) {
  const HashAlgorithm* const algorithm = find_hash(context.arguments.at(1).text);
  P4BPF_CHECK(algorithm != nullptr, "each algorithm of the architecture has a meaning");
  context.arguments[0].value = algorithm->of(data_and(context, payload));
}

void calculate(ExternContext& context, std::span<const std::uint8_t> payload) {
  const auto width = static_cast<std::uint32_t>(std::get<BigInt>(context.instance->arguments.at(0)));
  CrcParameters parameters = width == 32 ? kCrc32 : kCrc16;
  if (const auto set = context.state->cells.find(0); set != context.state->cells.end()) {
    const auto number = [&](std::size_t i) { return static_cast<std::uint32_t>(set->second.at(i)); };
    parameters = {number(0), number(1), number(2), number(3) != 0, number(4) != 0};
  }
  context.arguments[0].value = crc(data_and(context, payload), parameters, width);
}

}  // namespace

void evaluate_hash(ExternContext& context) { evaluate(context, {}); }
void evaluate_hash_with_payload(ExternContext& context) { evaluate(context, context.payload); }
void evaluate_calculation(ExternContext& context) { calculate(context, {}); }
void evaluate_calculation_with_payload(ExternContext& context) { calculate(context, context.payload); }

const HashAlgorithm* find_hash(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kAlgorithms), std::end(kAlgorithms),
                                         [&](const HashAlgorithm& one) { return one.name == name; });
  return found == std::end(kAlgorithms) ? nullptr : found;
}

}  // namespace p4bpf::arch
