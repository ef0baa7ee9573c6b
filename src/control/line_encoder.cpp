// Plain lines into bytes (line_encoder.h). No allocation for a line, each character is looked at once.
#include "control/line_encoder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "runtime/table_access.h"

namespace p4bpf::control {
namespace {

using manifest::MatchKind;
using manifest::Slot;
using manifest::Structure;

/// A number of up to 128 bits.
struct Number {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

constexpr unsigned kNoDigit = 255;

unsigned digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return kNoDigit;
}

/// Decimal, at most 19 digits, without zeroes in front.
std::optional<std::uint64_t> read_decimal(std::string_view word) {
  if (word.empty() || word.size() > 19 || (word[0] == '0' && word.size() > 1)) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::optional<Number> read_hex(std::string_view digits) {
  if (digits.empty() || digits.size() > 32) return std::nullopt;
  Number number;
  for (const char c : digits) {
    const unsigned digit = digit_of(c);
    if (digit == kNoDigit) return std::nullopt;
    number.high = number.high << 4 | number.low >> 60;
    number.low = number.low << 4 | digit;
  }
  return number;
}

/// 00:11:22:33:44:55, all digits there.
std::optional<Number> read_mac(std::string_view word) {
  Number number;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (i % 3 == 2) {
      if (word[i] != ':') return std::nullopt;
      continue;
    }
    const unsigned digit = digit_of(word[i]);
    if (digit == kNoDigit) return std::nullopt;
    number.low = number.low << 4 | digit;
  }
  return number;
}

/// Four decimal numbers of at most three digits.
std::optional<Number> read_ipv4(std::string_view word) {
  Number number;
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part == 3 ? word.size() : word.find('.');
    if (end == std::string_view::npos || end > 3) return std::nullopt;
    const auto value = read_decimal(word.substr(0, end));
    if (!value || *value > 255) return std::nullopt;
    number.low = number.low << 8 | *value;
    word.remove_prefix(part == 3 ? end : end + 1);
  }
  return number;
}

std::optional<Number> read_ipv6(std::string_view word) {
  std::array<char, 48> text{};
  std::uint64_t words[2];
  if (word.size() >= text.size()) return std::nullopt;
  std::copy(word.begin(), word.end(), text.begin());
  if (::inet_pton(AF_INET6, text.data(), words) != 1) return std::nullopt;
  return Number{__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
}

bool fits(const Number& number, std::uint32_t bits) {
  if (bits >= 128) return true;
  if (bits >= 64) return bits == 64 ? number.high == 0 : number.high >> (bits - 64) == 0;
  return number.high == 0 && number.low >> bits == 0;
}

/// A number, or an address of as many bits as there must be; nothing for all that needs a closer look.
std::optional<Number> read_number(std::string_view word, std::uint32_t bits) {
  std::optional<Number> number;
  if (word.starts_with("0x")) {
    number = read_hex(word.substr(2));
  } else if (bits == 32 && word.find('.') != std::string_view::npos) {
    number = read_ipv4(word);
  } else if (bits == 48 && word.size() == 17) {
    number = read_mac(word);
  } else if (bits == 128 && word.find(':') != std::string_view::npos) {
    number = read_ipv6(word);
  } else if (const auto decimal = read_decimal(word)) {
    number = Number{0, *decimal};
  }
  return number && fits(*number, bits) ? number : std::nullopt;
}

void put(std::uint8_t* start, const Slot& slot, const Number& number) {
  const std::uint64_t words[2] = {number.low, number.high};
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(words);  // the lowest first: little-endian machines
  std::uint8_t* const at = start + slot.offset;
  if (slot.order == manifest::ByteOrder::kHost) {
    std::memcpy(at, bytes, slot.size);
  } else {
    for (std::uint32_t i = 0; i < slot.size; ++i) at[slot.size - 1 - i] = bytes[i];
  }
}

bool has_bits_behind(const Number& number, std::uint32_t count) {
  if (count == 0) return false;
  if (count >= 64) return number.low != 0 || (count > 64 && number.high << (128 - count) != 0);
  return number.low << (64 - count) != 0;
}

bool is_plain(manifest::ValueKind kind, std::uint32_t bits, const Slot& slot) {
  return kind == manifest::ValueKind::kBits && bits <= 128 && slot.size <= 16;
}

}  // namespace

std::string_view next_word(std::string_view& line) {
  std::size_t start = 0;
  while (start < line.size() && is_space(line[start])) ++start;
  std::size_t end = start;
  while (end < line.size() && !is_space(line[end])) ++end;
  const std::string_view word = line.substr(start, end - start);
  line.remove_prefix(end);
  return word;
}

LineEncoder::LineEncoder(const manifest::Table& table, runtime::Change change)
    : table_(table),
      has_value_(change != runtime::Change::kDelete),
      is_plain_(runtime::TableAccess::takes_encoded(table) && !table.is_value_set) {
  for (const manifest::KeyField& key : table.keys) is_plain_ = is_plain_ && is_plain(key.kind, key.bits, key.slot);
  for (const manifest::Action& action : table.actions) {
    for (const manifest::ActionParam& param : action.params)
      is_plain_ = is_plain_ && is_plain(param.kind, param.bits, param.slot);
  }
  if (table.structure != Structure::kHash) key_start_ = sizeof(std::uint32_t);
}

const manifest::Action* LineEncoder::find_action(std::string_view word) {
  if (action_ != nullptr && word == action_name_) return action_;
  std::vector<std::string> names;
  for (const manifest::Action& action : table_.actions) names.push_back(action.name);
  const Result<std::size_t> index = manifest::find_by_name("action", word, names);
  if (!index || table_.actions[*index].default_only) return nullptr;
  action_name_ = word;
  action_ = &table_.actions[*index];
  return action_;
}

bool LineEncoder::encode_key(std::string_view& line, std::uint8_t* at) const {
  for (const manifest::KeyField& key : table_.keys) {
    std::string_view word = next_word(line);
    std::uint32_t length = key.bits;
    if (key.match == MatchKind::kLpm) {
      if (const std::size_t slash = word.find('/'); slash != std::string_view::npos) {
        const auto given = read_decimal(word.substr(slash + 1));
        if (!given || *given > key.bits) return false;
        length = static_cast<std::uint32_t>(*given);
        word = word.substr(0, slash);
      }
    }
    const auto number = read_number(word, key.bits);
    if (!number || has_bits_behind(*number, key.bits - length)) return false;
    put(at + key_start_, key.slot, *number);
    if (key.match != MatchKind::kLpm) continue;
    const std::uint32_t whole = (key.slot.offset + key.slot.size) * 8 - key.bits + length;
    std::memcpy(at, &whole, sizeof whole);
  }
  return true;
}

bool LineEncoder::encode_value(std::string_view& line, std::uint8_t* at) {
  const manifest::Action* const action = find_action(next_word(line));
  if (action == nullptr) return false;
  const auto number = static_cast<std::uint32_t>(action - table_.actions.data());
  std::memcpy(at, &number, sizeof number);
  for (const manifest::ActionParam& param : action->params) {
    const auto argument = read_number(next_word(line), param.bits);
    if (!argument) return false;
    put(at, param.slot, *argument);
  }
  return true;
}

bool LineEncoder::encode(std::string_view line, runtime::EncodedEntries& entries) {
  if (!is_plain_) return false;
  entries.key_size = key_start_ + table_.key_size;
  entries.value_size = table_.value_size;
  const std::size_t key_at = entries.keys.size();
  const std::size_t value_at = entries.values.size();
  entries.keys.resize(key_at + entries.key_size);
  if (has_value_) entries.values.resize(value_at + entries.value_size);
  const bool understood = encode_key(line, entries.keys.data() + key_at) &&
                          (!has_value_ || encode_value(line, entries.values.data() + value_at)) &&
                          next_word(line).empty();
  if (understood) return true;
  entries.keys.resize(key_at);
  entries.values.resize(value_at);
  return false;
}

}  // namespace p4bpf::control
