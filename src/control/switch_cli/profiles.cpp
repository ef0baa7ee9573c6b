// Commands of the switch's command language for action profiles and selectors: members, groups, and the entries that
// name them. The older names of the commands (table_indirect_*) name the profile by its table.
#include <fmt/format.h>

#include <algorithm>

#include "control/switch_cli/values.h"
#include "manifest/entry.h"
#include "runtime/profile_access.h"

namespace p4bpf::control::switch_cli {
namespace {

using manifest::Entry;
using manifest::EntryTarget;
using manifest::Group;
using manifest::Member;
using manifest::Profile;
using manifest::Table;
using runtime::Change;
using runtime::ProfileAccess;

ProfileAccess access(Context& context) { return {context.kernel, context.manifest()}; }

/// The reference compiler calls those that stand in a table's property action_profile_0, action_profile_1, ...
Result<std::size_t> profile_named(const Context& context, const std::string& name) {
  const std::vector<Profile>& profiles = context.manifest().profiles;
  Result<std::size_t> found = manifest::find_by_name("action profile", name, names_of(profiles));
  if (found) return found;
  std::size_t number = 0;
  for (const Table& table : context.manifest().tables) {
    if (!table.profile || profiles[*table.profile].name != table.name + ".implementation") continue;
    if (name == "action_profile_" + std::to_string(number++)) return *table.profile;
  }
  return found;
}

Result<std::size_t> profile_of_table(const Context& context, const std::string& name) {
  const Result<std::size_t> table = table_named(context, name);
  if (!table) return fail(table.error());
  const Table& found = context.manifest().tables[*table];
  if (found.profile) return *found.profile;
  return fail("table '" + found.name + "' has no action profile", "use table_add");
}

using FindProfile = Result<std::size_t> (*)(const Context&, const std::string&);

// ---- members -------------------------------------------------------------------------------------------------------

template <FindProfile find>
Result<void> create_member(Context& context, const Words& words) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Result<Called> called = parse_action(context.manifest().profiles[*index].actions, words[1],
                                             slice(words, 2, words.size()), context.ports);
  if (!called) return fail(called.error());
  if (context.only_checks) return {};
  const Result<std::uint32_t> number = access(context).free_member(*index);
  if (!number) return fail(number.error());
  const Member member{*number, called->action, called->arguments};
  if (Result<void> done = access(context).change_member(*index, Change::kAdd, member); !done) return done;
  context.out += fmt::format("Member has been created with handle {}\n", *number);
  return {};
}

template <FindProfile find>
Result<void> modify_member(Context& context, const Words& words) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[2], "the member");
  if (!number) return fail(number.error());
  const Result<Called> called = parse_action(context.manifest().profiles[*index].actions, words[1],
                                             slice(words, 3, words.size()), context.ports);
  if (!called) return fail(called.error());
  if (context.only_checks) return {};
  return access(context).change_member(*index, Change::kModify, {*number, called->action, called->arguments});
}

template <FindProfile find>
Result<void> delete_member(Context& context, const Words& words) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the member");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  return access(context).change_member(*index, Change::kDelete, {*number, 0, {}});
}

std::string member_text(const Profile& profile, const Member& member) {
  const manifest::Action& action = profile.actions.at(member.action);
  return fmt::format("Dumping member {}\nAction entry: {} - {}\n", member.number, action.name,
                     show_arguments(action, member.arguments));
}

template <FindProfile find>
Result<void> dump_member(Context& context, const Words& words) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the member");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  const Result<Member> member = access(context).member(*index, *number);
  if (!member) return fail(member.error());
  context.out += member_text(context.manifest().profiles[*index], *member);
  return {};
}

// ---- groups --------------------------------------------------------------------------------------------------------

template <FindProfile find>
Result<void> create_group(Context& context, const Words& words) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Profile& profile = context.manifest().profiles[*index];
  if (!profile.is_selector)
    return fail("'" + profile.name + "' is an action profile, which has no groups", "an action_selector has");
  if (context.only_checks) return {};
  const Result<std::uint32_t> number = access(context).free_group(*index);
  if (!number) return fail(number.error());
  if (Result<void> done = access(context).change_group(*index, Change::kAdd, {*number, {}}); !done) return done;
  context.out += fmt::format("Group has been created with handle {}\n", *number);
  return {};
}

template <FindProfile find>
Result<void> delete_group(Context& context, const Words& words) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the group");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  return access(context).change_group(*index, Change::kDelete, {*number, {}});
}

