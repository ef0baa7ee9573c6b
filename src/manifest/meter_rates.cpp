// Rates in ticks of a clock (meter_rates.h).
#include "manifest/meter_rates.h"

#include <algorithm>
#include <cmath>

namespace p4bpf::manifest {
namespace {

/// Packets have up to 2^20 units, so that their product with a cost fits 64 bits. A unit that takes longer than that many ticks (some
/// two minutes) is taken for one that does not.
constexpr double kMostCost = static_cast<double>(std::uint64_t{1} << 43);
constexpr std::uint32_t kMostShift = 40;
constexpr double kMostLimit = static_cast<double>(std::uint64_t{1} << 62);

}  // namespace

MeterBucket bucket_of(const MeterRate& rate) {
  const double ticks =
      rate.per_second > 0 ? std::min(1e9 * static_cast<double>(kMeterTicks) / rate.per_second, kMostCost) : kMostCost;
  MeterBucket bucket;
  double cost = ticks;
  while (bucket.shift < kMostShift && cost * 2 <= kMostCost) {
    cost *= 2;
    ++bucket.shift;
  }
  bucket.cost = static_cast<std::uint64_t>(std::llround(cost));
  bucket.limit = static_cast<std::uint64_t>(std::min(static_cast<double>(rate.burst) * ticks, kMostLimit));
  return bucket;
}

}  // namespace p4bpf::manifest
