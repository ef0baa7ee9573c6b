// Entries of tables as people type them, word by word:
//   KEY... ACTION [ARGUMENT...]        10.0.1.0/24 forward port=2 mac=00:00:00:00:01:02
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
/// ACTION [ARGUMENT...], and nothing behind.
Result<ActionWords> parse_action(const manifest::Table& table, const std::vector<std::string>& words,
                                 const PortOfInterface& ports);

/// A whole entry. A table with priorities wants one, others refuse it; a value set has keys only.
Result<manifest::Entry> parse_entry(const manifest::Table& table, EntryWords given, const PortOfInterface& ports);
/// What identifies an entry: its keys, and the priority where the table has them.
Result<manifest::Entry> parse_entry_key(const manifest::Table& table, EntryWords given, const PortOfInterface& ports);

/// Words between spaces; `#` starts a comment; `--priority N` is taken out. For files of entries.
Result<EntryWords> split_line(const std::string& line);

/// "forward(port=2, mac=00:00:00:00:01:02)".
std::string format_action(const manifest::Table& table, std::size_t action, const std::vector<BigInt>& arguments);

}  // namespace p4bpf::control
