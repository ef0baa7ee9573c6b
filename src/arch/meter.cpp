// Two token buckets as two times (meter.h).
#include "arch/meter.h"

#include <algorithm>

namespace p4bpf::arch {
namespace {

enum Value : std::size_t { kFullAt, kCost, kShift, kLimit, kValues };
constexpr std::uint64_t kTicks = 64;  // in a nanosecond
constexpr std::uint64_t kMostUnits = 0xfffff;

bool takes(BigInt* bucket, const BigInt& now, std::uint64_t units) {
  const BigInt cost = (BigInt(units) * bucket[kCost]) >> static_cast<unsigned>(bucket[kShift]);
  const BigInt next = std::max(bucket[kFullAt], now) + cost;
  if (next - now > bucket[kLimit]) return false;
  bucket[kFullAt] = next;
  return true;
}

}  // namespace

std::uint32_t meter_color(std::vector<BigInt>& meter, std::uint64_t now_ns, std::uint64_t units) {
  BigInt* const committed = meter.data();
  BigInt* const peak = meter.data() + kValues;
  const BigInt now = BigInt(now_ns) * kTicks;
  units = std::min(units, kMostUnits);
  if (peak[kCost] == 0) return 0;
  if (!takes(peak, now, units)) return 2;
  return takes(committed, now, units) ? 0 : 1;
}

}  // namespace p4bpf::arch
