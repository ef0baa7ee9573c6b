// The Internet checksum (RFC 1071) and its incremental update (RFC 1624), over values of any width.
#pragma once

#include <cstdint>

#include "base/big_int.h"

namespace p4bpf::arch {

/// The ones' complement sum of the 16-bit words of `data` (non-negative, a multiple of 16 bits seen from its right
/// end), folded to 16 bits.
BigInt ones_complement_sum(const BigInt& data);

/// The complement of that sum: what stands in a header's checksum field.
BigInt internet_checksum(const BigInt& data);

/// The checksum after a part of `width` bits changed from `before` to `after`: HC' = ~(~HC + ~m + m'), equation 3 of
/// RFC 1624.
BigInt replace_in_checksum(const BigInt& checksum, const BigInt& before, const BigInt& after, std::uint32_t width);

}  // namespace p4bpf::arch
