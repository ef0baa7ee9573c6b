// Members and groups in their maps (profile_access.h). manifest.h says how they lie there.
#include "runtime/profile_access.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "manifest/entry.h"
#include "runtime/table_access.h"
#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

using manifest::EntryTarget;
using manifest::Group;
using manifest::Member;
using manifest::Profile;

constexpr std::size_t kWord = sizeof(std::uint32_t);

std::string quoted(const Profile& profile) {
  return (profile.is_selector ? "selector '" : "profile '") + profile.name + "'";
}

tl::unexpected<Error> already_there(const Profile& profile, const char* what, std::uint32_t number) {
  return fail(fmt::format("{} already has {} {}", quoted(profile), what, number), "modify it, or delete it first",
              EEXIST);
}
tl::unexpected<Error> not_there(const Profile& profile, const char* what, std::uint32_t number) {
  return fail(fmt::format("{} has no {} {}", quoted(profile), what, number), {}, ENOENT);
}
tl::unexpected<Error> no_number_left(const Profile& profile, const char* what, std::uint64_t all) {
  return fail(fmt::format("{} is full: it holds {} {}", quoted(profile), all, what), {}, ENOSPC);
}

Bytes key_of(std::uint32_t number) {
  Bytes key(kWord);
  std::memcpy(key.data(), &number, kWord);
  return key;
}

std::uint32_t word(const Bytes& value, std::size_t index) {
  std::uint32_t read = 0;
  if ((index + 1) * kWord <= value.size()) std::memcpy(&read, value.data() + index * kWord, kWord);
  return read;
}
void set_word(Bytes& value, std::size_t index, std::uint32_t written) {
  std::memcpy(value.data() + index * kWord, &written, kWord);
}

// A group's value: the words {half, exists, {count, member...}[2]}.
constexpr std::size_t kHalf = 0;
constexpr std::size_t kExists = 1;
std::size_t list_at(const Profile& profile, std::uint32_t half) {
  return 2 + (half & 1) * (profile.max_group_size + 1);
}

Group decode_group(const Profile& profile, std::uint32_t number, const Bytes& value) {
  Group group{number, {}};
  const std::size_t list = list_at(profile, word(value, kHalf));
  const std::uint64_t count = std::min<std::uint64_t>(word(value, list), profile.max_group_size);
  for (std::size_t i = 0; i < count; ++i) group.members.push_back(word(value, list + 1 + i));
  return group;
}

}  // namespace

Result<void> ProfileAccess::initialise() {
  for (const Profile& profile : manifest_->profiles) {
    if (profile.member_map.empty()) continue;  // no table has it
    Bytes empty(profile.value_size, 0);
    set_word(empty, 0, manifest::kNoEntry);
    for (std::uint32_t number = 0; number < profile.size; ++number) {
      if (Result<void> done = kernel_->update(profile.member_map, key_of(number), empty, BPF_ANY); !done) return done;
    }
  }
  return {};
}

/// Fails with ENOENT where there is none.
Result<Bytes> ProfileAccess::read_member(const Profile& profile, std::uint32_t number) {
  if (number >= profile.size || profile.member_map.empty()) return not_there(profile, "member", number);
  Result<Bytes> value = kernel_->lookup(profile.member_map, key_of(number));
  if (value && word(*value, 0) == manifest::kNoEntry) return not_there(profile, "member", number);
  return value;
}

Result<bool> ProfileAccess::has_member(const Profile& profile, std::uint32_t number) {
  const Result<Bytes> value = read_member(profile, number);
  if (!value && value.error().code != ENOENT) return fail(value.error());
  return value.has_value();
}

