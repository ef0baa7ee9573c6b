// What generated programs compute for meters (p4bpf_meter.h) against the interpreter's meaning (src/arch/meter.cpp),
// and both against RFC 2698's buckets counted by hand.
#include "arch/meter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "manifest/meter_rates.h"
#include "runtime/table_layout.h"

namespace {

// What p4bpf.h gives to p4bpf_meter.h.
using u32 = std::uint32_t;
using u64 = unsigned long long;
#define P4BPF_INLINE [[maybe_unused]] static inline
#define P4BPF_ROLLED
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include "codegen/runtime/p4bpf_meter.h"
#pragma GCC diagnostic pop

using p4bpf::BigInt;
using p4bpf::manifest::bucket_of;
using p4bpf::manifest::MeterRate;
using p4bpf::manifest::MeterRates;

static_assert(sizeof(p4bpf_meter) == p4bpf::runtime::kMeterSize);

constexpr std::uint64_t kSecond = 1'000'000'000;

p4bpf_bucket c_bucket(const MeterRate& rate) {
  const auto bucket = bucket_of(rate);
  return {0, bucket.cost, bucket.shift, bucket.limit, 0, rate.burst};
}
p4bpf_meter c_meter(const MeterRates& rates) { return {c_bucket(rates.committed), c_bucket(rates.peak)}; }

std::vector<BigInt> meter_of(const MeterRates& rates) {
  std::vector<BigInt> cells;
  for (const MeterRate& rate : {rates.committed, rates.peak}) {
    const auto bucket = bucket_of(rate);
    for (const BigInt& value : {BigInt(0), BigInt(bucket.cost), BigInt(bucket.shift), BigInt(bucket.limit)})
      cells.push_back(value);
  }
  return cells;
}

TEST(Meter, FollowsTheBucketsOfTheRfc) {
  // 10 a second with a burst of 2, 20 a second with a burst of 4.
  p4bpf_meter meter = c_meter({{10, 2}, {20, 4}});
  const std::uint64_t start = 100 * kSecond;
  const auto colors = [&](std::uint64_t at, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "gyr"[p4bpf_meter_color(&meter, at, 1)];
    return text;
  };
  EXPECT_EQ(colors(start, 6), "ggyyrr");               // both buckets were full
  EXPECT_EQ(colors(start + kSecond / 10, 4), "gyrr");  // one more in the committed one, two in the peak one
  EXPECT_EQ(colors(start + kSecond / 10 + kSecond / 20, 2), "yr");
  EXPECT_EQ(colors(start + 60 * kSecond, 6), "ggyyrr");  // never more than the burst
}

TEST(Meter, CountsBytesAndRefusesWhatNeverFits) {
  p4bpf_meter meter = c_meter({{1000, 1500}, {1000, 1500}});
  EXPECT_EQ(p4bpf_meter_color(&meter, kSecond, 1501), 2u);
  EXPECT_EQ(p4bpf_meter_color(&meter, kSecond, 1500), 0u);
  EXPECT_EQ(p4bpf_meter_color(&meter, kSecond, 1), 2u);
  EXPECT_EQ(p4bpf_meter_color(&meter, 2 * kSecond, 1000), 0u);
  EXPECT_EQ(p4bpf_meter_color(&meter, 2 * kSecond, 1), 2u);
}

TEST(Meter, WithoutRatesIsGreen) {
  p4bpf_meter meter{};
  EXPECT_EQ(p4bpf_meter_color(&meter, kSecond, 1000000), 0u);
  std::vector<BigInt> cells(p4bpf::arch::kMeterValues);
  EXPECT_EQ(p4bpf::arch::meter_color(cells, kSecond, 1000000), 0u);
}

/// How much passes as green in ten seconds of packets at several times the rate.
TEST(Meter, KeepsRatesFromAFewASecondToAHundredGigabit) {
  for (const double rate : {3.0, 1000.0, 1e6, 1.25e9, 12.5e9}) {
    const std::uint32_t units = rate > 1e7 ? 1500 : 1;
    const std::uint64_t burst = 4 * units;
    p4bpf_meter meter = c_meter({{rate, burst}, {2 * rate, burst}});
    const double step = 1e9 * units / rate / 5;
    const int packets = 100000;
    double green = 0;
    for (int i = 0; i < packets; ++i)
      green += p4bpf_meter_color(&meter, kSecond + static_cast<std::uint64_t>(i * step), units) == 0 ? units : 0;
    const double wanted = rate * packets * step / 1e9 + static_cast<double>(burst);
    EXPECT_NEAR(green / wanted, 1, 0.002) << rate;
  }
}

TEST(Meter, ProgramsComputeWhatTheInterpreterDoes) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const auto rate = [&] {
      return MeterRate{std::pow(10.0, static_cast<double>(random() % 100) / 10), random() % 20000};
    };
    const MeterRates rates{rate(), rate()};
    p4bpf_meter meter = c_meter(rates);
    std::vector<BigInt> cells = meter_of(rates);
    std::uint64_t now = random() % (1000 * kSecond);
    for (int i = 0; i < 100; ++i) {
      now += random() % static_cast<std::uint64_t>(4e9 / (rates.committed.per_second + 1) + 2);
      const auto units = static_cast<u32>(random() % 2000);
      ASSERT_EQ(p4bpf_meter_color(&meter, now, units), p4bpf::arch::meter_color(cells, now, units))
          << round << " " << i;
    }
  }
}

}  // namespace
