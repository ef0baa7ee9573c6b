// The messages of a running program to its control plane, as they come.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

struct DigestRecord {
  std::size_t digest = 0;  // index of manifest::Manifest::digests
  std::uint32_t receiver = 0;
  std::uint64_t time_ns = 0;   // of the kernel's monotonic clock
  std::vector<BigInt> values;  // as manifest::Digest::fields
};

class DigestAccess {
 public:
  /// Both must outlive it.
  DigestAccess(Kernel& kernel, const manifest::Manifest& manifest) : kernel_(&kernel), manifest_(&manifest) {}

  /// Hands over what has come, oldest first, which is gone then; waits for the first one at most that long. One reader
  /// gets each.
  Result<void> consume(int timeout_ms, const std::function<void(const DigestRecord&)>& take);
  /// How many found the ring full since the program was loaded.
  Result<std::uint64_t> lost();

 private:
  Kernel* kernel_;
  const manifest::Manifest* manifest_;
};

}  // namespace p4bpf::runtime
