// Action profiles and selectors of a running program: members, groups, and what entries name of them. Packets see a
// group before a change of it or after, whole; what is still named by an entry, a default action or a group cannot go.
#pragma once

#include <vector>

#include "manifest/profile.h"
#include "runtime/kernel.h"

namespace p4bpf::runtime {

/// `profile` is an index of the manifest. Error::code as in TableAccess, and EBUSY where something is still in use.
class ProfileAccess {
 public:
  /// Both must outlive it.
  ProfileAccess(Kernel& kernel, const manifest::Manifest& manifest) : kernel_(&kernel), manifest_(&manifest) {}

  /// No members and no groups: what the maps hold before the first packet.
  Result<void> initialise();

  /// Of a member that goes only the number counts.
  Result<void> change_member(std::size_t profile, Change change, const manifest::Member& member);
  Result<manifest::Member> member(std::size_t profile, std::uint32_t number);
  /// By number.
  Result<std::vector<manifest::Member>> members(std::size_t profile);
  /// The lowest number that none has.
  Result<std::uint32_t> free_member(std::size_t profile);

  /// Of a group that goes only the number counts. A group may be empty: packets that hit it run NoAction.
  Result<void> change_group(std::size_t profile, Change change, const manifest::Group& group);
  Result<manifest::Group> group(std::size_t profile, std::uint32_t number);
  Result<std::vector<manifest::Group>> groups(std::size_t profile);
  Result<std::uint32_t> free_group(std::size_t profile);

  /// Whether the member or group that the entry names is there.
  Result<void> check_target(const manifest::Table& table, const manifest::Entry& entry);

 private:
  const manifest::Profile& profile_at(std::size_t profile) const { return manifest_->profiles.at(profile); }
  Result<Bytes> read_member(const manifest::Profile& profile, std::uint32_t number);
  Result<Bytes> read_group(const manifest::Profile& profile, std::uint32_t number);
  Result<bool> has_member(const manifest::Profile& profile, std::uint32_t number);
  Result<void> write_group(const manifest::Profile& profile, const manifest::Group& group, bool exists, Bytes value);
  Result<void> check_unused(std::size_t profile, manifest::EntryTarget target, std::uint32_t number);

  Kernel* kernel_;
  const manifest::Manifest* manifest_;
};

}  // namespace p4bpf::runtime