/// PROFILE MEMBER GROUP.
Result<void> change_membership(Context& context, const Words& words, FindProfile find, bool joins) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> member = parse_number(words[1], "the member");
  if (!member) return fail(member.error());
  const Result<std::uint32_t> number = parse_number(words[2], "the group");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  Result<Group> group = access(context).group(*index, *number);
  if (!group) return fail(group.error());
  const auto at = std::find(group->members.begin(), group->members.end(), *member);
  if (joins) {
    if (at != group->members.end()) return fail(fmt::format("member {} is in group {} already", *member, *number));
    group->members.push_back(*member);
  } else {
    if (at == group->members.end()) return fail(fmt::format("member {} is not in group {}", *member, *number));
    std::erase(group->members, *member);
  }
  return access(context).change_group(*index, Change::kModify, *group);
}
template <FindProfile find>
Result<void> add_to_group(Context& context, const Words& words) {
  return change_membership(context, words, find, true);
}
template <FindProfile find>
Result<void> remove_from_group(Context& context, const Words& words) {
  return change_membership(context, words, find, false);
}

std::string group_text(const Group& group) {
  std::string members;
  for (const std::uint32_t member : group.members) members += (members.empty() ? "" : ", ") + std::to_string(member);
  return fmt::format("Dumping group {}\nMembers: [{}]\n", group.number, members);
}

template <FindProfile find>
Result<void> dump_group(Context& context, const Words& words) {
  const Result<std::size_t> index = find(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> number = parse_number(words[1], "the group");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  const Result<Group> group = access(context).group(*index, *number);
  if (!group) return fail(group.error());
  context.out += group_text(*group);
  return {};
}

Result<void> dump(Context& context, const Words& words) {
  const Result<std::size_t> index = profile_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  const Profile& profile = context.manifest().profiles[*index];
  const Result<std::vector<Member>> members = access(context).members(*index);
  if (!members) return fail(members.error());
  context.out += "==========\nMEMBERS\n";
  for (const Member& member : *members) context.out += "**********\n" + member_text(profile, member);
  if (!profile.is_selector) return {};
  const Result<std::vector<Group>> groups = access(context).groups(*index);
  if (!groups) return fail(groups.error());
  context.out += "==========\nGROUPS\n";
  for (const Group& group : *groups) context.out += "**********\n" + group_text(group);
  return {};
}

// ---- entries -------------------------------------------------------------------------------------------------------

/// TABLE KEY... => MEMBER|GROUP [PRIORITY].
Result<void> add_entry(Context& context, const Words& words, EntryTarget target) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (const Result<std::size_t> profile = profile_of_table(context, words[0]); !profile) return fail(profile.error());
  const Table& table = context.manifest().tables[*index];
  const auto arrow = std::find(words.begin(), words.end(), "=>");
  const bool has_priority = manifest::has_priorities(table);
  if (words.end() - arrow != (has_priority ? 3 : 2)) {
    return fail(std::string("'=>' stands before the ") + (target == EntryTarget::kMember ? "member" : "group") +
                (has_priority ? " and the priority" : ", and nothing behind it"));
  }
  Entry entry;
  entry.target = target;
  const Result<std::uint32_t> number =
      parse_number(arrow[1], target == EntryTarget::kMember ? "the member" : "the group");
  if (!number) return fail(number.error());
  entry.number = *number;
  if (has_priority) {
    const Result<std::int32_t> priority = parse_priority(arrow[2]);
    if (!priority) return fail(priority.error());
    entry.priority = *priority;
  }
  Result<std::vector<KeyMatch>> keys = parse_keys(table, Words(words.begin() + 1, arrow), context.ports);
  if (!keys) return fail(keys.error());
  entry.keys = std::move(*keys);
  const Result<Entry> normal = manifest::normalize(table, entry);
  if (!normal) return fail(normal.error());
  if (context.only_checks) return {};
  if (Result<void> done = context.tables.insert(*index, *normal); !done) return done;
  const Result<std::uint32_t> handle = context.state.add(context.tables, context.manifest(), *index, *normal);
  if (!handle) return fail(handle.error());
  context.out += fmt::format("Adding entry to indirect match table {}\nEntry has been added with handle {}\n",
                             table.name, *handle);
  return {};
}
Result<void> add_with_member(Context& context, const Words& words) {
  return add_entry(context, words, EntryTarget::kMember);
}
Result<void> add_with_group(Context& context, const Words& words) {
  return add_entry(context, words, EntryTarget::kGroup);
}

