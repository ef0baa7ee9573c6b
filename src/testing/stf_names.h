// What the names and numbers of an STF command mean for a compiled program: its tables, actions, keys and counters.
//
// Drivers spell names in their own ways: `pipe.Check.src_ip`, `pipe_Check_src_ip`, `Check_src_ip`, `_NoAction`,
// `key.field0` for the first key, `hdr$1.f` for `hdr[1].f`, `f.$valid$` for `f.isValid()`. All of them are understood
// as long as they mean one thing only.
#pragma once

#include <optional>

#include "manifest/manifest.h"
#include "testing/stf.h"

namespace p4bpf::testing::stf {

/// The one of `names` that `wanted` spells; else a failure that says what there is.
Result<std::size_t> find_spelled(std::string_view what, std::string_view wanted, const std::vector<std::string>& names);

// Each reports a mistake at its place in the test and gives nothing then.
/// The place of what `name` spells; `what` is "table", "counter", ... for the message.
std::optional<std::size_t> resolve(std::string_view what, const Name& name, const std::vector<std::string>& names,
                                   Diagnostics& diagnostics);
template <class Thing>
std::optional<std::size_t> resolve(std::string_view what, const Name& name, const std::vector<Thing>& things,
                                   Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const Thing& thing : things) names.push_back(thing.name);
  return resolve(what, name, names, diagnostics);
}

struct Call {
  std::size_t action = 0;
  std::vector<BigInt> arguments;
};
std::optional<Call> resolve_call(const ActionCall& call, const std::vector<manifest::Action>& actions,
                                 Diagnostics& diagnostics);
std::optional<manifest::Entry> resolve_entry(const Add& add, Span span, const manifest::Table& table,
                                             Diagnostics& diagnostics);

/// Reports every command that this program has nothing for, before any is run; true if there is none.
bool check_names(const std::vector<Command>& commands, const manifest::Manifest& manifest, Diagnostics& diagnostics);

}  // namespace p4bpf::testing::stf
