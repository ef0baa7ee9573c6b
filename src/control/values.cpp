// Reads and writes values and keys in every notation (values.h).
#include "control/values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/diagnostics.h"

namespace p4bpf::control {
namespace {

using manifest::KeyField;
using manifest::MatchKind;
using manifest::ValueKind;
using Kind = KeyMatch::Kind;

/// Longer than any value of 2048 bits, in any notation.
constexpr std::size_t kLongestValue = 2200;

std::string in_quotes(std::string_view text) { return "'" + std::string(text.substr(0, 80)) + "'"; }

/// Six bytes of one or two digits, with colons or dashes between them.
std::optional<BigInt> parse_mac(std::string_view text) {
  constexpr int kBytes = 6;
  const std::size_t first = text.find_first_of(":-");
  if (first == std::string_view::npos) return std::nullopt;
  const char separator = text[first];
  BigInt value = 0;
  for (int rest = kBytes; rest > 0; --rest) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end == 0 || end > 2 || (end == text.size()) != (rest == 1)) return std::nullopt;
    unsigned byte = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + end, byte, 16);
    if (error != std::errc{} || stop != text.data() + end) return std::nullopt;
    value = value * 256 + byte;
    text.remove_prefix(rest == 1 ? end : end + 1);
  }
  return value;
}

