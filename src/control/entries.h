// Entries of tables as people type them, word by word:
//   KEY... ACTION [ARGUMENT...]        10.0.1.0/24 forward port=2 mac=00:00:00:00:01:02
//   KEY... member N, KEY... group N    of a table with an action profile or selector
// Keys and arguments stand in order, or by name as field=value; a key that may be anything can be left out when keys
// are named.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/values.h"
#include "manifest/manifest.h"

namespace p4bpf::control {

struct EntryWords {
  std::vector<std::string> words;
  std::optional<std::int32_t> priority;
};

/// Takes the keys off the front; `words` keeps the rest.
Result<std::vector<KeyMatch>> parse_keys(const manifest::Table& table, std::vector<std::string>& words,
                                         const PortOfInterface& ports);

struct ActionWords {
  std::size_t action = 0;
  std::vector<BigInt> arguments;
};
/// ACTION [ARGUMENT...], and nothing behind; `owner` has the actions ("table 't'").
Result<ActionWords> parse_action(const std::string& owner, const std::vector<manifest::Action>& actions,
                                 const std::vector<std::string>& words, const PortOfInterface& ports);
/// What an entry of the table, or its default, runs: an action, a member, a group. Without keys.
Result<manifest::Entry> parse_target(const manifest::Table& table, const std::vector<std::string>& words,
                                     const PortOfInterface& ports);
Result<std::uint32_t> parse_number(const std::string& what, const std::string& text);

/// A whole entry. A table with priorities wants one, others refuse it; a value set has keys only.
Result<manifest::Entry> parse_entry(const manifest::Table& table, EntryWords given, const PortOfInterface& ports);
/// What identifies an entry: its keys, and the priority where the table has them.
Result<manifest::Entry> parse_entry_key(const manifest::Table& table, EntryWords given, const PortOfInterface& ports);

/// Words between spaces; `#` starts a comment; `--priority N` is taken out. For files of entries.
Result<EntryWords> split_line(const std::string& line);

/// "src=10.0.0.1 port=80", as a key is typed.
std::string format_keys(const manifest::Table& table, const manifest::Entry& entry);
/// "forward(port=2, mac=00:00:00:00:01:02)".
std::string format_action(const std::vector<manifest::Action>& actions, std::size_t action,
                          const std::vector<BigInt>& arguments);
/// The same for what the entry runs: also "member 3", "group 7".
std::string format_target(const manifest::Table& table, const manifest::Entry& entry);

}  // namespace p4bpf::control
