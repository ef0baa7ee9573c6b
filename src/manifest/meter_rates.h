// The rates of a meter as people set them, and as the data path wants them.
#pragma once

#include <cstdint>

namespace p4bpf::manifest {

/// Packets or bytes.
struct MeterRate {
  double per_second = 0;
  std::uint64_t burst = 0;
  bool operator==(const MeterRate&) const = default;
};
struct MeterRates {
  MeterRate committed;
  MeterRate peak;
  bool operator==(const MeterRates&) const = default;
};

/// Ticks of a meter's clock in a nanosecond.
constexpr std::uint64_t kMeterTicks = 64;

/// What p4bpf_meter.h calls a bucket: a packet of n units takes (n * cost) >> shift ticks, and `limit` ticks fill it.
struct MeterBucket {
  std::uint64_t cost = 0;
  std::uint32_t shift = 0;
  std::uint64_t limit = 0;
};
MeterBucket bucket_of(const MeterRate& rate);

}  // namespace p4bpf::manifest
