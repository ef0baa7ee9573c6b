// p4bpf profile and p4bpf selector: members and groups of the action profiles of a running program.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/entries.h"
#include "control/show.h"
#include "control/target.h"
#include "driver/command.h"

namespace p4bpf::driver {
namespace {

using runtime::Change;

struct ProfileOptions {
  std::string target;
  std::uint32_t number = 0;
  std::vector<std::string> words;
  bool json = false;

  control::Format format() const { return json ? control::Format::kJson : control::Format::kText; }
};

int outcome(const Result<void>& done) { return done ? static_cast<int>(kFine) : report(done.error()); }

const manifest::Profile& profile_of(const control::Target& target) {
  return target.instance.manifest().profiles[target.index];
}

int change_member(const ProfileOptions& options, Change change) {
  Result<control::Target> target = control::find_profile(options.target);
  if (!target) return report(target.error());
  manifest::Member member{options.number, 0, {}};
  if (change != Change::kDelete) {
    const manifest::Profile& profile = profile_of(*target);
    const Result<control::ActionWords> action = control::parse_action(
        "profile '" + profile.name + "'", profile.actions, options.words, control::ports_of(target->instance));
    if (!action) return report(action.error());
    member.action = action->action;
    member.arguments = action->arguments;
  }
  return outcome(target->instance.profiles().change_member(target->index, change, member));
}

int show_members(const ProfileOptions& options, bool all) {
  Result<control::Target> target = control::find_profile(options.target);
  if (!target) return report(target.error());
  runtime::ProfileAccess access = target->instance.profiles();
  Result<std::vector<manifest::Member>> members = access.members(target->index);
  if (!all) {
    Result<manifest::Member> one = access.member(target->index, options.number);
    members = one ? Result<std::vector<manifest::Member>>({std::move(*one)}) : fail(one.error());
  }
  if (!members) return report(members.error());
  std::fputs(control::show_members(profile_of(*target), *members, options.format()).c_str(), stdout);
  return kFine;
}

/// MEMBER or MEMBER:WEIGHT.
Result<void> add_members(const manifest::Profile& profile, const std::string& word, manifest::Group& group) {
  const std::size_t colon = word.find(':');
  const Result<std::uint32_t> member = control::parse_number("member", word.substr(0, colon));
  if (!member) return fail(member.error());
  const Result<std::uint32_t> weight =
      colon == std::string::npos ? Result<std::uint32_t>(1) : control::parse_number("weight", word.substr(colon + 1));
  if (!weight) return fail(weight.error());
  if (*weight == 0) return fail("the weight of member " + std::to_string(*member) + " is 0, expected 1 or more");
  // One too many is enough to say so.
  const std::uint64_t copies = std::min<std::uint64_t>(*weight, profile.max_group_size + 1);
  group.members.insert(group.members.end(), static_cast<std::size_t>(copies), *member);
  return {};
}

int change_group(const ProfileOptions& options, Change change) {
  Result<control::Target> target = control::find_profile(options.target);
  if (!target) return report(target.error());
  manifest::Group group{options.number, {}};
  for (const std::string& word : options.words) {
    if (Result<void> added = add_members(profile_of(*target), word, group); !added) return report(added.error());
  }
  return outcome(target->instance.profiles().change_group(target->index, change, group));
}

int show_groups(const ProfileOptions& options, bool all) {
  Result<control::Target> target = control::find_profile(options.target);
  if (!target) return report(target.error());
  runtime::ProfileAccess access = target->instance.profiles();
  Result<std::vector<manifest::Group>> groups = access.groups(target->index);
  if (!all) {
    Result<manifest::Group> one = access.group(target->index, options.number);
    groups = one ? Result<std::vector<manifest::Group>>({std::move(*one)}) : fail(one.error());
  }
  if (!groups) return report(groups.error());
  std::fputs(control::show_groups(profile_of(*target), *groups, options.format()).c_str(), stdout);
  return kFine;
}

/// What profiles and selectors differ in.
struct Kind {
  std::string verb;    // "profile"
  std::string number;  // "MEMBER"
  std::string words;   // "ACTION [ARGUMENT...]"
  std::string example;
  int (*change)(const ProfileOptions&, Change);
  int (*show)(const ProfileOptions&, bool all);
};

void add_verbs(CLI::App& parent, Chosen& chosen, const Kind& kind) {
  const std::string one = kind.verb == "profile" ? "a member" : "a group";
  const auto add = [&](const std::string& name, const std::string& what, const std::string& example, bool has_number,
                       bool has_words) {
    CLI::App* const verb = add_verb(parent, name, what, kind.verb + " " + name + " " + example);
    auto options = std::make_shared<ProfileOptions>();
    verb->add_option(kind.verb == "profile" ? "PROFILE" : "SELECTOR", options->target, "as NAME:IT or IT")->required();
    if (has_number) verb->add_option(kind.number, options->number, "its number")->required();
    if (has_words) verb->add_option(kind.words, options->words, "what it stands for")->type_name("");
    return std::pair(verb, options);
  };
  const auto add_change = [&](const std::string& name, const std::string& what, const std::string& example,
                              Change change) {
    const auto [verb, options] = add(name, what, example, true, change != Change::kDelete);
    on_chosen(*verb, chosen, [=, run = kind.change, given = options] { return run(*given, change); });
  };
  const auto add_show = [&](const std::string& name, const std::string& what, const std::string& example, bool all) {
    const auto [verb, options] = add(name, what, example, !all, false);
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=, run = kind.show, given = options] { return run(*given, all); });
  };
  add_change("add", "add " + one, kind.example, Change::kAdd);
  add_change("modify", "put something else in the place of " + one, kind.example, Change::kModify);
  add_change("delete", "remove " + one + " that nothing names any more", "r1:next_hops 3", Change::kDelete);
  add_show("get", "show " + one, "r1:next_hops 3", false);
  add_show("list", "show all", "r1:next_hops --json", true);
}

}  // namespace

void add_profile_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const profile =
      add_verb(app, "profile", "members of the action profiles and selectors of a running program",
               "profile add r1:next_hops 3 forward port=2\ntable add r1:routes 10.0.0.0/8 member 3");
  profile->require_subcommand(1);
  add_verbs(
      *profile, chosen,
      {"profile", "MEMBER", "ACTION [ARGUMENT...]", "r1:next_hops 3 forward port=2", change_member, show_members});
}

void add_selector_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const selector =
      add_verb(app, "selector", "groups of the action selectors of a running program; a packet's hash chooses a member",
               "selector add r1:next_hops 7 1 2:3\ntable add r1:routes 10.0.0.0/8 group 7");
  selector->require_subcommand(1);
  add_verbs(*selector, chosen,
            {"selector", "GROUP", "MEMBER[:WEIGHT]...", "r1:next_hops 7 1 2:3", change_group, show_groups});
}

}  // namespace p4bpf::driver