template <std::size_t Size>
std::optional<BigInt> parse_address(int family, std::string_view text) {
  std::array<std::uint8_t, Size> bytes{};
  if (::inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return from_bytes(bytes.data(), bytes.size());
}

template <std::size_t Size>
std::string format_address(int family, const BigInt& value) {
  const std::vector<std::uint8_t> bytes = to_bytes(value, Size * 8);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

/// An address in one of the notations that fix the width; nothing if it is in none.
std::optional<std::pair<BigInt, std::uint32_t>> parse_notation(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  if (const auto mac = parse_mac(text)) return std::pair{*mac, 48u};
  if (std::count(text.begin(), text.end(), '.') == 3) {
    if (const auto address = parse_address<4>(AF_INET, text)) return std::pair{*address, 32u};
  }
  if (std::count(text.begin(), text.end(), ':') >= 2) {
    if (const auto address = parse_address<16>(AF_INET6, text)) return std::pair{*address, 128u};
  }
  return std::nullopt;
}

bool is_enum(const ValueType& type) { return type.kind == ValueKind::kEnum || type.kind == ValueKind::kError; }

Result<BigInt> parse_member(std::string_view text, const ValueType& type) {
  const Result<std::size_t> index = manifest::find_by_name("member", text, *type.enum_members);
  if (!index) return fail(index.error());
  return BigInt(*index);
}

Result<BigInt> check_width(const BigInt& value, std::string_view text, const ValueType& type) {
  const bool with_sign = type.kind == ValueKind::kSigned;
  if (fits(value, type.bits, with_sign)) return value;
  // A signed value may be written by its bits, too: whoever knows bytes only cannot write it otherwise.
  if (with_sign && value > 0 && fits(value, type.bits, false)) return wrap(value, type.bits, true);
  const BigInt high = with_sign ? BigInt(power_of_two(type.bits - 1) - 1) : BigInt(power_of_two(type.bits) - 1);
  const std::string low = with_sign ? "-" + BigInt(power_of_two(type.bits - 1)).str() : "0";
  const std::string range = type.bits <= 64 ? low + " to " + high.str() : std::to_string(type.bits) + " bits";
  return fail(in_quotes(text) + " does not fit " + in_quotes(type.name) + " of " + std::to_string(type.bits) + " bits",
              "it takes " + range);
}

bool looks_like_name(std::string_view text) {
  return std::isalpha(static_cast<unsigned char>(text[0])) != 0 || text[0] == '_';
}

KeyMatch any() { return KeyMatch{}; }

Result<KeyMatch> parse_prefix(std::string_view text, const KeyField& field, const PortOfInterface& ports) {
  const std::size_t slash = text.rfind('/');
  const ValueType type = type_of(field);
  const Result<BigInt> value = parse_value(text.substr(0, slash), type, ports);
  if (!value) return fail(value.error());
  KeyMatch match;
  match.kind = Kind::kPrefix;
  match.value = *value;
  match.prefix_length = field.bits;
  if (slash == std::string_view::npos) return match;
  const std::string_view length = text.substr(slash + 1);
  const std::optional<BigInt> bits = length.size() > 8 ? std::nullopt : parse_big_int(length);
  if (!bits)
    return fail("the prefix length " + in_quotes(length) + " is no number", "write " + field.name + " as VALUE/LENGTH");
  if (*bits > field.bits) {
    return fail("the prefix length " + bits->str() + " is longer than " + in_quotes(field.name) + ", which has " +
                std::to_string(field.bits) + " bits");
  }
  match.prefix_length = static_cast<std::uint32_t>(*bits);
  const BigInt behind = power_of_two(field.bits - match.prefix_length) - 1;
  const BigInt unsigned_value = wrap(*value, field.bits, false);
  if ((unsigned_value & behind) != 0) {
    const BigInt start = wrap(unsigned_value - (unsigned_value & behind), field.bits, field.kind == ValueKind::kSigned);
    return fail(in_quotes(text) + " has bits behind its prefix",
                "did you mean " + format_value(start, type) + "/" + bits->str() + "?");
  }
  return match;
}

Result<KeyMatch> parse_ternary(std::string_view text, const KeyField& field, const PortOfInterface& ports) {
  const std::size_t mark = text.find("&&&");
  if (mark == std::string_view::npos && text.find('/') != std::string_view::npos) {
    Result<KeyMatch> prefix = parse_prefix(text, field, ports);
    if (!prefix) return prefix;
    KeyMatch match;
    match.kind = Kind::kMask;
    match.value = wrap(prefix->value, field.bits, false);
    match.mask = power_of_two(field.bits) - power_of_two(field.bits - prefix->prefix_length);
    return match;
  }
  const Result<BigInt> value = parse_value(text.substr(0, mark), type_of(field), ports);
  if (!value) return fail(value.error());
  KeyMatch match;
  match.kind = Kind::kMask;
  match.mask = power_of_two(field.bits) - 1;
  match.value = wrap(*value, field.bits, false);
  if (mark == std::string_view::npos) return match;
  ValueType mask_type = type_of(field);
  mask_type.kind = ValueKind::kBits;
  const Result<BigInt> mask = parse_value(text.substr(mark + 3), mask_type);
  if (!mask) return fail(mask.error());
  match.mask = *mask;
  if ((match.value & ~match.mask & (power_of_two(field.bits) - 1)) != 0) {
    return fail(in_quotes(text) + " has bits that its mask leaves out",
                "did you mean " + format_value(match.value & match.mask, mask_type) + "&&&" +
                    format_value(match.mask, mask_type) + "?");
  }
  return match;
}

Result<KeyMatch> parse_range(std::string_view text, const KeyField& field, const PortOfInterface& ports) {
  const std::size_t dots = text.find("..");
  const Result<BigInt> low = parse_value(text.substr(0, dots), type_of(field), ports);
  if (!low) return fail(low.error());
  KeyMatch match;
  match.kind = Kind::kRange;
  match.value = match.high = *low;
  if (dots == std::string_view::npos) return match;
  const Result<BigInt> high = parse_value(text.substr(dots + 2), type_of(field), ports);
  if (!high) return fail(high.error());
  match.high = *high;
  if (match.high < match.value) return fail("the range " + in_quotes(text) + " is empty", "write it as LOW..HIGH");
  return match;
}

/// Whether people would rather read the value as an IPv4 address.
bool is_ipv4(const ValueType& type) {
  if (type.bits != 32 || type.kind != ValueKind::kBits) return false;
  std::string name = type.name.substr(type.name.rfind('.') + 1);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view whole : {"src", "dst", "source", "dest", "destination", "gateway", "target"}) {
    if (name == whole) return true;
  }
  if (name.find("addr") != std::string::npos || name.find("ipv4") != std::string::npos) return true;
  if (name.starts_with("ip") || name.ends_with("ip")) return true;
  return false;
}

}  // namespace

ValueType type_of(const KeyField& field) { return {field.name, field.kind, field.bits, &field.enum_members}; }
ValueType type_of(const manifest::ActionParam& param) {
  return {param.name, param.kind, param.bits, &param.enum_members};
}

