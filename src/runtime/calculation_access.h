// The calculations of a running program: hashes whose parameters are set from outside.
#pragma once

#include <cstdint>

#include "base/crc.h"
#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

/// Bytes of struct p4bpf_calculation.
constexpr std::uint32_t kCalculationBytes = 4 * 4 + 256 * 4;

/// What a program reads in place of the parameters, as struct p4bpf_calculation (codegen/runtime/p4bpf_hash.h) has it.
Bytes encode_calculation(const CrcParameters& parameters, std::uint32_t width);

class CalculationAccess {
 public:
  /// Both must outlive it.
  CalculationAccess(Kernel& kernel, const manifest::Manifest& manifest) : kernel_(&kernel), manifest_(&manifest) {}

  /// `calculation` is an index of manifest::Manifest::calculations. A packet that is hashed at the same time may find
  /// some of the old parameters.
  Result<void> set(std::size_t calculation, const CrcParameters& parameters);

 private:
  Kernel* kernel_;
  const manifest::Manifest* manifest_;
};

}  // namespace p4bpf::runtime
