// Random choices that a seed repeats exactly, on every machine and library.
#pragma once

#include <cstdint>
#include <vector>

#include "base/big_int.h"
#include "testing/dataplane.h"

namespace p4bpf::testing {

/// splitmix64 (Steele, Lea, Flood 2014): one multiplication chain per number, full period.
class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 .. limit - 1; 0 for a limit of 0.
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : static_cast<std::size_t>(next() % limit); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  BigInt bits(std::uint32_t width) {
    BigInt value = 0;
    for (std::uint32_t have = 0; have < width; have += 64) value = (value << 64) | next();
    return value & (power_of_two(width) - 1);
  }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace p4bpf::testing
