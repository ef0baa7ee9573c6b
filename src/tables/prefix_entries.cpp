// What a prefix table keeps for user space (prefix_table.h): its entries in a hash table, and which values and lines
// are free.
//
// The entries are an open-addressed hash table with linear probing; a removal moves what follows back, so there are no
// tombstones. Equal values are stored once: routes share few next hops, and these then stay in the cache.
#include <bit>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "tables/prefix_parts.h"

namespace p4bpf::tables {
namespace {

std::size_t stored_key_size(std::uint32_t key_bytes) { return key_bytes <= 4 ? 4 : key_bytes <= 8 ? 8 : 16; }
std::size_t record_size(std::uint32_t key_bytes) { return stored_key_size(key_bytes) + sizeof(std::uint32_t); }
/// At most two thirds full.
std::size_t slots(std::uint32_t capacity) { return std::bit_ceil(std::size_t{capacity} * 3 / 2 + 8); }

std::uint64_t mix(std::uint64_t x) {  // the finaliser of MurmurHash3
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdull;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ull;
  return x ^ x >> 33;
}

std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Takes a number off the pool: one that was freed, else a new one; 0 if there is none.
std::uint32_t take(Pool& pool, const std::uint32_t* links, std::uint32_t last) {
  std::uint32_t number = pool.free;
  if (number != 0) {
    pool.free = links[number];
  } else if (pool.used < last) {
    number = ++pool.used;
  }
  if (number != 0) ++pool.taken;
  return number;
}

void give_back(Pool& pool, std::uint32_t* links, const std::vector<std::uint32_t>& numbers) {
  for (const std::uint32_t number : numbers) {
    links[number] = pool.limbo;
    pool.limbo = number;
    --pool.taken;
  }
}

void free_limbo(Pool& pool, std::uint32_t* links) {
  while (pool.limbo != 0) {
    const std::uint32_t number = pool.limbo;
    pool.limbo = links[number];
    links[number] = pool.free;
    pool.free = number;
  }
}

}  // namespace

// Some more of each than fit, so that what was freed need not be waited for at each change.
std::uint32_t PrefixShape::values() const { return capacity + capacity / 8 + 64; }

std::size_t PrefixShape::entries_size() const {
  return kHeaderSize + sizeof(std::uint32_t) * (std::size_t{lines} + values()) +
         record_size(key_bytes) * slots(capacity);
}

PrefixShape shape_for(std::uint32_t key_bytes, std::uint32_t value_size, std::uint32_t capacity) {
  PrefixShape shape;
  shape.key_bytes = key_bytes;
  shape.value_size = value_size;
  shape.capacity = std::min(capacity, kMaxPrefixes);
  const std::uint32_t bits = key_bytes * 8;
  // 16 to 256 cells of the root for each entry; beyond 32 bits keys crowd in a few corners, and a large root is wasted.
  const std::uint32_t wanted = shape.capacity <= 16      ? 8
                               : shape.capacity <= 256   ? 12
                               : shape.capacity <= 16384 ? 16
                               : shape.capacity <= 65536 ? 20
                               : bits <= 32              ? 24
                                                         : 20;
  shape.root_bits = std::min(wanted, bits);
  // An entry takes an edge, where it meets others a node and an edge above that (docs/tables.md); without edges a node
  // for each four bits.
  const std::uint32_t lines_of_entry = shape.has_edges() ? 3 : (bits - shape.root_bits) / 4;
  shape.lines = 128 + lines_of_entry * shape.capacity + shape.capacity / 8;
  if (bits == shape.root_bits) shape.lines = 1;
  return shape;
}

PrefixTable::PrefixTable(const PrefixShape& shape, PrefixMemory memory, std::function<void()> wait_for_readers)
    : shape_(shape), memory_(memory), wait_for_readers_(std::move(wait_for_readers)) {
  std::uint8_t* const start = memory_.entries.data();
  header_ = reinterpret_cast<Header*>(start);
  static_assert(sizeof(Header) <= kHeaderSize);
  line_links_ = reinterpret_cast<std::uint32_t*>(start + kHeaderSize);
  value_links_ = line_links_ + shape_.lines;
  records_ = reinterpret_cast<std::uint8_t*>(value_links_ + shape_.values());
  key_size_ = stored_key_size(shape_.key_bytes);
  record_size_ = record_size(shape_.key_bytes);
  record_mask_ = slots(shape_.capacity) - 1;
  if (header_->changing != 0) rebuild();
}

std::uint32_t PrefixTable::count() const { return header_->count; }
std::uint32_t PrefixTable::lines_in_use() const { return header_->lines.taken; }

// ---- entries
// ------------------------------------------------------------------------------------------------------------

std::size_t PrefixTable::home(const Prefix& prefix) const {
  return mix(prefix.high ^ mix(prefix.low + 0x9e3779b97f4a7c15ull * (prefix.length + 1))) & record_mask_;
}

Prefix PrefixTable::prefix_at(std::size_t slot) const {
  const std::uint8_t* const at = record(slot);
  Prefix prefix;
  std::uint32_t short_key = 0;
  switch (key_size_) {
    case 4:
      std::memcpy(&short_key, at, 4);
      prefix.high = std::uint64_t{short_key} << 32;
      break;
    case 16:
      std::memcpy(&prefix.low, at + 8, 8);
      [[fallthrough]];
    default:
      std::memcpy(&prefix.high, at, 8);
  }
  std::uint32_t packed = 0;
  std::memcpy(&packed, at + key_size_, sizeof packed);
  prefix.length = packed >> kCellShift;
  return prefix;
}

std::uint32_t PrefixTable::value_at(std::size_t slot) const {
  std::uint32_t packed = 0;
  std::memcpy(&packed, record(slot) + key_size_, sizeof packed);
  return packed & kNumberMask;
}

void PrefixTable::put_record(std::size_t slot, const Prefix& prefix, std::uint32_t value) {
  std::uint8_t* const at = record(slot);
  const auto short_key = static_cast<std::uint32_t>(prefix.high >> 32);
  if (key_size_ == 4) std::memcpy(at, &short_key, 4);
  if (key_size_ >= 8) std::memcpy(at, &prefix.high, 8);
  if (key_size_ == 16) std::memcpy(at + 8, &prefix.low, 8);
  const std::uint32_t packed = prefix.length << kCellShift | value;
  std::memcpy(at + key_size_, &packed, sizeof packed);
}

std::size_t PrefixTable::find(const Prefix& prefix) const {
  for (std::size_t slot = home(prefix); value_at(slot) != 0; slot = (slot + 1) & record_mask_) {
    if (prefix_at(slot) == prefix) return slot;
  }
  return kNowhere;
}

void PrefixTable::add_record(const Prefix& prefix, std::uint32_t value) {
  std::size_t slot = home(prefix);
  while (value_at(slot) != 0) slot = (slot + 1) & record_mask_;
  put_record(slot, prefix, value);
  ++header_->count;
  ++header_->of_length[prefix.length];
}

void PrefixTable::remove_record(std::size_t slot) {
  --header_->count;
  --header_->of_length[prefix_at(slot).length];
  std::size_t hole = slot;
  for (std::size_t next = (slot + 1) & record_mask_; value_at(next) != 0; next = (next + 1) & record_mask_) {
    const Prefix prefix = prefix_at(next);
    // It may move back if its home is not between the hole and where it is.
    if (((next - home(prefix)) & record_mask_) < ((next - hole) & record_mask_)) continue;
    put_record(hole, prefix, value_at(next));
    hole = next;
  }
  std::memset(record(hole), 0, record_size_);
}

/// What packets of the prefix get when it goes: the leaf of the next shorter one.
PrefixTable::Cell PrefixTable::parent_leaf(const Prefix& prefix) const {
  for (std::uint32_t length = prefix.length; length-- > 0;) {
    if (header_->of_length[length] == 0) continue;
    const std::size_t slot = find(first_bits(prefix, length));
    if (slot != kNowhere) return leaf_cell(value_at(slot), length);
  }
  return 0;
}

PrefixTable::Bytes PrefixTable::get(const Prefix& prefix) const {
  const std::size_t slot = find(prefix);
  return slot == kNowhere ? Bytes{} : value(value_at(slot));
}

void PrefixTable::for_each(const std::function<void(const Prefix&, Bytes)>& visit) const {
  for (std::size_t slot = 0; slot <= record_mask_; ++slot) {
    if (value_at(slot) != 0) visit(prefix_at(slot), value(value_at(slot)));
  }
}

// ---- values and lines
// ---------------------------------------------------------------------------------------------------

PrefixTable::Bytes PrefixTable::value(std::uint32_t number) const {
  return Bytes(memory_.values.data() + std::size_t{number - 1} * shape_.value_stride(), shape_.value_size);
}

void PrefixTable::index_values() {
  if (indexed_changes_ == header_->changes) return;
  indexed_changes_ = header_->changes;
  value_index_.clear();
  for (std::uint32_t number = 1; number <= header_->values.used; ++number) {
    if ((value_links_[number] & kInUse) != 0) value_index_.emplace(hash_of(value(number)), number);
  }
}

std::uint32_t PrefixTable::take_value(Bytes bytes) {
  index_values();
  const std::uint64_t hash = hash_of(bytes);
  const auto [first, last] = value_index_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (!std::ranges::equal(value(at->second), bytes)) continue;
    ++value_links_[at->second];
    return at->second;
  }
  std::uint32_t number = take(header_->values, value_links_, shape_.values() - 1);
  if (number == 0) {
    reclaim();
    number = take(header_->values, value_links_, shape_.values() - 1);
  }
  if (number == 0) return 0;
  std::memcpy(memory_.values.data() + std::size_t{number - 1} * shape_.value_stride(), bytes.data(), shape_.value_size);
  value_links_[number] = kInUse | 1;
  value_index_.emplace(hash, number);
  return number;
}

