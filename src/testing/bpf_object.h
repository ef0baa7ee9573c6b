// A compiled BPF object, loaded for a test and pinned nowhere: it is gone when the test is.
#pragma once

#include <memory>
#include <string>

#include "manifest/manifest.h"
#include "runtime/kernel.h"

struct bpf_object;

namespace p4bpf::testing {

/// What the kernel says of a loaded program.
struct ProgramFigures {
  std::uint32_t instructions = 0;  // after the verifier's rewriting
  std::uint32_t verified = 0;      // instructions that the verifier walked
  std::uint32_t stack = 0;         // bytes
  std::uint32_t jit_bytes = 0;
};

class BpfObject {
 public:
  /// Loads the object with the manifest's first program as `type` (0: what its section says). A missing privilege is
  /// kUnavailable; a refusal of the verifier fails with its log in `verifier_log`.
  static Result<BpfObject> load(const std::string& path, const manifest::Manifest& manifest, int type,
                                std::string* verifier_log);
  BpfObject(BpfObject&&) noexcept;
  BpfObject& operator=(BpfObject&&) noexcept = delete;
  ~BpfObject();

  int program() const { return program_; }
  ProgramFigures figures() const;
  /// Its maps and global data. The object must outlive it.
  std::unique_ptr<runtime::Kernel> kernel() const;
  /// The manifest with the places of the default actions in global data filled in.
  Result<manifest::Manifest> locate(const manifest::Manifest& manifest) const;
  /// Where a global variable lies: its map's name and the offset.
  struct Global {
    std::string map;
    std::uint32_t offset = 0;
  };
  Result<Global> global(const std::string& symbol) const;

 private:
  explicit BpfObject(bpf_object* object) : object_(object) {}
  bpf_object* object_;
  int program_ = -1;
  std::uint32_t stack_ = 0;
};

}  // namespace p4bpf::testing
