// The definition, bit by bit (crc.h).
#include "base/crc.h"

namespace p4bpf {

std::uint32_t reflected(std::uint32_t value, std::uint32_t bits) {
  std::uint32_t out = 0;
  for (std::uint32_t i = 0; i < bits; ++i) out |= (value >> i & 1) << (bits - 1 - i);
  return out;
}

std::uint32_t crc(std::span<const std::uint8_t> data, const CrcParameters& parameters, std::uint32_t width) {
  const std::uint32_t mask = ~std::uint32_t{0} >> (32 - width);
  std::uint32_t remainder = parameters.initial & mask;
  for (const std::uint8_t byte : data) {
    const std::uint32_t next = parameters.reflect_data ? reflected(byte, 8) : byte;
    remainder ^= next << (width - 8);
    for (int bit = 0; bit < 8; ++bit) {
      const bool goes_out = (remainder >> (width - 1) & 1) != 0;
      remainder = (remainder << 1 ^ (goes_out ? parameters.polynomial : 0)) & mask;
    }
  }
  if (parameters.reflect_remainder) remainder = reflected(remainder, width);
  return (remainder ^ parameters.final_xor) & mask;
}

}  // namespace p4bpf
