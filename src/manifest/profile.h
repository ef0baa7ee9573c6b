// The rules of an action profile's members and groups, the same for every executor, and how they lie in its maps.
//
// A table with a profile has values like other tables, {u32 action; arguments...}; an entry that names a member or a
// group has kMemberTarget or kGroupTarget for the action, and the number (u32) in the last four bytes.
// Profile::member_map: BPF_MAP_TYPE_ARRAY, u32 member -> a value like a table's, kNoEntry for its action where there is
// no member. Profile::group_map: BPF_MAP_TYPE_ARRAY, u32 group -> {u32 half; u32 exists; {u32 count; u32
// member[max_group_size]}[2]}. Packets read the list that `half` names; a change writes the other one first, so that
// one word decides which of them they see. A profile that no table has has no maps.
#pragma once

#include "manifest/manifest.h"

namespace p4bpf::manifest {

constexpr std::uint32_t kMemberTarget = 0xfffffffe;
constexpr std::uint32_t kGroupTarget = 0xfffffffd;
/// A group is one value of a map.
constexpr std::uint64_t kMostGroupSize = 4096;
constexpr std::uint64_t kMostMembers = std::uint64_t{1} << 20;

/// Groups that a selector can have, with the numbers from 0 on: as many as members, as far as memory is spent on them.
std::uint32_t group_count(const Profile& profile);
/// Words (u32) of a group in the map.
constexpr std::uint32_t group_words(std::uint32_t max_group_size) { return 2 + 2 * (max_group_size + 1); }

struct Member {
  std::uint32_t number = 0;
  std::size_t action = 0;
  std::vector<BigInt> arguments;
  bool operator==(const Member&) const = default;
};

/// Of a selector. A member that stands there several times gets that many shares of the packets.
struct Group {
  std::uint32_t number = 0;
  std::vector<std::uint32_t> members;
  bool operator==(const Group&) const = default;
};

/// Why the profile would not have it; whether its number is taken is another matter.
Result<void> check_member(const Profile& profile, const Member& member);
/// The group with its members in rising order, in which the packet's hash counts them. Whether they exist is another
/// matter.
Result<Group> normalize(const Profile& profile, const Group& group);

}  // namespace p4bpf::manifest