Result<void> set_default(Context& context, const Words& words, EntryTarget target) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (const Result<std::size_t> profile = profile_of_table(context, words[0]); !profile) return fail(profile.error());
  const Result<std::uint32_t> number =
      parse_number(words[1], target == EntryTarget::kMember ? "the member" : "the group");
  if (!number) return fail(number.error());
  if (context.only_checks) return {};
  Entry what;
  what.target = target;
  what.number = *number;
  return context.tables.set_default(*index, what);
}
Result<void> default_member(Context& context, const Words& words) {
  return set_default(context, words, EntryTarget::kMember);
}
Result<void> default_group(Context& context, const Words& words) {
  return set_default(context, words, EntryTarget::kGroup);
}

}  // namespace

std::vector<Command> profile_commands() {
  constexpr Command::Changes kTable = Command::Changes::kTable;
  std::vector<Command> commands = {
      {"act_prof_create_member", "PROFILE ACTION PARAMETER...", "make a member", 2, kAnyNumber,
       create_member<profile_named>},
      {"act_prof_delete_member", "PROFILE MEMBER", "remove a member", 2, 2, delete_member<profile_named>},
      {"act_prof_modify_member", "PROFILE ACTION MEMBER PARAMETER...", "give a member another action", 3, kAnyNumber,
       modify_member<profile_named>},
      {"act_prof_create_group", "PROFILE", "make a group", 1, 1, create_group<profile_named>},
      {"act_prof_delete_group", "PROFILE GROUP", "remove a group", 2, 2, delete_group<profile_named>},
      {"act_prof_add_member_to_group", "PROFILE MEMBER GROUP", "put a member into a group", 3, 3,
       add_to_group<profile_named>},
      {"act_prof_remove_member_from_group", "PROFILE MEMBER GROUP", "take a member out of a group", 3, 3,
       remove_from_group<profile_named>},
      {"act_prof_dump", "PROFILE", "the members and groups", 1, 1, dump},
      {"act_prof_dump_member", "PROFILE MEMBER", "one member", 2, 2, dump_member<profile_named>},
      {"act_prof_dump_group", "PROFILE GROUP", "one group", 2, 2, dump_group<profile_named>},
      {"table_dump_member", "TABLE MEMBER", "one member", 2, 2, dump_member<profile_of_table>},
      {"table_dump_group", "TABLE GROUP", "one group", 2, 2, dump_group<profile_of_table>},
      {"table_indirect_create_member", "TABLE ACTION PARAMETER...", "make a member", 2, kAnyNumber,
       create_member<profile_of_table>},
      {"table_indirect_delete_member", "TABLE MEMBER", "remove a member", 2, 2, delete_member<profile_of_table>},
      {"table_indirect_modify_member", "TABLE ACTION MEMBER PARAMETER...", "give a member another action", 3,
       kAnyNumber, modify_member<profile_of_table>},
      {"table_indirect_create_group", "TABLE", "make a group", 1, 1, create_group<profile_of_table>},
      {"table_indirect_delete_group", "TABLE GROUP", "remove a group", 2, 2, delete_group<profile_of_table>},
      {"table_indirect_add_member_to_group", "TABLE MEMBER GROUP", "put a member into a group", 3, 3,
       add_to_group<profile_of_table>},
      {"table_indirect_remove_member_from_group", "TABLE MEMBER GROUP", "take a member out of a group", 3, 3,
       remove_from_group<profile_of_table>},
      {"table_indirect_add", "TABLE KEY... => MEMBER [PRIORITY]", "an entry that names a member", 3, kAnyNumber,
       add_with_member, kTable},
      {"table_indirect_add_with_group", "TABLE KEY... => GROUP [PRIORITY]", "an entry that names a group", 3,
       kAnyNumber, add_with_group, kTable},
      {"table_indirect_set_default", "TABLE MEMBER", "what a table does on a miss", 2, 2, default_member},
      {"table_indirect_set_default_with_group", "TABLE GROUP", "what a table does on a miss", 2, 2, default_group},
      {"table_indirect_reset_default", "TABLE", "back to the default action of the program", 1, 1, reset_default},
  };
  // Entries go like any others.
  for (Command one : table_commands()) {
    if (std::string_view(one.name) != "table_delete") continue;
    one.name = "table_indirect_delete";
    commands.push_back(one);
  }
  return commands;
}

}  // namespace p4bpf::control::switch_cli
