// Packets as strings of bits: the first bit is the most significant one of the first byte (P4_16 section 12.8.1).
#pragma once

#include <cstdint>
#include <vector>

#include "base/big_int.h"

namespace p4bpf::interp {

using Bytes = std::vector<std::uint8_t>;

/// `width` bits from bit `offset` on; bits behind the end read as 0.
BigInt read_bits(const Bytes& bytes, std::uint64_t offset, std::uint32_t width);

/// Bits appended one value behind the other.
class BitWriter {
 public:
  /// The lowest `width` bits of `value`.
  void append(const BigInt& value, std::uint32_t width);
  /// All of `bytes` from bit `offset` on.
  void append(const Bytes& bytes, std::uint64_t offset);
  std::uint64_t bit_count() const { return bit_count_; }
  /// What was appended, the last byte filled up with 0 bits.
  const Bytes& bytes() const { return bytes_; }

 private:
  void append_byte(std::uint8_t byte, std::uint32_t width);

  Bytes bytes_;
  std::uint64_t bit_count_ = 0;
};

}  // namespace p4bpf::interp
