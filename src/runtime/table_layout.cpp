// Values, keys and rules as bytes (table_layout.h).
#include "runtime/table_layout.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "manifest/profile.h"

namespace p4bpf::runtime {
namespace {

using manifest::KeyField;
using manifest::MatchKind;
using manifest::Slot;
using manifest::Table;
using manifest::ValueKind;
using Kind = KeyMatch::Kind;

template <class T>
void put_native(Bytes& bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}
template <class T>
T get_native(const Bytes& bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// Bytes of a slot, most significant first, whatever its order.
void swap_to_slot_order(std::vector<std::uint8_t>& bytes, const Slot& slot) {
  const bool is_little = slot.order == manifest::ByteOrder::kHost && std::endian::native == std::endian::little;
  if (is_little) std::reverse(bytes.begin(), bytes.end());
}

/// Bits of the trie's key that stand before the value of the lpm field: earlier fields and the padding inside the slot.
std::uint32_t bits_before_prefix(const KeyField& field) {
  return field.slot.offset * 8 + field.slot.size * 8 - field.bits;
}

/// Of the member or group that a value names.
std::size_t number_at(const Table& table) { return table.value_size - sizeof(std::uint32_t); }

bool has_prefix_length(const Table& table) {
  return table.structure == manifest::Structure::kLpmTrie || table.structure == manifest::Structure::kPrefixTable;
}

}  // namespace

Slot moved(Slot slot, std::size_t offset) {
  slot.offset += static_cast<std::uint32_t>(offset);
  return slot;
}

tables::PrefixShape prefix_shape(const Table& table) {
  return {table.key_size, table.value_size, static_cast<std::uint32_t>(table.size), table.root_bits, table.lines};
}

std::uint64_t size_of_memory(const Table& table) {
  if (table.structure == manifest::Structure::kArray) return std::uint64_t{table.value_size} << table.keys.front().bits;
  const tables::PrefixShape shape = prefix_shape(table);
  return shape.cells_size() + shape.values_size();
}

tables::Prefix to_prefix(std::span<const std::uint8_t> key) {
  std::uint64_t words[2] = {0, 0};
  std::memcpy(words, key.data() + sizeof(std::uint32_t), key.size() - sizeof(std::uint32_t));
  std::uint32_t length = 0;
  std::memcpy(&length, key.data(), sizeof length);
  return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1]), length};
}

Bytes from_prefix(const Table& table, const tables::Prefix& prefix) {
  Bytes key(sizeof(std::uint32_t) + table.key_size);
  put_native(key, 0, prefix.length);
  const std::uint64_t words[2] = {__builtin_bswap64(prefix.high), __builtin_bswap64(prefix.low)};
  std::memcpy(key.data() + sizeof(std::uint32_t), words, table.key_size);
  return key;
}

void put_value(Bytes& bytes, const Slot& slot, const BigInt& value) {
  std::vector<std::uint8_t> digits = to_bytes(value, slot.size * 8);
  swap_to_slot_order(digits, slot);
  std::copy(digits.begin(), digits.end(), bytes.begin() + slot.offset);
}

BigInt get_value(const Bytes& bytes, const Slot& slot, std::uint32_t bits, ValueKind kind) {
  std::vector<std::uint8_t> digits(bytes.begin() + slot.offset, bytes.begin() + slot.offset + slot.size);
  swap_to_slot_order(digits, slot);
  return wrap(from_bytes(digits.data(), digits.size()), bits, kind == ValueKind::kSigned);
}

Bytes encode_key(const Table& table, const std::vector<KeyMatch>& keys) {
  const bool is_trie = has_prefix_length(table);
  const std::size_t start = is_trie ? sizeof(std::uint32_t) : 0;
  Bytes bytes(start + table.key_size, 0);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const KeyField& field = table.keys[i];
    const KeyMatch& match = keys[i];
    put_value(bytes, moved(field.slot, start), match.value);
    if (is_trie && field.match == MatchKind::kLpm) {
      put_native<std::uint32_t>(bytes, 0, bits_before_prefix(field) + match.prefix_length);
    }
  }
  return bytes;
}

std::vector<KeyMatch> decode_key(const Table& table, const Bytes& key) {
  const bool is_trie = has_prefix_length(table);
  const std::size_t start = is_trie ? sizeof(std::uint32_t) : 0;
  std::vector<KeyMatch> keys;
  for (const KeyField& field : table.keys) {
    KeyMatch match;
    match.kind = Kind::kExact;
    match.value = get_value(key, moved(field.slot, start), field.bits, field.kind);
    if (field.match == MatchKind::kLpm) {
      match.kind = Kind::kPrefix;
      const auto length = get_native<std::uint32_t>(key, 0);
      match.prefix_length = std::min(length - std::min(length, bits_before_prefix(field)), field.bits);
    }
    keys.push_back(match);
  }
  return keys;
}

std::uint32_t handle_in(const Table& table, std::span<const std::uint8_t> value) {
  std::uint32_t handle = 0;
  if (table.handle_offset != 0) std::memcpy(&handle, value.data() + table.handle_offset, sizeof handle);
  return handle;
}

Bytes encode_action(const std::vector<manifest::Action>& actions, std::uint32_t value_size, std::size_t action,
                    const std::vector<BigInt>& arguments) {
  Bytes bytes(value_size, 0);
  if (bytes.size() >= sizeof(std::uint32_t)) put_native(bytes, 0, static_cast<std::uint32_t>(action));
  for (std::size_t i = 0; i < arguments.size(); ++i) put_value(bytes, actions[action].params[i].slot, arguments[i]);
  return bytes;
}

Result<void> decode_action(const std::string& owner, const std::vector<manifest::Action>& actions, const Bytes& value,
                           manifest::Entry& entry) {
  entry.target = manifest::EntryTarget::kAction;
  entry.action = get_native<std::uint32_t>(value, 0);
  entry.arguments.clear();
  if (entry.action >= actions.size())
    return fail(owner + " holds an action number that it does not have: " + std::to_string(entry.action));
  for (const manifest::ActionParam& param : actions[entry.action].params) {
    entry.arguments.push_back(get_value(value, param.slot, param.bits, param.kind));
  }
  return {};
}

Bytes encode_value(const Table& table, const manifest::Entry& entry, std::uint32_t handle) {
  Bytes bytes(table.value_size, 0);
  if (entry.target == manifest::EntryTarget::kAction) {
    bytes = encode_action(table.actions, table.value_size, entry.action, entry.arguments);
  } else {
    put_native(bytes, 0,
               entry.target == manifest::EntryTarget::kMember ? manifest::kMemberTarget : manifest::kGroupTarget);
    put_native(bytes, number_at(table), entry.number);
  }
  if (table.handle_offset != 0) put_native(bytes, table.handle_offset, handle);
  return bytes;
}

Result<void> decode_value(const Table& table, const Bytes& value, manifest::Entry& entry) {
  if (value.size() < table.value_size) return fail("a value of table '" + table.name + "' is too short");
  entry.target = manifest::EntryTarget::kAction;
  entry.action = 0;
  entry.arguments.clear();
  if (table.actions.empty()) return {};
  const auto what = get_native<std::uint32_t>(value, 0);
  if (!table.profile || (what != manifest::kMemberTarget && what != manifest::kGroupTarget))
    return decode_action("table '" + table.name + "'", table.actions, value, entry);
  entry.target = what == manifest::kMemberTarget ? manifest::EntryTarget::kMember : manifest::EntryTarget::kGroup;
  entry.number = get_native<std::uint32_t>(value, number_at(table));
  return {};
}

}  // namespace p4bpf::runtime
