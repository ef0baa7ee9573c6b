// Meters in the memory of a map (meter_access.h, codegen/runtime/p4bpf_meter.h).
#include "runtime/meter_access.h"

#include <cerrno>
#include <cmath>
#include <cstring>

#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

using manifest::Meter;
using manifest::MeterRate;
using manifest::MeterRates;

/// struct p4bpf_bucket, which lies in memory that the program writes meanwhile.
enum Word : std::size_t { kFullAt, kCost, kShift, kLimit, kRate, kBurst, kWords };

std::uint64_t* words_of(std::span<std::uint8_t> cell, bool is_peak) {
  return reinterpret_cast<std::uint64_t*>(cell.data()) + (is_peak ? std::size_t{kWords} : 0);
}

void store(std::uint64_t* word, std::uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

void write(std::uint64_t* words, const MeterRate& rate) {
  const manifest::MeterBucket bucket = manifest::bucket_of(rate);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &rate.per_second, sizeof bits);
  store(words + kShift, bucket.shift);
  store(words + kLimit, bucket.limit);
  store(words + kRate, bits);
  store(words + kBurst, rate.burst);
  store(words + kFullAt, 0);
  // Last: with it the bucket is in use.
  store(words + kCost, bucket.cost);
}

MeterRate read(const std::uint64_t* words) {
  MeterRate rate;
  std::memcpy(&rate.per_second, words + kRate, sizeof rate.per_second);
  rate.burst = words[kBurst];
  return rate;
}

bool is_rate(const MeterRate& rate) { return std::isfinite(rate.per_second) && rate.per_second >= 0; }

}  // namespace

static_assert(2 * kWords * sizeof(std::uint64_t) == kMeterSize);

Result<std::span<std::uint8_t>> MeterAccess::cell(std::size_t number, std::uint64_t index) {
  const Meter& meter = manifest_->meters.at(number);
  if (meter.map.empty())
    return fail("meter '" + meter.name + "' is not used by the program, so it has no map", "", EINVAL);
  if (index >= meter.size) {
    return fail("index " + std::to_string(index) + " is out of range: meter '" + meter.name + "' has " +
                    std::to_string(meter.size) + " elements",
                "", ERANGE);
  }
  const Result<std::span<std::uint8_t>> bytes = kernel_->memory(meter.map);
  if (!bytes) return fail(bytes.error());
  if (bytes->size() / kMeterSize < meter.size)
    return fail("the map of meter '" + meter.name + "' is smaller than the manifest says", "compile the program again");
  return bytes->subspan(index * kMeterSize, kMeterSize);
}

Result<std::optional<MeterRates>> MeterAccess::get(std::size_t meter, std::uint64_t index) {
  const Result<std::span<std::uint8_t>> bytes = cell(meter, index);
  if (!bytes) return fail(bytes.error());
  const std::uint64_t* const committed = words_of(*bytes, false);
  const std::uint64_t* const peak = words_of(*bytes, true);
  if (peak[kCost] == 0) return std::optional<MeterRates>();
  return std::optional(MeterRates{read(committed), read(peak)});
}

Result<std::vector<std::optional<MeterRates>>> MeterAccess::get_all(std::size_t meter) {
  std::vector<std::optional<MeterRates>> all;
  for (std::uint64_t i = 0; i < manifest_->meters.at(meter).size; ++i) {
    const Result<std::optional<MeterRates>> one = get(meter, i);
    if (!one) return fail(one.error());
    all.push_back(*one);
  }
  return all;
}

Result<void> MeterAccess::set(std::size_t meter, std::uint64_t index, const MeterRates& rates) {
  if (!is_rate(rates.committed) || !is_rate(rates.peak))
    return fail("a rate is a number of units a second that is not negative", "", EINVAL);
  const Result<std::span<std::uint8_t>> bytes = cell(meter, index);
  if (!bytes) return fail(bytes.error());
  store(words_of(*bytes, true) + kCost, 0);  // green until both are there
  write(words_of(*bytes, false), rates.committed);
  write(words_of(*bytes, true), rates.peak);
  return {};
}

Result<void> MeterAccess::set_all(std::size_t meter, const MeterRates& rates) {
  for (std::uint64_t i = 0; i < manifest_->meters.at(meter).size; ++i) {
    if (Result<void> done = set(meter, i, rates); !done) return done;
  }
  return {};
}

Result<void> MeterAccess::reset(std::size_t meter, std::uint64_t index) {
  const Result<std::span<std::uint8_t>> bytes = cell(meter, index);
  if (!bytes) return fail(bytes.error());
  store(words_of(*bytes, true) + kCost, 0);
  store(words_of(*bytes, false) + kCost, 0);
  return {};
}

Result<void> MeterAccess::reset_all(std::size_t meter) {
  for (std::uint64_t i = 0; i < manifest_->meters.at(meter).size; ++i) {
    if (Result<void> done = reset(meter, i); !done) return done;
  }
  return {};
}

}  // namespace p4bpf::runtime