Result<void> ProfileAccess::change_member(std::size_t index, Change change, const Member& member) {
  const Profile& profile = profile_at(index);
  if (change != Change::kDelete) {
    if (Result<void> good = manifest::check_member(profile, member); !good) return good;
    if (profile.member_map.empty()) return fail(quoted(profile) + " is not used by any table", {}, EINVAL);
  }
  const Result<bool> is_there = has_member(profile, member.number);
  if (!is_there) return fail(is_there.error());
  if (change == Change::kAdd && *is_there) return already_there(profile, "member", member.number);
  if (change != Change::kAdd && !*is_there) return not_there(profile, "member", member.number);
  if (change != Change::kDelete) {
    return kernel_->update(profile.member_map, key_of(member.number),
                           encode_action(profile.actions, profile.value_size, member.action, member.arguments),
                           BPF_ANY);
  }
  if (Result<void> unused = check_unused(index, EntryTarget::kMember, member.number); !unused) return unused;
  // A packet may have read the entry that named it a moment ago.
  kernel_->wait_for_readers();
  Bytes empty(profile.value_size, 0);
  set_word(empty, 0, manifest::kNoEntry);
  return kernel_->update(profile.member_map, key_of(member.number), empty, BPF_ANY);
}

Result<Member> ProfileAccess::member(std::size_t index, std::uint32_t number) {
  const Profile& profile = profile_at(index);
  const Result<Bytes> value = read_member(profile, number);
  if (!value) return fail(value.error());
  manifest::Entry entry;
  if (Result<void> done = decode_action(quoted(profile), profile.actions, *value, entry); !done)
    return fail(done.error());
  return Member{number, entry.action, std::move(entry.arguments)};
}

Result<std::vector<Member>> ProfileAccess::members(std::size_t index) {
  std::vector<Member> all;
  for (std::uint32_t number = 0; number < profile_at(index).size; ++number) {
    Result<Member> one = member(index, number);
    if (one) {
      all.push_back(std::move(*one));
    } else if (one.error().code != ENOENT) {
      return fail(one.error());
    }
  }
  return all;
}

Result<std::uint32_t> ProfileAccess::free_member(std::size_t index) {
  const Profile& profile = profile_at(index);
  for (std::uint32_t number = 0; number < profile.size; ++number) {
    const Result<bool> taken = has_member(profile, number);
    if (!taken) return fail(taken.error());
    if (!*taken) return number;
  }
  return no_number_left(profile, "members", profile.size);
}

/// The value of the map, whether the group exists or not; fails with ENOENT where there can be none of that number.
Result<Bytes> ProfileAccess::read_group(const Profile& profile, std::uint32_t number) {
  if (number >= manifest::group_count(profile) || profile.group_map.empty()) return not_there(profile, "group", number);
  return kernel_->lookup(profile.group_map, key_of(number));
}

/// The half that packets do not read is written first, then a word says that it holds. That word is all that changes
/// for packets, so they see the old list or the new one. When this returns nobody reads the old half any more.
Result<void> ProfileAccess::write_group(const Profile& profile, const Group& group, bool exists, Bytes value) {
  const std::uint32_t half = (word(value, kHalf) & 1) ^ 1;
  const std::size_t list = list_at(profile, half);
  set_word(value, list, static_cast<std::uint32_t>(group.members.size()));
  for (std::size_t i = 0; i < group.members.size(); ++i) set_word(value, list + 1 + i, group.members[i]);
  const Bytes key = key_of(group.number);
  if (Result<void> done = kernel_->update(profile.group_map, key, value, BPF_ANY); !done) return done;
  const bool was_there = word(value, kExists) != 0;
  set_word(value, kHalf, half);
  set_word(value, kExists, exists ? 1 : 0);
  if (Result<void> done = kernel_->update(profile.group_map, key, value, BPF_ANY); !done) return done;
  if (was_there) kernel_->wait_for_readers();
  return {};
}

