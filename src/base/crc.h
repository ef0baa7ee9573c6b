// Cyclic redundancy checks by their parameters. The two that hash algorithms are named after, and those that a user
// gives a custom one.
#pragma once

#include <cstdint>
#include <span>

namespace p4bpf {

/// As R. Williams names them ("A painless guide to CRC error detection algorithms", 1993, section 15): the polynomial
/// without its highest term, what the remainder is at first, whether each byte of the data, and the remainder in the
/// end, is turned so that its lowest bit comes first, and what the result is combined with by exclusive or.
struct CrcParameters {
  std::uint32_t polynomial = 0;
  std::uint32_t initial = 0;
  std::uint32_t final_xor = 0;
  bool reflect_data = false;
  bool reflect_remainder = false;
};

/// CRC-32 of Ethernet (IEEE 802.3), and CRC-16/ARC.
inline constexpr CrcParameters kCrc32{0x04c11db7, 0xffffffff, 0xffffffff, true, true};
inline constexpr CrcParameters kCrc16{0x8005, 0, 0, true, true};

/// The lowest `bits` (of 1 to 32) in the opposite order.
std::uint32_t reflected(std::uint32_t value, std::uint32_t bits);

/// Of `width` bits, 8 to 32; bits of the parameters above them are not looked at.
std::uint32_t crc(std::span<const std::uint8_t> data, const CrcParameters& parameters, std::uint32_t width);

}  // namespace p4bpf
