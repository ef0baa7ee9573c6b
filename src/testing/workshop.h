// From a finished program to executors that run it: generates, compiles and loads each form of it once, when a test
// first asks.
//
//   interp   the IR itself
//   native   generated C of a test build -> shared object
//   kernel   generated C of a test build -> BPF object (a redirect leaves its port in a global)
//   veth     generated C as a user would get it -> BPF object
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/files.h"
#include "codegen/generate.h"
#include "ir/ir.h"
#include "manifest/manifest.h"
#include "testing/dataplane.h"
#include "testing/interp_dataplane.h"

namespace p4bpf::testing {

enum class Target { kInterp, kNative, kKernel, kVeth };
std::string_view target_name(Target target);

struct WorkshopOptions {
  std::vector<std::string> extern_files;
  std::string clang;          // "": what is there
  std::string hook = "auto";  // auto, xdp, tc
  bool sanitize = false;      // native: undefined behaviour of the generated C is an error
  TraceSink trace;            // interp: hears what happens to each packet
};

/// What a test wants of the medium.
struct Wanted {
  std::set<std::uint32_t> ports;
  /// Frames without a whole Ethernet header, which XDP never gets: a program that may run on TC is built for it.
  bool short_frames = false;
  /// Packets of no byte, or that gain bytes in front: what an interface without a link-layer header cannot carry either.
  bool beyond_tuns = false;
};

class Workshop {
 public:
  /// Both must outlive it and what it makes.
  Workshop(const ir::Program& program, Diagnostics& diagnostics, WorkshopOptions options);

  /// A new executor with the tables as the program has them. Null, and an error among the diagnostics, if the program
  /// cannot be built for it; a failure with kUnavailable if it cannot run here. At most one native executor may live at
  /// a time.
  Result<std::unique_ptr<Dataplane>> make(Target target, const Wanted& wanted);

 private:
  struct Built {
    manifest::Manifest manifest;
    std::string path;
  };
  /// The compiled file; nothing, and diagnostics, if the program cannot be built.
  Result<const Built*> build(Target target, codegen::HookChoice hook);
  Result<std::optional<Built>> compile(Target target, codegen::HookChoice hook);
  Result<std::optional<Built>> compile(Target target, const codegen::GenerateOptions& options);
  Result<std::unique_ptr<Dataplane>> make_interp();
  Result<std::unique_ptr<Dataplane>> make_loaded(Target target, const Built& built, const Wanted& wanted);
  codegen::HookChoice hook_for(const Wanted& wanted) const;
  std::vector<std::string> extern_names() const;

  const ir::Program& program_;
  Diagnostics& diagnostics_;
  WorkshopOptions options_;
  bool exceeds_stack_ = false;  // the last build would do with another shape
  std::optional<TempDir> folder_;
  std::map<std::pair<Target, codegen::HookChoice>, std::optional<Built>> built_;
};

}  // namespace p4bpf::testing
