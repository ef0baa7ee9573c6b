// Many lines of entries (entry_file.h).
#include "control/entry_file.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "control/entries.h"
#include "manifest/entry.h"
#include "runtime/table_layout.h"

namespace p4bpf::control {
namespace {

using manifest::MatchKind;
using manifest::Slot;
using manifest::Structure;
using runtime::Bytes;

/// A number of up to 128 bits, in network order.
using Number = std::array<std::uint8_t, 16>;

Number number_of(std::uint64_t value) {
  Number number{};
  const std::uint64_t net = __builtin_bswap64(value);
  std::memcpy(number.data() + 8, &net, sizeof net);
  return number;
}

std::optional<Number> read_hex(std::string_view digits) {
  if (digits.empty() || digits.size() > 32) return std::nullopt;
  std::uint64_t words[2] = {0, 0};
  const std::size_t low = digits.size() > 16 ? digits.size() - 16 : 0;
  for (const auto& [part, word] : {std::pair{digits.substr(0, low), &words[0]}, {digits.substr(low), &words[1]}}) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), *word, 16);
    if (!part.empty() && (error != std::errc{} || end != part.data() + part.size())) return std::nullopt;
  }
  Number number = number_of(words[1]);
  const std::uint64_t high = __builtin_bswap64(words[0]);
  std::memcpy(number.data(), &high, sizeof high);
  return number;
}

std::optional<Number> read_mac(std::string_view word) {
  std::string digits;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (i % 3 == 2 ? word[i] != ':' : word[i] == ':') return std::nullopt;
    if (i % 3 != 2) digits += word[i];
  }
  return read_hex(digits);
}

/// A number, or an address of as many bits as there must be; nothing for all that needs a closer look.
std::optional<Number> read_number(std::string_view word, std::uint32_t bits) {
  Number number{};
  if (word.starts_with("0x")) {
    const auto hex = read_hex(word.substr(2));
    if (!hex) return std::nullopt;
    number = *hex;
  } else if (word.find(':') != std::string_view::npos) {
    std::array<char, 48> text{};
    if (bits == 48 && word.size() == 17) return read_mac(word);
    if (bits != 128 || word.size() >= text.size()) return std::nullopt;
    std::copy(word.begin(), word.end(), text.begin());
    if (::inet_pton(AF_INET6, text.data(), number.data()) != 1) return std::nullopt;
  } else if (bits == 32 && word.find('.') != std::string_view::npos) {
    std::array<char, 16> text{};
    if (word.size() >= text.size()) return std::nullopt;
    std::copy(word.begin(), word.end(), text.begin());
    if (::inet_pton(AF_INET, text.data(), number.data() + 12) != 1) return std::nullopt;
  } else {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || (word.size() > 1 && word[0] == '0'))
      return std::nullopt;
    number = number_of(value);
  }
  // Nothing above the width.
  for (std::uint32_t i = 0; i < 16; ++i) {
    const std::uint32_t above = 8 * (15 - i);  // bits below this byte
    if (above >= bits && number[i] != 0) return std::nullopt;
    if (above < bits && bits - above < 8 && number[i] >> (bits - above) != 0) return std::nullopt;
  }
  return number;
}

void put(std::uint8_t* start, const Slot& slot, const Number& number) {
  const std::uint8_t* const last = number.data() + 15;
  std::uint8_t* const at = start + slot.offset;
  for (std::uint32_t i = 0; i < slot.size; ++i)
    at[slot.order == manifest::ByteOrder::kNetwork ? slot.size - 1 - i : i] = last[-static_cast<std::ptrdiff_t>(i)];
}

bool has_bits_behind(const Number& number, std::uint32_t count) {
  for (std::uint32_t bit = 0; bit < count; ++bit) {
    if ((number[15 - bit / 8] >> bit % 8 & 1) != 0) return true;
  }
  return false;
}

bool is_plain(manifest::ValueKind kind, std::uint32_t bits, const Slot& slot) {
  return kind == manifest::ValueKind::kBits && bits <= 128 && slot.size <= 16;
}

std::string_view next_word(std::string_view& line) {
  const std::size_t start = std::min(line.find_first_not_of(" \t\r"), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t\r", start), line.size());
  const std::string_view word = line.substr(start, end - start);
  line.remove_prefix(end);
  return word;
}

}  // namespace

