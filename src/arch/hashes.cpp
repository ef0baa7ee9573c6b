// The arithmetic of hashes.h.
#include "arch/hashes.h"

namespace p4bpf::arch {
namespace {

std::uint64_t reflect(std::uint64_t value, std::uint32_t width) {
  std::uint64_t out = 0;
  for (std::uint32_t i = 0; i < width; ++i) out |= ((value >> i) & 1) << (width - 1 - i);
  return out;
}

std::uint64_t word_at(ByteSpan data, std::size_t at) {
  return static_cast<std::uint64_t>(data[at]) << 8 | (at + 1 < data.size() ? data[at + 1] : 0);
}

}  // namespace

std::uint64_t crc(const Crc& parameters, ByteSpan data) {
  const std::uint64_t polynomial = reflect(parameters.polynomial, parameters.width);
  std::uint64_t rest = parameters.initial;
  for (const std::uint8_t byte : data) {
    rest ^= byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? polynomial : 0);
  }
  return rest ^ parameters.final_xor;
}

std::uint64_t csum16(ByteSpan data) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < data.size(); at += 2) sum += word_at(data, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum ^ 0xffff;
}

std::uint64_t xor16(ByteSpan data) {
  std::uint64_t out = 0;
  for (std::size_t at = 0; at < data.size(); at += 2) out ^= word_at(data, at);
  return out;
}

std::uint64_t identity(ByteSpan data) {
  std::uint64_t out = 0;
  for (std::size_t at = 0; at < data.size() && at < 8; ++at) out = out << 8 | data[at];
  return out;
}

}  // namespace p4bpf::arch
