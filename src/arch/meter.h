// What a meter says of a packet, for the interpreter: the arithmetic of src/codegen/runtime/p4bpf_meter.h, whose essay
// tells the algorithm. A unit test compares the two.
#pragma once

#include <cstdint>
#include <vector>

#include "base/big_int.h"

namespace p4bpf::arch {

/// What ExternState has for a meter: {full at, cost, shift, limit} of the committed bucket, then of the peak one. Zeroes: no rates.
constexpr std::size_t kMeterValues = 8;

/// 0 green, 1 yellow, 2 red.
std::uint32_t meter_color(std::vector<BigInt>& meter, std::uint64_t now_ns, std::uint64_t units);

}  // namespace p4bpf::arch
