// The meters of a running program: rates in, rates out. A meter without rates says green to everything.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "manifest/meter_rates.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

/// `meter` is an index of manifest::Manifest::meters; the index of an element of a direct meter is an entry's handle
/// (TableAccess::handle_of). Error::code is ERANGE for an index out of range, EINVAL for rates that are no rates or a
/// meter that the program does not use.
class MeterAccess {
 public:
  /// Both must outlive it.
  MeterAccess(Kernel& kernel, const manifest::Manifest& manifest) : kernel_(&kernel), manifest_(&manifest) {}

  Result<std::optional<manifest::MeterRates>> get(std::size_t meter, std::uint64_t index);
  Result<std::vector<std::optional<manifest::MeterRates>>> get_all(std::size_t meter);
  /// Its buckets are full afterwards.
  Result<void> set(std::size_t meter, std::uint64_t index, const manifest::MeterRates& rates);
  Result<void> set_all(std::size_t meter, const manifest::MeterRates& rates);
  /// Back to having no rates.
  Result<void> reset(std::size_t meter, std::uint64_t index);
  Result<void> reset_all(std::size_t meter);

 private:
  Result<std::span<std::uint8_t>> cell(std::size_t meter, std::uint64_t index);

  Kernel* kernel_;
  const manifest::Manifest* manifest_;
};

}  // namespace p4bpf::runtime
