// A program with one lookup, loaded with the loop that measures it (bench/tables/lookup.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/kernel_run.h"
#include "runtime/table_access.h"

namespace p4bpf::bench {

/// Keys that a program goes through; a power of two.
inline constexpr std::size_t kKeys = 1u << 17;

class LookupProgram {
 public:
  /// `look_up` is the function with the lookup; `source` lacks only what the loop wants.
  static Result<LookupProgram> make(Source source, const std::string& look_up, std::uint32_t key_bytes,
                                    manifest::Manifest manifest, const std::string& object_file);

  runtime::BpfKernel& kernel() const { return object_.kernel(); }
  const manifest::Manifest& manifest() const { return object_.manifest(); }
  /// Memory that these maps take, the inner ones of maps of maps with them.
  Result<double> memory(const std::vector<std::string>& maps) const;

  /// kKeys keys.
  Result<void> set_keys(const std::vector<Bytes>& keys);
  /// What the first kSummed lookups find, summed.
  static constexpr std::uint32_t kSummed = 64;
  Result<std::uint32_t> sum_of_found();
  /// Chooses the lookups of one run so that it takes about a millisecond.
  Result<void> calibrate();
  /// Nanoseconds of one lookup and the loop, or of the loop alone.
  Result<double> time(bool idle = false) const;

 private:
  LookupProgram(runtime::LoadedObject object, std::uint32_t key_bytes)
      : object_(std::move(object)), key_bytes_(key_bytes) {}
  Result<void> set_rounds(std::uint32_t rounds);
  Result<void> write(const std::string& variable, std::uint32_t value);

  runtime::LoadedObject object_;
  std::uint32_t key_bytes_;
  std::uint32_t rounds_ = 0;
};

}  // namespace p4bpf::bench
