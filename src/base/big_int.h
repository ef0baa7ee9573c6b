// Integers of any size: P4's `int`, and the values of bit<N> and int<N> whatever N is.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace p4bpf {

/// Signed, arbitrary precision.
using BigInt = boost::multiprecision::cpp_int;

/// 2**bits.
BigInt power_of_two(std::uint32_t bits);

/// `value` reduced to `width` bits: modulo 2**width, and read as two's complement where `is_signed` (P4_16 section 8.11.1).
BigInt wrap(const BigInt& value, std::uint32_t width, bool is_signed);

/// Whether `wrap` would leave `value` as it is.
bool fits(const BigInt& value, std::uint32_t width, bool is_signed);

/// `value` clamped to what `width` bits can hold: what the saturating operators |+| and |-| do (section 8.6).
BigInt saturate(const BigInt& value, std::uint32_t width, bool is_signed);

/// Bits [hi:lo] of `value` read as two's complement, non-negative.
BigInt bit_slice(const BigInt& value, std::uint32_t hi, std::uint32_t lo);

/// `value` (taken modulo 2**width) as ceil(width/8) bytes, most significant first.
std::vector<std::uint8_t> to_bytes(const BigInt& value, std::uint32_t width);

/// Bytes, most significant first, as a non-negative value.
BigInt from_bytes(const std::uint8_t* bytes, std::size_t count);

/// Decimal, or 0x, 0o, 0b; `_` between digits is skipped; no sign, no spaces. nothing if malformed.
std::optional<BigInt> parse_big_int(std::string_view text);

/// Lower-case hexadecimal with 0x, padded to the digits that `width` bits take (0: no padding). Non-negative values only.
std::string to_hex(const BigInt& value, std::uint32_t width = 0);

}  // namespace p4bpf
