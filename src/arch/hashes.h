// The hashes of v1model's HashAlgorithm, over bytes as they would stand in a packet.
#pragma once

#include <cstdint>
#include <span>

namespace p4bpf::arch {

using ByteSpan = std::span<const std::uint8_t>;

/// A cyclic redundancy check of `width` bits whose bits run from the lowest up (reflected): Ethernet's crc32 is
/// {32, 0x04c11db7, all ones, all ones}, crc16 (ARC) {16, 0x8005, 0, 0}. The parameters are written as in the catalogue of
/// parametrised CRC algorithms (R. Williams, A Painless Guide to CRC Error Detection Algorithms, 1993).
struct Crc {
  std::uint32_t width = 32;
  std::uint64_t polynomial = 0x04c11db7;
  std::uint64_t initial = 0xffffffff;
  std::uint64_t final_xor = 0xffffffff;
};
std::uint64_t crc(const Crc& parameters, ByteSpan data);

/// The Internet checksum (RFC 1071); an odd last byte counts as the high half of a word.
std::uint64_t csum16(ByteSpan data);
/// The exclusive or of the 16-bit words, likewise.
std::uint64_t xor16(ByteSpan data);
/// The first eight bytes as a number, or all if there are fewer.
std::uint64_t identity(ByteSpan data);

}  // namespace p4bpf::arch
