// Action profiles in packet tests:
//
//   member PROFILE NUMBER ACTION(ARGUMENTS)      add TABLE KEYS member(NUMBER)      setdefault TABLE member(NUMBER)
//   group SELECTOR NUMBER MEMBER...              add TABLE KEYS group(NUMBER)       setdefault TABLE group(NUMBER)
//
// The same again puts another in its place; a member that stands in a group twice has twice the weight.
#pragma once

#include <optional>

#include "manifest/profile.h"
#include "testing/stf.h"

namespace p4bpf::testing::stf {

// Each reports a mistake at its place in the test and gives nothing then.
std::optional<manifest::Member> resolve_member(const SetMember& command, const manifest::Manifest& manifest,
                                               Diagnostics& diagnostics);
std::optional<manifest::Group> resolve_group(const SetGroup& command, const manifest::Manifest& manifest,
                                             Diagnostics& diagnostics);
/// What an entry runs, without its keys.
std::optional<manifest::Entry> resolve_target(const ActionCall& call, const manifest::Table& table,
                                              Diagnostics& diagnostics);

/// The commands that make a member or group.
std::string to_stf(const manifest::Profile& profile, const manifest::Member& member);
std::string to_stf(const manifest::Profile& profile, const manifest::Group& group);

}  // namespace p4bpf::testing::stf
