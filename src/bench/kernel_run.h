// From C text to a loaded object, and BPF_PROG_TEST_RUN: what the comparison of programs and that of tables share.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/loaded_object.h"

namespace p4bpf::bench {

using Bytes = std::vector<std::uint8_t>;

struct Source {
  std::string text;
  std::string epilogue;  // a header that stands behind the text: the loop that is measured
  std::string folder;    // where it is
  std::vector<std::string> defines;
  std::string clang;
};

/// Compiles; what the compiler says of the text is the failure.
Result<void> compile(const Source& source, const std::string& object_file);
/// Loads an object with these programs of one hook, XDP or TC ingress. A refusal by the verifier is the failure; a
/// missing privilege is kUnavailable.
Result<runtime::LoadedObject> load(const std::string& object_file, manifest::Manifest manifest,
                                   const std::vector<std::string>& programs,
                                   manifest::Hook hook = manifest::Hook::kXdp);

struct Run {
  std::uint32_t verdict = 0;
  Bytes bytes;
  bool operator==(const Run&) const = default;
};
struct TimedRun {
  Run run;
  std::uint32_t nanoseconds = 0;  // the mean of all
};
/// Runs a program of the hook `repeat` times.
Result<TimedRun> test_run(int program, int ifindex, const Bytes& packet, std::uint32_t repeat,
                          manifest::Hook hook = manifest::Hook::kXdp);
/// XDP: lets `count` frames arrive as if from this interface; they go where the program sends them.
Result<void> run_live(int program, int ifindex, const Bytes& packet, std::uint32_t count);

}  // namespace p4bpf::bench
