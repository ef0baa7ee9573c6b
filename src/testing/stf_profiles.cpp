// See stf_profiles.h.
#include "testing/stf_profiles.h"

#include <fmt/format.h>

#include "manifest/entry.h"
#include "testing/stf_names.h"

namespace p4bpf::testing::stf {
namespace {

std::optional<std::uint32_t> number_of(const Number& number, Diagnostics& diagnostics) {
  if (!number.has_wildcard() && fits(number.value(), 32, false)) return static_cast<std::uint32_t>(number.value());
  diagnostics.report(DiagnosticKind::kStfValue, number.span, "the number of a member or group has 32 bits at most");
  return std::nullopt;
}

}  // namespace

std::optional<manifest::Member> resolve_member(const SetMember& command, const manifest::Manifest& manifest,
                                               Diagnostics& diagnostics) {
  const auto profile = resolve("profile", command.profile, manifest.profiles, diagnostics);
  const auto number = number_of(command.number, diagnostics);
  if (!profile || !number) return std::nullopt;
  const auto call = resolve_call(command.action, manifest.profiles[*profile].actions, diagnostics);
  if (!call) return std::nullopt;
  return manifest::Member{*number, call->action, call->arguments};
}

std::optional<manifest::Group> resolve_group(const SetGroup& command, const manifest::Manifest& manifest,
                                             Diagnostics& diagnostics) {
  const auto profile = resolve("profile", command.profile, manifest.profiles, diagnostics);
  const auto number = number_of(command.number, diagnostics);
  if (!profile || !number) return std::nullopt;
  manifest::Group group{*number, {}};
  for (const Number& member : command.members) {
    const auto one = number_of(member, diagnostics);
    if (!one) return std::nullopt;
    group.members.push_back(*one);
  }
  return group;
}

std::optional<manifest::Entry> resolve_target(const ActionCall& call, const manifest::Table& table,
                                              Diagnostics& diagnostics) {
  const std::string& word = call.action.text;
  const bool is_number = call.arguments.size() == 1 && call.arguments[0].name.text.empty();
  if (!table.profile || !is_number || (word != "member" && word != "group")) {
    const auto action = resolve_call(call, table.actions, diagnostics);
    if (!action) return std::nullopt;
    return manifest::action_entry(action->action, action->arguments);
  }
  const auto number = number_of(call.arguments[0].value, diagnostics);
  if (!number) return std::nullopt;
  manifest::Entry entry;
  entry.target = word == "member" ? manifest::EntryTarget::kMember : manifest::EntryTarget::kGroup;
  entry.number = *number;
  return entry;
}

std::string to_stf(const manifest::Profile& profile, const manifest::Member& member) {
  const manifest::Action& action = profile.actions[member.action];
  std::string arguments;
  for (std::size_t i = 0; i < member.arguments.size(); ++i) {
    const std::uint32_t bits = action.params[i].bits;
    arguments += fmt::format("{}\"{}\":{}", i == 0 ? "" : ", ", action.params[i].name,
                             to_hex(wrap(member.arguments[i], bits, false), bits));
  }
  return fmt::format("member \"{}\" {} \"{}\"({})", profile.name, member.number, action.name, arguments);
}

std::string to_stf(const manifest::Profile& profile, const manifest::Group& group) {
  return fmt::format("group \"{}\" {} {}", profile.name, group.number, fmt::join(group.members, " "));
}

}  // namespace p4bpf::testing::stf
