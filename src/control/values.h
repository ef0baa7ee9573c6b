// Values as people write them: 10.0.0.1, 00:11:22:33:44:55, 2001:db8::1, 0x1f, 0b101, 42, -3, true, Suit.hearts, eth0.
// What a table or a counter shows is written so that it can be typed again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::control {

/// The port that an interface is bound to; nothing if it is none's name.
using PortOfInterface = std::function<std::optional<std::uint32_t>(std::string_view)>;

/// What a value is for: a key field or an action's parameter.
struct ValueType {
  std::string name;
  manifest::ValueKind kind = manifest::ValueKind::kBits;
  std::uint32_t bits = 0;
  const std::vector<std::string>* enum_members = nullptr;
};
ValueType type_of(const manifest::KeyField& field);
ValueType type_of(const manifest::ActionParam& param);

Result<BigInt> parse_value(std::string_view text, const ValueType& type, const PortOfInterface& ports = {});
/// A negative number for unsigned bits becomes the number with the bits of its two's complement; all else stays.
std::string by_bits(const std::string& text, const ValueType& type);
/// v, v/len, v&&&m, lo..hi, or `_` for anything, as the field's match kind wants it.
Result<KeyMatch> parse_key(std::string_view text, const manifest::KeyField& field, const PortOfInterface& ports = {});

std::string format_value(const BigInt& value, const ValueType& type);
std::string format_key(const KeyMatch& match, const manifest::KeyField& field);

}  // namespace p4bpf::control
