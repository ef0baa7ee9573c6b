// Rules in the value of an inner map (rule_block.h).
#include "runtime/rule_block.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "runtime/table_layout.h"
#include "tables/rule_matrix.h"

namespace p4bpf::runtime {
namespace {

using manifest::Entry;
using manifest::KeyField;
using manifest::MatchKind;
using manifest::Slot;
using manifest::Table;
using manifest::ValueKind;
using Kind = KeyMatch::Kind;

constexpr std::uint32_t kNone = ~0u;
/// For so few changes it is not worth making an index of the rules.
constexpr std::size_t kFewChanges = 4;

BigInt all_ones(std::uint32_t bits) { return power_of_two(bits) - 1; }

BigInt prefix_mask(std::uint32_t length, std::uint32_t bits) { return all_ones(bits) - all_ones(bits - length); }

std::size_t padded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

/// Puts value and mask (or range end) of one key; the value is zero where the mask is.
void put_rule_key(Bytes& bytes, std::size_t mask_offset, const KeyField& field, const KeyMatch& match) {
  const Slot& value_slot = field.slot;
  const Slot mask_slot = moved(field.slot, mask_offset);
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

KeyMatch get_rule_key(const Bytes& bytes, std::size_t mask_offset, const KeyField& field) {
  const Slot& value_slot = field.slot;
  const Slot mask_slot = moved(field.slot, mask_offset);
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

RuleBlock::Layout::Layout(const Table& table) {
  key_size = padded(table.key_size);
  value_size = padded(table.value_size);
  if (table.structure == manifest::Structure::kRuleMatrix) {
    count = tables::kMatrixCount;
    values = tables::kMatrixHeader + sizeof(std::uint64_t) * std::size_t{table.matrix_cells};
    value_stride = value_size;
    keys = values + value_stride * table.size;
    key_stride = 2 * key_size;
  } else {
    count = 0;
    keys = 8;
    values = keys + 2 * key_size;
    value_stride = key_stride = 2 * key_size + value_size;
  }
  priorities = keys + key_stride * table.size;
  total = padded(priorities + sizeof(std::int32_t) * table.size);
}

RuleBlock::RuleBlock(const Table& table)
    : table_(&table), layout_(table), stride_(2 * layout_.key_size + 8 + layout_.value_size) {}

Result<RuleBlock> RuleBlock::read(const Table& table, std::span<const std::uint8_t> value) {
  RuleBlock block(table);
  if (value.empty()) return block;
  const Layout& layout = block.layout_;
  if (value.size() < layout.total) return fail("the rules of table '" + table.name + "' are too short");
  std::uint32_t count = 0;
  std::memcpy(&count, value.data() + layout.count, sizeof count);
  if (count > table.size) return fail("table '" + table.name + "' holds more rules than fit");
  block.records_.resize(count * block.stride_);
  const std::size_t keys = 2 * layout.key_size;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint8_t* const to = block.record(i);
    std::memcpy(to, value.data() + layout.keys + layout.key_stride * i, keys);
    std::memcpy(to + keys, value.data() + layout.priorities + sizeof(std::int32_t) * i, sizeof(std::int32_t));
    std::memcpy(to + keys + 8, value.data() + layout.values + layout.value_stride * i, layout.value_size);
    block.order_.push_back(i);
  }
  return block;
}

void RuleBlock::lay_out(std::span<std::uint8_t> bytes) const {
  const auto rules = static_cast<std::uint32_t>(count());
  const std::size_t keys = 2 * layout_.key_size;
  std::memcpy(bytes.data() + layout_.count, &rules, sizeof rules);
  for (std::uint32_t i = 0; i < rules; ++i) {
    const std::uint8_t* const from = record(order_[i]);
    std::memcpy(bytes.data() + layout_.keys + layout_.key_stride * i, from, keys);
    std::memcpy(bytes.data() + layout_.priorities + sizeof(std::int32_t) * i, from + keys, sizeof(std::int32_t));
    std::memcpy(bytes.data() + layout_.values + layout_.value_stride * i, from + keys + 8, layout_.value_size);
  }
  if (table_->structure != manifest::Structure::kRuleMatrix) return;
  const std::uint8_t* const first = bytes.data() + layout_.keys;
  tables::build_matrix(matrix_shape(*table_), {rules, first, first + layout_.key_size, layout_.key_stride},
                       bytes.first(tables::kMatrixHeader),
                       {reinterpret_cast<std::uint64_t*>(bytes.data() + tables::kMatrixHeader), table_->matrix_cells});
}

Result<std::vector<Entry>> RuleBlock::entries() const {
  std::vector<Entry> entries;
  for (const std::uint32_t number : order_) {
    const Bytes bytes(record(number), record(number) + stride_);
    Entry entry;
    for (const KeyField& field : table_->keys) entry.keys.push_back(get_rule_key(bytes, layout_.key_size, field));
    const auto value = bytes.begin() + static_cast<std::ptrdiff_t>(2 * layout_.key_size + 8);
    const Result<void> decoded = decode_value(*table_, Bytes(value, value + table_->value_size), entry);
    if (!decoded) return fail(decoded.error());
    entry.priority = priority(number);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<std::uint32_t> RuleBlock::handles() const {
  std::vector<std::uint32_t> all;
  for (const std::uint32_t number : order_) all.push_back(handle_in(*table_, value_of(number)));
  return all;
}

void RuleBlock::encode(const Entry& entry, std::uint32_t handle) {
  Bytes bytes(stride_, 0);
  for (std::size_t k = 0; k < table_->keys.size(); ++k)
    put_rule_key(bytes, layout_.key_size, table_->keys[k], entry.keys[k]);
  std::memcpy(bytes.data() + 2 * layout_.key_size, &entry.priority, sizeof entry.priority);
  const Bytes value = encode_value(*table_, entry, handle);
  std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(2 * layout_.key_size + 8));
  records_.insert(records_.end(), bytes.begin(), bytes.end());
}

std::int32_t RuleBlock::priority(std::uint32_t number) const {
  std::int32_t priority = 0;
  std::memcpy(&priority, record(number) + 2 * layout_.key_size, sizeof priority);
  return priority;
}

/// As manifest::wins_over; the mask of a prefix has as many bits as the prefix.
bool RuleBlock::wins_over(std::uint32_t a, std::uint32_t b) const {
  if (priority(a) != priority(b)) return priority(a) > priority(b);
  for (const KeyField& field : table_->keys) {
    if (field.match != MatchKind::kLpm) continue;
    const auto length = [&](std::uint32_t number) {
      const std::uint8_t* const mask = record(number) + layout_.key_size + field.slot.offset;
      int bits = 0;
      for (std::uint32_t i = 0; i < field.slot.size; ++i) bits += std::popcount(mask[i]);
      return bits;
    };
    if (length(a) != length(b)) return length(a) > length(b);
  }
  return false;
}

void RuleBlock::insert(std::uint32_t number) {
  const auto wins = [this](std::uint32_t a, std::uint32_t b) { return wins_over(a, b); };
  order_.insert(std::upper_bound(order_.begin(), order_.end(), number, wins), number);
}

void RuleBlock::erase(std::uint32_t number) {
  const auto wins = [this](std::uint32_t a, std::uint32_t b) { return wins_over(a, b); };
  order_.erase(std::find(std::lower_bound(order_.begin(), order_.end(), number, wins), order_.end(), number));
}

int RuleBlock::change(Change change, const std::vector<Entry>& entries, std::size_t& at,
                      std::span<const std::uint32_t> handles) {
  std::unordered_map<std::string, std::uint32_t> index;  // of those in order_
  const bool is_indexed = entries.size() > kFewChanges;
  if (is_indexed) {
    for (const std::uint32_t number : order_) index.emplace(identity(number), number);
  }
  const auto find = [&](const std::string& wanted) {
    if (is_indexed) {
      const auto found = index.find(wanted);
      return found == index.end() ? kNone : found->second;
    }
    const auto found = std::find_if(order_.begin(), order_.end(), [&](std::uint32_t number) {
      return std::memcmp(record(number), wanted.data(), wanted.size()) == 0;
    });
    return found == order_.end() ? kNone : *found;
  };
  for (at = 0; at < entries.size(); ++at) {
    const auto made = static_cast<std::uint32_t>(records_.size() / stride_);
    encode(entries[at], at < handles.size() ? handles[at] : 0);
    const std::string wanted = identity(made);
    const std::uint32_t same = find(wanted);
    if (change == Change::kAdd) {
      if (same != kNone) return EEXIST;
      if (count() >= table_->size) return ENOSPC;
      insert(made);
      index.emplace(wanted, made);
      continue;
    }
    if (same == kNone) return ENOENT;
    if (change == Change::kModify) {
      const std::uint32_t handle = handle_in(*table_, value_of(same));
      std::memcpy(record(same), record(made), stride_);
      const Bytes value = encode_value(*table_, entries[at], handle);
      std::copy(value.begin(), value.end(), record(same) + 2 * layout_.key_size + 8);
    } else {
      erase(same);
      index.erase(wanted);
    }
    records_.resize(made * stride_);
  }
  return 0;
}

}  // namespace p4bpf::runtime