Result<BigInt> parse_value(std::string_view text, const ValueType& type, const PortOfInterface& ports) {
  if (text.empty()) return fail("a value is missing for " + in_quotes(type.name));
  if (text.size() > kLongestValue) return fail("the value of " + in_quotes(type.name) + " is too long");
  if (type.kind == ValueKind::kBool && (text == "true" || text == "false")) return BigInt(text == "true" ? 1 : 0);
  const bool is_negative = text[0] == '-';
  if (const auto number = parse_big_int(text.substr(is_negative ? 1 : 0))) {
    return check_width(is_negative ? BigInt(-*number) : *number, text, type);
  }
  if (const auto notation = parse_notation(text)) {
    if (notation->second == type.bits) return notation->first;
    return fail(in_quotes(text) + " is an address of " + std::to_string(notation->second) + " bits, but " +
                in_quotes(type.name) + " has " + std::to_string(type.bits));
  }
  if (is_enum(type)) return parse_member(text, type);
  if (ports) {
    if (const auto port = ports(text)) return check_width(*port, text, type);
    if (looks_like_name(text))
      return fail(in_quotes(text) + " is no value for " + in_quotes(type.name) +
                  " and no interface that is bound to a port");
  }
  return fail(in_quotes(text) + " is no value for " + in_quotes(type.name),
              "write a number (42, 0x2a, 0b101010), or an address of that width");
}

std::string by_bits(const std::string& text, const ValueType& type) {
  if (type.kind != ValueKind::kBits || !text.starts_with('-') || text.size() > kLongestValue) return text;
  const std::optional<BigInt> size = parse_big_int(text.substr(1));
  if (!size || *size > power_of_two(type.bits - 1)) return text;
  return wrap(-*size, type.bits, false).str();
}

Result<KeyMatch> parse_key(std::string_view text, const KeyField& field, const PortOfInterface& ports) {
  if (text == "_") {
    if (field.match == MatchKind::kExact)
      return fail("'_' is no value for " + in_quotes(field.name) + ", which matches exactly");
    return any();
  }
  if (text.size() > 2 * kLongestValue) return fail("the value of " + in_quotes(field.name) + " is too long");
  switch (field.match) {
    case MatchKind::kLpm:
      return parse_prefix(text, field, ports);
    case MatchKind::kTernary:
      return parse_ternary(text, field, ports);
    case MatchKind::kRange:
      return parse_range(text, field, ports);
    case MatchKind::kExact:
    case MatchKind::kOptional:
      break;
  }
  if (text.find("&&&") != std::string_view::npos || text.find("..") != std::string_view::npos ||
      text.find('/') != std::string_view::npos) {
    return fail(in_quotes(text) + " is no single value, but " + in_quotes(field.name) + " matches " +
                (field.match == MatchKind::kExact ? "exactly" : "one value or '_'"));
  }
  const Result<BigInt> value = parse_value(text, type_of(field), ports);
  if (!value) return fail(value.error());
  KeyMatch match;
  match.kind = Kind::kExact;
  match.value = *value;
  return match;
}

std::string format_value(const BigInt& value, const ValueType& type) {
  if (value < 0) return value.str();
  if (type.kind == ValueKind::kBool) return value == 0 ? "false" : "true";
  if (is_enum(type) && value < type.enum_members->size()) return (*type.enum_members)[static_cast<std::size_t>(value)];
  if (type.kind == ValueKind::kBits) {
    if (type.bits == 128) return format_address<16>(AF_INET6, value);
    if (is_ipv4(type)) return format_address<4>(AF_INET, value);
    if (type.bits == 48) {
      std::string text;
      for (const std::uint8_t byte : to_bytes(value, 48)) text += (text.empty() ? "" : ":") + to_hex(byte, 8).substr(2);
      return text;
    }
    if (type.bits > 32) return to_hex(value, type.bits);
  }
  return value.str();
}

std::string format_key(const KeyMatch& match, const KeyField& field) {
  const ValueType type = type_of(field);
  switch (match.kind) {
    case Kind::kAny:
      return "_";
    case Kind::kExact:
      return format_value(match.value, type);
    case Kind::kPrefix:
      return format_value(match.value, type) + "/" + std::to_string(match.prefix_length);
    case Kind::kMask: {
      if (match.mask == 0) return "_";
      const BigInt all = power_of_two(field.bits) - 1;
      if (match.mask == all) return format_value(wrap(match.value, field.bits, field.kind == ValueKind::kSigned), type);
      if (is_ipv4(type)) return format_value(match.value, type) + "&&&" + format_value(match.mask, type);
      return to_hex(wrap(match.value, field.bits, false), field.bits) + "&&&" + to_hex(match.mask, field.bits);
    }
    case Kind::kRange:
      return format_value(match.value, type) + ".." + format_value(match.high, type);
  }
  return "";
}

}  // namespace p4bpf::control
