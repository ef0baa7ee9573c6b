// Keys, arguments and their notations in the switch's command language:
//   exact VALUE, lpm VALUE/LENGTH, ternary and optional VALUE&&&MASK, range LOW->HIGH
// Bits that a mask or a prefix leaves out may be anything. Of two priorities the lower number wins.
#pragma once

#include <string>
#include <vector>

#include "control/switch_cli/context.h"

namespace p4bpf::control::switch_cli {

Result<KeyMatch> parse_key(const std::string& word, const manifest::KeyField& field, const PortOfInterface& ports);
/// A key for each word.
Result<std::vector<KeyMatch>> parse_keys(const manifest::Table& table, const Words& words,
                                         const PortOfInterface& ports);
/// In order; `owner` for messages.
Result<std::vector<BigInt>> parse_arguments(const manifest::Action& action, const Words& words,
                                            const PortOfInterface& ports);

Words slice(const Words& words, std::size_t from, std::size_t to);
struct Called {
  std::size_t action = 0;
  std::vector<BigInt> arguments;
};
/// The action of that name with its parameters, before which some write `=>`.
Result<Called> parse_action(const std::vector<manifest::Action>& actions, const std::string& name, const Words& params,
                            const PortOfInterface& ports);

/// The manifest's priority for the language's, and back.
Result<std::int32_t> parse_priority(const std::string& word);
std::int32_t shown_priority(std::int32_t priority);

/// In hexadecimal digits, whole bytes.
std::string hex_of(const BigInt& value, std::uint32_t bits);
std::string show_key(const KeyMatch& match, const manifest::KeyField& field);
std::string show_arguments(const manifest::Action& action, const std::vector<BigInt>& arguments);
/// "EXACT", "LPM", ...
std::string show_match_kind(manifest::MatchKind kind);

}  // namespace p4bpf::control::switch_cli
