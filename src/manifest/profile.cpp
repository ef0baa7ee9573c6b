// The rules of profile.h.
#include "manifest/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "manifest/entry.h"

namespace p4bpf::manifest {

std::uint32_t group_count(const Profile& profile) {
  constexpr std::uint64_t kMemory = std::uint64_t{64} << 20;
  constexpr std::uint64_t kAtLeast = 16;
  if (!profile.is_selector) return 0;
  const std::uint64_t bytes = sizeof(std::uint32_t) * group_words(static_cast<std::uint32_t>(profile.max_group_size));
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(profile.size, 1, std::max(kAtLeast, kMemory / bytes)));
}

Result<void> check_member(const Profile& profile, const Member& member) {
  if (member.number >= profile.size) {
    return fail(
        fmt::format("profile `{}` has the members 0 to {}, not {}", profile.name, profile.size - 1, member.number), {},
        ERANGE);
  }
  if (auto ok = check_arguments("profile `" + profile.name + "`", profile.actions, member.action, member.arguments);
      !ok)
    return ok;
  if (!profile.actions[member.action].default_only) return {};
  return fail(fmt::format("action `{}` can only be a default action", profile.actions[member.action].name));
}

Result<Group> normalize(const Profile& profile, const Group& group) {
  if (!profile.is_selector)
    return fail(fmt::format("profile `{}` has no groups", profile.name), "only a selector has them");
  if (group.number >= group_count(profile)) {
    return fail(fmt::format("selector `{}` has the groups 0 to {}, not {}", profile.name, group_count(profile) - 1,
                            group.number),
                {}, ERANGE);
  }
  if (group.members.size() > profile.max_group_size) {
    return fail(fmt::format("a group of selector `{}` has room for {} members, not for {}", profile.name,
                            profile.max_group_size, group.members.size()),
                "the annotation @max_group_size says how many; a weight counts as that many members", ENOSPC);
  }
  Group sorted = group;
  std::sort(sorted.members.begin(), sorted.members.end());
  return sorted;
}

}  // namespace p4bpf::manifest
