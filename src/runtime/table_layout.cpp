// Values, keys and rules as bytes (table_layout.h).
#include "runtime/table_layout.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace p4bpf::runtime {
namespace {

using manifest::KeyField;
using manifest::MatchKind;
using manifest::Slot;
using manifest::Table;
using manifest::ValueKind;
using Kind = KeyMatch::Kind;

BigInt all_ones(std::uint32_t bits) { return power_of_two(bits) - 1; }

BigInt prefix_mask(std::uint32_t length, std::uint32_t bits) { return all_ones(bits) - all_ones(bits - length); }

std::size_t padded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

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

/// Where the parts of rule `index` lie (see manifest::Table).
struct RuleLayout {
  std::size_t key_size, count, total;
  std::size_t values, value_stride, keys, key_stride, priorities;
  explicit RuleLayout(const Table& table) {
    key_size = padded(table.key_size);
    const std::size_t value_size = padded(table.value_size);
    if (table.structure == manifest::Structure::kRuleMatrix) {
      count = tables::kMatrixCount;
      values = tables::kMatrixHeader;
      value_stride = value_size;
      keys = values + value_stride * table.size + sizeof(std::uint64_t) * std::size_t{table.matrix_cells};
      key_stride = 2 * key_size;
      priorities = keys + key_stride * table.size;
    } else {
      count = 0;
      keys = 8;
      values = keys + 2 * key_size;
      value_stride = key_stride = 2 * key_size + value_size;
      priorities = keys + key_stride * table.size;
    }
    total = padded(priorities + sizeof(std::int32_t) * table.size);
  }
  std::size_t key(std::size_t index) const { return keys + key_stride * index; }
  std::size_t value(std::size_t index) const { return values + value_stride * index; }
};

/// The key's slot moved by `offset`.
Slot moved(Slot slot, std::size_t offset) {
  slot.offset += static_cast<std::uint32_t>(offset);
  return slot;
}

/// Puts value and mask (or range end) of one key; the value is zero where the mask is.
void put_rule_key(Bytes& bytes, std::size_t rule, std::size_t mask_offset, const KeyField& field,
                  const KeyMatch& match) {
  const Slot value_slot = moved(field.slot, rule);
  const Slot mask_slot = moved(field.slot, rule + mask_offset);
  put_value(bytes, value_slot, match.value);
  switch (match.kind) {
    case Kind::kAny:
      put_value(bytes, mask_slot, 0);
      break;
    case Kind::kExact:
      put_value(bytes, mask_slot, all_ones(field.slot.size * 8));
      break;
    case Kind::kMask:
      put_value(bytes, mask_slot, match.mask);
      break;
    case Kind::kPrefix:
      put_value(bytes, mask_slot, prefix_mask(match.prefix_length, field.bits));
      break;
    case Kind::kRange:
      put_value(bytes, mask_slot, match.high);
      return;
  }
  for (std::size_t i = 0; i < field.slot.size; ++i) {
    bytes[value_slot.offset + i] =
        static_cast<std::uint8_t>(bytes[value_slot.offset + i] & bytes[mask_slot.offset + i]);
  }
}

KeyMatch get_rule_key(const Bytes& bytes, std::size_t rule, std::size_t mask_offset, const KeyField& field) {
  const Slot value_slot = moved(field.slot, rule);
  const Slot mask_slot = moved(field.slot, rule + mask_offset);
  KeyMatch match;
  const bool masked = field.match == MatchKind::kTernary;
  match.value = get_value(bytes, value_slot, field.bits, masked ? ValueKind::kBits : field.kind);
  const BigInt mask = get_value(bytes, mask_slot, field.bits, ValueKind::kBits);
  switch (field.match) {
    case MatchKind::kExact:
      match.kind = Kind::kExact;
      break;
    case MatchKind::kOptional:
      match.kind = mask == 0 ? Kind::kAny : Kind::kExact;
      break;
    case MatchKind::kTernary:
      match.kind = Kind::kMask;
      match.mask = mask;
      break;
    case MatchKind::kLpm:
      match.kind = Kind::kPrefix;
      while (match.prefix_length < field.bits && bit_test(mask, field.bits - 1 - match.prefix_length))
        ++match.prefix_length;
      break;
    case MatchKind::kRange:
      match.kind = Kind::kRange;
      match.high = get_value(bytes, mask_slot, field.bits, field.kind);
      break;
  }
  return match;
}

/// Bits of the trie's key that stand before the value of the lpm field: earlier fields and the padding inside the slot.
std::uint32_t bits_before_prefix(const KeyField& field) {
  return field.slot.offset * 8 + field.slot.size * 8 - field.bits;
}

bool has_prefix_length(const Table& table) {
  return table.structure == manifest::Structure::kLpmTrie || table.structure == manifest::Structure::kPrefixTable;
}

tables::MatrixShape matrix_shape(const Table& table) {
  tables::MatrixShape shape;
  for (const KeyField& field : table.keys) {
    shape.key_size = std::max(shape.key_size, field.slot.offset + field.slot.size);
    shape.fields.push_back(
        {field.slot.offset, field.slot.size, field.match == MatchKind::kRange, field.kind == ValueKind::kSigned});
  }
  std::sort(shape.fields.begin(), shape.fields.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  shape.capacity = static_cast<std::uint32_t>(table.size);
  return shape;
}

}  // namespace

tables::PrefixShape prefix_shape(const Table& table) {
  return {table.key_size, table.value_size, static_cast<std::uint32_t>(table.size), table.root_bits, table.lines};
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

Bytes encode_value(const Table& table, std::size_t action, const std::vector<BigInt>& arguments) {
  Bytes bytes(table.value_size, 0);
  if (bytes.size() >= 4) put_native(bytes, 0, static_cast<std::uint32_t>(action));
  for (std::size_t i = 0; i < arguments.size(); ++i)
    put_value(bytes, table.actions[action].params[i].slot, arguments[i]);
  return bytes;
}

Result<void> decode_value(const Table& table, const Bytes& value, manifest::Entry& entry) {
  if (value.size() < table.value_size) return fail("a value of table '" + table.name + "' is too short");
  entry.action = 0;
  entry.arguments.clear();
  if (table.actions.empty()) return {};
  entry.action = get_native<std::uint32_t>(value, 0);
  if (entry.action >= table.actions.size()) {
    return fail("table '" + table.name +
                "' holds an action number that it does not have: " + std::to_string(entry.action));
  }
  for (const manifest::ActionParam& param : table.actions[entry.action].params) {
    entry.arguments.push_back(get_value(value, param.slot, param.bits, param.kind));
  }
  return {};
}

Bytes encode_rules(const Table& table, const std::vector<manifest::Entry>& rules) {
  const RuleLayout layout(table);
  Bytes bytes(layout.total, 0);
  put_native(bytes, layout.count, static_cast<std::uint32_t>(rules.size()));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t k = 0; k < table.keys.size(); ++k) {
      put_rule_key(bytes, layout.key(i), layout.key_size, table.keys[k], rules[i].keys[k]);
    }
    const Bytes value = encode_value(table, rules[i].action, rules[i].arguments);
    std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(layout.value(i)));
    put_native(bytes, layout.priorities + sizeof(std::int32_t) * i, rules[i].priority);
  }
  if (table.structure == manifest::Structure::kRuleMatrix) {
    const std::uint8_t* const keys = bytes.data() + layout.keys;
    const std::size_t cells = layout.keys - sizeof(std::uint64_t) * table.matrix_cells;
    tables::build_matrix(matrix_shape(table),
                         {static_cast<std::uint32_t>(rules.size()), keys, keys + layout.key_size, layout.key_stride},
                         std::span(bytes).first(tables::kMatrixHeader),
                         {reinterpret_cast<std::uint64_t*>(bytes.data() + cells), table.matrix_cells});
  }
  return bytes;
}

Result<std::vector<manifest::Entry>> decode_rules(const Table& table, const Bytes& bytes) {
  std::vector<manifest::Entry> rules;
  if (bytes.empty()) return rules;  // slot 0 is still empty
  const RuleLayout layout(table);
  if (bytes.size() < layout.total) return fail("the rules of table '" + table.name + "' are too short");
  const auto count = get_native<std::uint32_t>(bytes, layout.count);
  if (count > table.size) return fail("table '" + table.name + "' holds more rules than fit");
  for (std::size_t i = 0; i < count; ++i) {
    manifest::Entry entry;
    for (const KeyField& field : table.keys)
      entry.keys.push_back(get_rule_key(bytes, layout.key(i), layout.key_size, field));
    const auto value = bytes.begin() + static_cast<std::ptrdiff_t>(layout.value(i));
    const Result<void> decoded = decode_value(table, Bytes(value, value + table.value_size), entry);
    if (!decoded) return fail(decoded.error());
    entry.priority = get_native<std::int32_t>(bytes, layout.priorities + sizeof(std::int32_t) * i);
    rules.push_back(std::move(entry));
  }
  return rules;
}

}  // namespace p4bpf::runtime
