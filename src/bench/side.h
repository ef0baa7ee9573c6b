// One of the two programs that are compared, loaded with the loop that is measured around it (bench/programs/repeat.h,
// repeat_tc.h).
#pragma once

#include <map>
#include <string>

#include "bench/bench.h"
#include "bench/kernel_run.h"
#include "runtime/table_access.h"
#include "testing/network.h"

namespace p4bpf::bench {

/// P4 port -> the two ends of its veth; the program is at `a`.
using Ports = std::map<std::uint32_t, testing::VethPair>;

class Side {
 public:
  /// `folder` has the headers of the twins, `body` is the name of the function.
  static Result<void> compile(const std::string& text, const std::string& body, const std::string& folder,
                              const std::string& clang, manifest::Hook hook, const std::string& object_file);
  static Result<Side> load(const std::string& object_file, const std::string& body, manifest::Manifest manifest,
                           manifest::Hook hook);

  runtime::TableAccess tables() { return {object_.kernel(), object_.manifest()}; }
  runtime::Kernel& kernel() { return object_.kernel(); }
  const manifest::Manifest& manifest() const { return object_.manifest(); }
  /// What the kernel says of the program itself, time left out.
  Figures figures() const;

  Result<Run> run(int ifindex, const Bytes& packet) const;
  /// Nanoseconds of one body, with what the loop costs; `idle`: with an empty body. On XDP the mean of `repeat` runs,
  /// on TC the median of a few.
  Result<double> time(int ifindex, const Bytes& packet, std::uint32_t repeat, bool idle) const;

  /// Lets this many frames arrive and go where the program sends them; each starts as `packet`.
  Result<void> send_live(int ifindex, const Bytes& packet, std::uint32_t count);
  /// The program that counts and drops frames, for the far ends of the ports, and what it counted.
  int sink() const;
  Result<std::uint64_t> received();

 private:
  Side(runtime::LoadedObject object, std::string body, manifest::Hook hook)
      : object_(std::move(object)), body_(std::move(body)), hook_(hook) {}
  Result<double> time_on_xdp(int program, int ifindex, const Bytes& packet, std::uint32_t repeat) const;
  Result<double> time_on_tc(int program, int ifindex, const Bytes& packet) const;

  runtime::LoadedObject object_;
  std::string body_;
  manifest::Hook hook_;
};

/// Bodies in one run of the loop. On XDP each gets a copy of the packet, kStride bytes behind the one before; what it
/// changes must lie in the first kRestored.
inline constexpr std::uint32_t kBodies = 16;
inline constexpr std::uint32_t kTcBodies = 64;
inline constexpr std::uint32_t kStride = 192;
inline constexpr std::uint32_t kRestored = 64;

}  // namespace p4bpf::bench
