// One of the two programs that are compared: compiled with the loop that is measured (bench/programs/repeat.h), loaded,
// run.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "bench/bench.h"
#include "runtime/loaded_object.h"
#include "runtime/table_access.h"

namespace p4bpf::bench {

using Bytes = std::vector<std::uint8_t>;
/// P4 port -> interface.
using Ports = std::map<std::uint32_t, int>;

struct Run {
  std::uint32_t verdict = 0;
  Bytes bytes;
  bool operator==(const Run&) const = default;
};

class Side {
 public:
  struct Source {
    std::string text;
    std::string body;  // the function
    std::string folder;
    std::string clang;
  };
  static Result<Side> load(const Source& source, manifest::Manifest manifest, const std::string& object_file);

  runtime::TableAccess tables() { return {object_.kernel(), object_.manifest()}; }
  runtime::Kernel& kernel() { return object_.kernel(); }
  const manifest::Manifest& manifest() const { return object_.manifest(); }
  /// What the kernel says of the program itself, time left out.
  Figures figures() const;

  Result<Run> run(int ifindex, const Bytes& packet) const;
  /// Mean nanoseconds of one run of the loop over kBodies copies of the packet; `idle`: with an empty body.
  Result<std::uint32_t> time(int ifindex, const Bytes& packet, std::uint32_t repeat, bool idle) const;

 private:
  Side(runtime::LoadedObject object, std::string body) : object_(std::move(object)), body_(std::move(body)) {}
  runtime::LoadedObject object_;
  std::string body_;
};

/// Bodies in one run of the loop. Each gets a copy of the packet, kStride bytes behind the one before; what it changes
/// must lie in the first kRestored.
inline constexpr std::uint32_t kBodies = 16;
inline constexpr std::uint32_t kStride = 192;
inline constexpr std::uint32_t kRestored = 64;

}  // namespace p4bpf::bench
