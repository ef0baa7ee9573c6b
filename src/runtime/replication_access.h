// Multicast groups and clone sessions of a running program: which ports each copy goes to (manifest::Passes).
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/result.h"
#include "manifest/manifest.h"
#include "manifest/replication.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

/// Error::code: ENOENT (no such group or session), EINVAL (more replicas than a list holds, or the program makes no copies
/// of that kind).
class ReplicationAccess {
 public:
  /// Both must outlive it.
  ReplicationAccess(Kernel& kernel, const manifest::Manifest& manifest) : kernel_(&kernel), manifest_(&manifest) {}

  /// Whether the program makes copies of that kind.
  bool has(manifest::ReplicationKind kind) const { return !map_of(kind).empty(); }
  /// Replaces what the number stood for; packets see the old list or the new one.
  Result<void> set(manifest::ReplicationKind kind, std::uint32_t id, const manifest::ReplicaList& replicas);
  Result<manifest::ReplicaList> get(manifest::ReplicationKind kind, std::uint32_t id);
  Result<std::map<std::uint32_t, manifest::ReplicaList>> list(manifest::ReplicationKind kind);
  Result<void> remove(manifest::ReplicationKind kind, std::uint32_t id);

 private:
  const std::string& map_of(manifest::ReplicationKind kind) const;
  Result<void> check(manifest::ReplicationKind kind) const;

  Kernel* kernel_;
  const manifest::Manifest* manifest_;
};

/// "multicast group", "clone session".
std::string_view kind_name(manifest::ReplicationKind kind);

}  // namespace p4bpf::runtime
