// Reads and shows values as the switch's command language has them (values.h).
#include "control/switch_cli/values.h"

#include <fmt/format.h>

namespace p4bpf::control::switch_cli {
namespace {

using manifest::KeyField;
using manifest::MatchKind;

BigInt all_ones(std::uint32_t bits) { return power_of_two(bits) - 1; }

BigInt prefix_mask(std::uint32_t length, std::uint32_t bits) {
  return power_of_two(bits) - power_of_two(bits - length);
}

Result<KeyMatch> parse_prefix(const std::string& word, const KeyField& field, const PortOfInterface& ports) {
  const std::size_t slash = word.rfind('/');
  if (slash == std::string::npos)
    return fail("'" + word + "' is no prefix", "key '" + field.name + "' is VALUE/LENGTH");
  const Result<BigInt> value = parse_value(word.substr(0, slash), type_of(field), ports);
  if (!value) return fail(value.error());
  const Result<std::uint32_t> length = parse_number(word.substr(slash + 1), "the prefix length");
  if (!length) return fail(length.error());
  if (*length > field.bits) {
    return fail(
        fmt::format("the prefix length {} is longer than '{}', which has {} bits", *length, field.name, field.bits));
  }
  KeyMatch match;
  match.kind = KeyMatch::Kind::kPrefix;
  match.prefix_length = *length;
  match.value = wrap(*value, field.bits, false) & prefix_mask(*length, field.bits);
  return match;
}

Result<KeyMatch> parse_ternary(const std::string& word, const KeyField& field, const PortOfInterface& ports) {
  const std::size_t mark = word.find("&&&");
  if (mark == std::string::npos) return fail("'" + word + "' has no mask", "key '" + field.name + "' is VALUE&&&MASK");
  const Result<BigInt> value = parse_value(word.substr(0, mark), type_of(field), ports);
  if (!value) return fail(value.error());
  ValueType mask_type = type_of(field);
  mask_type.kind = manifest::ValueKind::kBits;
  const Result<BigInt> mask = parse_value(word.substr(mark + 3), mask_type);
  if (!mask) return fail(mask.error());
  KeyMatch match;
  if (field.match == MatchKind::kOptional) {
    if (*mask == 0) return match;  // anything
    if (*mask != all_ones(field.bits))
      return fail("the mask of '" + word + "' is neither 0 nor all ones", "key '" + field.name + "' is optional");
    match.kind = KeyMatch::Kind::kExact;
    match.value = *value;
    return match;
  }
  match.kind = KeyMatch::Kind::kMask;
  match.mask = *mask;
  match.value = wrap(*value, field.bits, false) & *mask;
  return match;
}

Result<KeyMatch> parse_range(const std::string& word, const KeyField& field, const PortOfInterface& ports) {
  const std::size_t arrow = word.find("->");
  if (arrow == std::string::npos) return fail("'" + word + "' is no range", "key '" + field.name + "' is LOW->HIGH");
  return control::parse_key(word.substr(0, arrow) + ".." + word.substr(arrow + 2), field, ports);
}

}  // namespace

Result<std::uint32_t> parse_number(const std::string& word, const std::string& what) {
  const std::optional<BigInt> number = word.size() > 32 ? std::nullopt : parse_big_int(word);
  if (number && *number <= UINT32_MAX) return static_cast<std::uint32_t>(*number);
  return fail(what + " '" + word + "' is no number of 32 bits");
}

Result<KeyMatch> parse_key(const std::string& word, const KeyField& field, const PortOfInterface& ports) {
  switch (field.match) {
    case MatchKind::kLpm:
      return parse_prefix(word, field, ports);
    case MatchKind::kTernary:
    case MatchKind::kOptional:
      return parse_ternary(word, field, ports);
    case MatchKind::kRange:
      return parse_range(word, field, ports);
    case MatchKind::kExact:
      break;
  }
  return control::parse_key(word, field, ports);
}

Result<std::vector<KeyMatch>> parse_keys(const manifest::Table& table, const Words& words,
                                         const PortOfInterface& ports) {
  if (words.size() != table.keys.size()) {
    return fail(fmt::format("table '{}' needs {} key{}, but there {} {}", table.name, table.keys.size(),
                            table.keys.size() == 1 ? "" : "s", words.size() == 1 ? "is" : "are", words.size()));
  }
  std::vector<KeyMatch> keys;
  for (std::size_t i = 0; i < words.size(); ++i) {
    Result<KeyMatch> key = parse_key(words[i], table.keys[i], ports);
    if (!key) return fail(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

Result<std::vector<BigInt>> parse_arguments(const manifest::Action& action, const Words& words,
                                            const PortOfInterface& ports) {
  if (words.size() != action.params.size()) {
    return fail(fmt::format("action '{}' needs {} parameter{}, but there {} {}", action.name, action.params.size(),
                            action.params.size() == 1 ? "" : "s", words.size() == 1 ? "is" : "are", words.size()));
  }
  std::vector<BigInt> arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    Result<BigInt> value = parse_value(words[i], type_of(action.params[i]), ports);
    if (!value) return fail(value.error());
    arguments.push_back(std::move(*value));
  }
  return arguments;
}

std::int32_t shown_priority(std::int32_t priority) { return INT32_MAX - priority; }

Words slice(const Words& words, std::size_t from, std::size_t to) {
  return {words.begin() + static_cast<std::ptrdiff_t>(from), words.begin() + static_cast<std::ptrdiff_t>(to)};
}

Result<Called> parse_action(const std::vector<manifest::Action>& actions, const std::string& name, const Words& params,
                            const PortOfInterface& ports) {
  const Result<std::size_t> action = manifest::find_by_name("action", name, names_of(actions));
  if (!action) return fail(action.error());
  const bool has_arrow = !params.empty() && params.front() == "=>";
  Result<std::vector<BigInt>> arguments =
      parse_arguments(actions[*action], slice(params, has_arrow ? 1 : 0, params.size()), ports);
  if (!arguments) return fail(arguments.error());
  return Called{*action, std::move(*arguments)};
}

Result<std::int32_t> parse_priority(const std::string& word) {
  const Result<std::uint32_t> number = parse_number(word, "the priority");
  if (!number) return fail(number.error());
  if (*number > INT32_MAX) return fail("the priority '" + word + "' is no number of 31 bits");
  return shown_priority(static_cast<std::int32_t>(*number));
}

std::string hex_of(const BigInt& value, std::uint32_t bits) {
  std::string text;
  const std::uint32_t whole = std::max(1u, (bits + 7) / 8) * 8;
  for (const std::uint8_t byte : to_bytes(wrap(value, std::max(1u, bits), false), whole))
    text += fmt::format("{:02x}", byte);
  return text;
}

std::string show_key(const KeyMatch& match, const KeyField& field) {
  using Kind = KeyMatch::Kind;
  switch (match.kind) {
    case Kind::kPrefix:
      return hex_of(match.value, field.bits) + "/" + std::to_string(match.prefix_length);
    case Kind::kMask:
      return hex_of(match.value, field.bits) + " &&& " + hex_of(match.mask, field.bits);
    case Kind::kRange:
      return hex_of(match.value, field.bits) + " -> " + hex_of(match.high, field.bits);
    case Kind::kExact:
      if (field.match != MatchKind::kOptional) return hex_of(match.value, field.bits);
      return hex_of(match.value, field.bits) + " &&& " + hex_of(all_ones(field.bits), field.bits);
    case Kind::kAny:
      break;
  }
  if (field.match == MatchKind::kLpm) return hex_of(0, field.bits) + "/0";
  if (field.match == MatchKind::kRange)
    return hex_of(0, field.bits) + " -> " + hex_of(all_ones(field.bits), field.bits);
  return hex_of(0, field.bits) + " &&& " + hex_of(0, field.bits);
}

std::string show_arguments(const manifest::Action& action, const std::vector<BigInt>& arguments) {
  std::string text;
  for (std::size_t i = 0; i < arguments.size() && i < action.params.size(); ++i)
    text += (text.empty() ? "" : ", ") + hex_of(arguments[i], action.params[i].bits);
  return text;
}

std::string show_match_kind(MatchKind kind) {
  switch (kind) {
    case MatchKind::kLpm:
      return "LPM";
    case MatchKind::kTernary:
    case MatchKind::kOptional:
      return "TERNARY";
    case MatchKind::kRange:
      return "RANGE";
    case MatchKind::kExact:
      break;
  }
  return "EXACT";
}

}  // namespace p4bpf::control::switch_cli