Result<void> ProfileAccess::change_group(std::size_t index, Change change, const Group& given) {
  const Profile& profile = profile_at(index);
  Group group{given.number, {}};
  if (change != Change::kDelete) {
    Result<Group> normal = manifest::normalize(profile, given);
    if (!normal) return fail(normal.error());
    group = std::move(*normal);
    for (const std::uint32_t number : group.members) {
      const Result<bool> there = has_member(profile, number);
      if (!there) return fail(there.error());
      if (!*there) return not_there(profile, "member", number);
    }
  }
  Result<Bytes> value = read_group(profile, group.number);
  if (!value) return fail(value.error());
  const bool is_there = word(*value, kExists) != 0;
  if (change == Change::kAdd && is_there) return already_there(profile, "group", group.number);
  if (change != Change::kAdd && !is_there) return not_there(profile, "group", group.number);
  if (change == Change::kDelete) {
    if (Result<void> unused = check_unused(index, EntryTarget::kGroup, group.number); !unused) return unused;
  }
  return write_group(profile, group, change != Change::kDelete, std::move(*value));
}

Result<Group> ProfileAccess::group(std::size_t index, std::uint32_t number) {
  const Profile& profile = profile_at(index);
  const Result<Bytes> value = read_group(profile, number);
  if (!value) return fail(value.error());
  if (word(*value, kExists) == 0) return not_there(profile, "group", number);
  return decode_group(profile, number, *value);
}

Result<std::vector<Group>> ProfileAccess::groups(std::size_t index) {
  std::vector<Group> all;
  for (std::uint32_t number = 0; number < manifest::group_count(profile_at(index)); ++number) {
    Result<Group> one = group(index, number);
    if (one) {
      all.push_back(std::move(*one));
    } else if (one.error().code != ENOENT) {
      return fail(one.error());
    }
  }
  return all;
}

Result<std::uint32_t> ProfileAccess::free_group(std::size_t index) {
  const Profile& profile = profile_at(index);
  for (std::uint32_t number = 0; number < manifest::group_count(profile); ++number) {
    const Result<Bytes> value = read_group(profile, number);
    if (!value) return fail(value.error());
    if (word(*value, kExists) == 0) return number;
  }
  return no_number_left(profile, "groups", manifest::group_count(profile));
}

Result<void> ProfileAccess::check_target(const manifest::Table& table, const manifest::Entry& entry) {
  if (entry.target == EntryTarget::kAction || !table.profile) return {};
  if (entry.target == EntryTarget::kGroup) {
    const Result<Group> found = group(*table.profile, entry.number);
    return found ? Result<void>() : fail(found.error());
  }
  const Result<Bytes> found = read_member(profile_at(*table.profile), entry.number);
  return found ? Result<void>() : fail(found.error());
}

/// Nothing that packets can meet names it.
Result<void> ProfileAccess::check_unused(std::size_t index, EntryTarget target, std::uint32_t number) {
  const Profile& profile = profile_at(index);
  const auto in_use = [&](const std::string& by) {
    const char* const what = target == EntryTarget::kMember ? "member" : "group";
    return fail(fmt::format("{} {} of {} is in use: {}", what, number, quoted(profile), by), "change that first",
                EBUSY);
  };
  if (target == EntryTarget::kMember && profile.is_selector) {
    const Result<std::vector<Group>> all = groups(index);
    if (!all) return fail(all.error());
    for (const Group& group : *all) {
      if (std::binary_search(group.members.begin(), group.members.end(), number))
        return in_use(fmt::format("group {} has it", group.number));
    }
  }
  TableAccess tables(*kernel_, *manifest_);
  const auto names = [&](const manifest::Entry& entry) { return entry.target == target && entry.number == number; };
  for (std::size_t t = 0; t < manifest_->tables.size(); ++t) {
    const manifest::Table& table = manifest_->tables[t];
    if (table.profile != index) continue;
    if (table.value_size != 0) {
      const auto what = tables.get_default(t);
      if (!what) return fail(what.error());
      if (names(*what)) return in_use("it is the default of table '" + table.name + "'");
    }
    const auto entries = tables.dump(t);
    if (!entries) return fail(entries.error());
    if (std::any_of(entries->begin(), entries->end(), names))
      return in_use("an entry of table '" + table.name + "' names it");
  }
  return {};
}

}  // namespace p4bpf::runtime