LineEncoder::LineEncoder(const manifest::Table& table) : table_(table) {
  is_plain_ = runtime::TableAccess::takes_encoded(table) && !table.is_value_set;
  for (const manifest::KeyField& key : table.keys) is_plain_ = is_plain_ && is_plain(key.kind, key.bits, key.slot);
  for (const manifest::Action& action : table.actions) {
    for (const manifest::ActionParam& param : action.params)
      is_plain_ = is_plain_ && is_plain(param.kind, param.bits, param.slot);
  }
  if (table.structure == Structure::kPrefixTable) key_start_ = sizeof(std::uint32_t);
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

bool LineEncoder::encode(std::string_view line, Bytes& keys, Bytes& values) {
  if (!is_plain_) return false;
  const std::size_t key_at = keys.size();
  const std::size_t value_at = values.size();
  keys.resize(key_at + key_start_ + table_.key_size);
  values.resize(value_at + table_.value_size);
  const auto give_up = [&] {
    keys.resize(key_at);
    values.resize(value_at);
    return false;
  };
  for (const manifest::KeyField& key : table_.keys) {
    std::string_view word = next_word(line);
    std::uint32_t length = key.bits;
    if (const std::size_t slash = word.find('/'); slash != std::string_view::npos && key.match == MatchKind::kLpm) {
      const auto [end, error] = std::from_chars(word.data() + slash + 1, word.data() + word.size(), length);
      if (error != std::errc{} || end != word.data() + word.size() || length > key.bits) return give_up();
      word = word.substr(0, slash);
    }
    const auto number = read_number(word, key.bits);
    if (!number || has_bits_behind(*number, key.bits - length)) return give_up();
    put(keys.data() + key_at + key_start_, key.slot, *number);
    if (key.match != MatchKind::kLpm) continue;
    const std::uint32_t whole = (key.slot.offset + key.slot.size) * 8 - key.bits + length;
    std::memcpy(keys.data() + key_at, &whole, sizeof whole);
  }
  const manifest::Action* const action = find_action(next_word(line));
  if (action == nullptr) return give_up();
  const auto number = static_cast<std::uint32_t>(action - table_.actions.data());
  std::memcpy(values.data() + value_at, &number, sizeof number);
  for (const manifest::ActionParam& param : action->params) {
    const auto argument = read_number(next_word(line), param.bits);
    if (!argument) return give_up();
    put(values.data() + value_at, param.slot, *argument);
  }
  return next_word(line).empty() || give_up();
}

Result<void> add_lines(runtime::TableAccess& access, const manifest::Manifest& manifest, std::size_t index,
                       std::string_view text, const std::string& file, const PortOfInterface& ports,
                       const std::function<void(std::size_t, std::size_t)>& progress) {
  const manifest::Table& table = manifest.tables[index];
  const bool is_encoded = runtime::TableAccess::takes_encoded(table);
  LineEncoder encoder(table);
  runtime::EncodedEntries encoded;
  std::vector<manifest::Entry> entries;
  std::vector<std::size_t> line_of;  // of each entry
  const auto total = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const auto stopped = [&](Error error, std::size_t line, std::size_t done) {
    error.message = file + ":" + std::to_string(line) + ": " + error.message;
    const bool as_one = runtime::TableAccess::adds_as_one(table);
    error.hint += (error.hint.empty() ? "" : "; ") +
                  (as_one ? std::string("no line was done") : std::to_string(done) + " lines before it were done");
    return fail(error);
  };
  const auto write = [&]() -> Result<void> {
    std::size_t at = 0;
    const auto tell = [&] { progress(at == line_of.size() ? line_of.back() : line_of[at], total); };
    encoded.count = is_encoded ? line_of.size() : 0;
    const Result<void> done =
        is_encoded ? access.insert_encoded(index, encoded, at, tell) : access.insert_all(index, entries, at, tell);
    return done ? done : stopped(done.error(), line_of[std::min(at, line_of.size() - 1)], at);
  };
  std::size_t number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    start = end + 1;
    ++number;
    if (!encoder.encode(line, encoded.keys, encoded.values)) {
      Result<EntryWords> words = split_line(std::string(line));
      if (words && words->words.empty()) continue;
      Result<manifest::Entry> entry =
          words ? parse_entry(table, std::move(*words), ports) : Result<manifest::Entry>(fail(words.error()));
      if (entry && is_encoded) entry = manifest::normalize(table, *entry);
      if (!entry) {
        // Those before it are as good as they would be without it.
        if (!line_of.empty() && !runtime::TableAccess::adds_as_one(table)) {
          if (Result<void> written = write(); !written) return written;
        }
        return stopped(entry.error(), number, line_of.size());
      }
      if (is_encoded) {
        const Bytes key = runtime::encode_key(table, entry->keys);
        const Bytes value = runtime::encode_value(table, entry->action, entry->arguments);
        encoded.keys.insert(encoded.keys.end(), key.begin(), key.end());
        encoded.values.insert(encoded.values.end(), value.begin(), value.end());
      } else {
        entries.push_back(std::move(*entry));
      }
    }
    line_of.push_back(number);
  }
  if (line_of.empty()) return {};
  Result<void> written = write();
  if (written) progress(number, total);
  return written;
}

}  // namespace p4bpf::control
