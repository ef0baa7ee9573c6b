// A BPF object in the kernel: its programs verified, its maps made and holding what the manifest says. Nothing is
// pinned or attached yet: when this object goes, so does all that is in the kernel. instance.h pins it; the test
// executor runs it as it is.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "runtime/kernel_bpf.h"
#include "runtime/verifier_log.h"

struct bpf_object;

namespace p4bpf::runtime {

struct LoadOutcome;

class LoadedObject {
 public:
  /// Loads `object_file` and initialises its tables. Fails where the kernel is not able or we are not allowed; a
  /// program that the verifier refuses is no failure but LoadOutcome::rejection.
  /// `program_type` (BPF_PROG_TYPE_*) replaces what the hooks ask for: a test runs short frames as LWT_XMIT. Maps that
  /// are in `there`, by their names, are used instead of new ones; none of a table.
  static Result<LoadOutcome> load(const std::string& object_file, manifest::Manifest manifest,
                                  std::optional<std::uint32_t> program_type = {},
                                  const std::map<std::string, int>& there = {});
  /// Loads an object once more, over the maps of `there` by their names; the others are new, and their tables empty.
  static Result<LoadOutcome> load_again(const std::string& object_bytes, manifest::Manifest manifest,
                                        const std::map<std::string, int>& there);

  /// With the places of its default actions filled in.
  const manifest::Manifest& manifest() const { return *manifest_; }
  BpfKernel& kernel() const { return *kernel_; }
  /// The descriptor of a program, owned by this object; -1 if there is none of that name.
  int program(const std::string& function) const;
  const std::vector<ProgramStats>& stats() const { return stats_; }
  /// What was loaded, byte by byte.
  const std::string& object_bytes() const { return object_bytes_; }
  /// The map and offset of a global variable; nothing if the object has none of that name.
  struct GlobalPlace {
    std::string map;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };
  std::optional<GlobalPlace> global(const std::string& symbol) const;
  /// The names under which the kernel() knows the maps; valid as file names in bpffs.
  const std::vector<std::string>& maps() const { return map_names_; }
  /// Those that were not there before.
  const std::vector<std::string>& new_maps() const { return new_maps_; }

 private:
  /// Takes over what has been loaded.
  static Result<LoadOutcome> take(bpf_object* object, const std::map<std::string, std::string>& logs,
                                  manifest::Manifest manifest, const std::string& bytes);

  Result<void> note_start();

  std::string object_bytes_;
  std::unique_ptr<manifest::Manifest> manifest_;
  std::unique_ptr<BpfKernel> kernel_;
  std::map<std::string, FileDescriptor> programs_;
  std::map<std::string, GlobalPlace> globals_;
  std::vector<std::string> map_names_;
  std::vector<std::string> new_maps_;
  std::vector<ProgramStats> stats_;
};

/// Exactly one of the two.
struct LoadOutcome {
  std::optional<LoadedObject> object;
  std::optional<Rejection> rejection;
  std::string verifier_log;  // of the rejection
};

}  // namespace p4bpf::runtime