void PrefixTable::drop_value(std::uint32_t number) {
  if ((--value_links_[number] & ~kInUse) != 0) return;
  index_values();
  const auto [first, last] = value_index_.equal_range(hash_of(value(number)));
  for (auto at = first; at != last; ++at) {
    if (at->second != number) continue;
    value_index_.erase(at);
    break;
  }
  pending_.values.push_back(number);
}

/// Whoever calls has reserved it.
std::uint32_t PrefixTable::take_line() {
  return shape_.first_line() + take(header_->lines, line_links_, shape_.lines - 1);
}

bool PrefixTable::reserve_lines(std::uint32_t wanted) {
  const auto enough = [&] {
    std::uint32_t there = shape_.lines - 1 - header_->lines.used;
    for (std::uint32_t at = header_->lines.free; at != 0 && there < wanted; at = line_links_[at]) ++there;
    return there >= wanted;
  };
  if (shape_.root_bits == shape_.key_bytes * 8 || enough()) return true;
  reclaim();
  return enough();
}

void PrefixTable::reclaim() {
  if (header_->lines.limbo == 0 && header_->values.limbo == 0) return;
  wait_for_readers_();
  free_limbo(header_->lines, line_links_);
  free_limbo(header_->values, value_links_);
}

void PrefixTable::begin() { std::atomic_ref<std::uint32_t>(header_->changing).store(1, std::memory_order_seq_cst); }

void PrefixTable::finish() {
  give_back(header_->lines, line_links_, pending_.lines);
  give_back(header_->values, value_links_, pending_.values);
  pending_ = {};
  ++header_->changes;
  ++indexed_changes_;
  std::atomic_ref<std::uint32_t>(header_->changing).store(0, std::memory_order_seq_cst);
}

/// A process died in the middle of a change: the entries are what counts, all else is made anew.
void PrefixTable::rebuild() {
  std::vector<std::pair<Prefix, std::vector<std::uint8_t>>> entries;
  for_each([&](const Prefix& prefix, Bytes bytes) {
    entries.emplace_back(prefix, std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  });
  std::memset(memory_.cells.data(), 0, std::size_t{4} << shape_.root_bits);
  wait_for_readers_();
  std::memset(memory_.entries.data(), 0, memory_.entries.size());
  for (const auto& [prefix, bytes] : entries) (void)insert(prefix, bytes);
}

}  // namespace p4bpf::tables
