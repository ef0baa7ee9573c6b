// Look-ups and changes of one table (table_state.h).
#include "interp/table_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "manifest/entry.h"

namespace p4bpf::interp {
namespace {

/// The values as bytes, each in its field's width.
template <class ValueAt>
std::string concat_bytes(const manifest::Table& shape, ValueAt&& value_at) {
  std::string out;
  for (std::size_t i = 0; i < shape.keys.size(); ++i) {
    const std::vector<std::uint8_t> bytes = to_bytes(value_at(i), shape.keys[i].bits);
    out.append(bytes.begin(), bytes.end());
  }
  return out;
}
std::string key_bytes(const manifest::Table& shape, const manifest::Entry& entry) {
  return concat_bytes(shape, [&](std::size_t i) -> const BigInt& { return entry.keys[i].value; });
}

bool matches(const manifest::Table& shape, const manifest::Entry& entry, const std::vector<BigInt>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!entry.keys[i].matches(keys[i], shape.keys[i].bits)) return false;
  }
  return true;
}

}  // namespace

TableState::TableState(const manifest::Table& shape)
    : shape_(&shape), default_(manifest::action_entry(shape.default_action, shape.default_arguments)) {
  for (const manifest::KeyField& key : shape.keys) exact_ = exact_ && key.match == manifest::MatchKind::kExact;
}

Result<TableState> TableState::create(const manifest::Table& shape) {
  TableState state(shape);
  for (const manifest::Entry& entry : shape.entries) {
    Result<manifest::Entry> normal = manifest::normalize(shape, entry);
    if (!normal) return fail(normal.error());
    // An entry that repeats an earlier one can never be hit.
    if (!state.index_of(*normal)) state.place(std::move(*normal));
  }
  return state;
}

std::optional<std::size_t> TableState::index_of(const manifest::Entry& normal) const {
  if (exact_) {
    const auto at = by_key_.find(key_bytes(*shape_, normal));
    return at == by_key_.end() ? std::nullopt : std::optional(at->second);
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].keys == normal.keys && entries_[i].priority == normal.priority) return i;
  }
  return std::nullopt;
}

void TableState::place(manifest::Entry normal) {
  if (exact_) {
    by_key_[key_bytes(*shape_, normal)] = entries_.size();
    entries_.push_back(std::move(normal));
    handles_.push_back(++last_handle_);
    used_.push_back(++now_);
    return;
  }
  // Behind all that win over it or came before it.
  const auto at = std::upper_bound(
      entries_.begin(), entries_.end(), normal,
      [&](const manifest::Entry& a, const manifest::Entry& b) { return manifest::wins_over(*shape_, a, b); });
  handles_.insert(handles_.begin() + (at - entries_.begin()), ++last_handle_);
  entries_.insert(at, std::move(normal));
}

Error TableState::entries_are_const() const {
  return {fmt::format("the entries of table `{}` are constant", shape_->name), {}, EPERM};
}

Result<manifest::Entry> TableState::checked(const manifest::Entry& entry) const {
  if (shape_->entries_are_const) return fail(entries_are_const());
  return manifest::normalize(*shape_, entry);
}

Result<void> TableState::insert(const manifest::Entry& entry) {
  Result<manifest::Entry> normal = checked(entry);
  if (!normal) return fail(normal.error());
  if (index_of(*normal)) {
    return fail(fmt::format("table `{}` has an entry with this key already", shape_->name), "modify or delete it",
                EEXIST);
  }
  if (entries_.size() >= shape_->size && shape_->evicts) {
    // Which entry goes is up to the executor; here it is the one that has not been used for longest.
    erase(static_cast<std::size_t>(std::min_element(used_.begin(), used_.end()) - used_.begin()));
  } else if (entries_.size() >= shape_->size) {
    return fail(fmt::format("table `{}` is full: it holds {} entries", shape_->name, shape_->size), {}, ENOSPC);
  }
  normal->is_const = false;
  place(std::move(*normal));
  return {};
}

Result<void> TableState::modify(const manifest::Entry& entry) {
  Result<manifest::Entry> normal = checked(entry);
  if (!normal) return fail(normal.error());
  const std::optional<std::size_t> index = index_of(*normal);
  if (!index) return fail(fmt::format("table `{}` has no entry with this key", shape_->name), {}, ENOENT);
  if (entries_[*index].is_const) return fail("this entry is constant", {}, EPERM);
  normal->is_const = false;
  entries_[*index] = std::move(*normal);
  return {};
}

Result<std::size_t> TableState::find_entry(const manifest::Entry& entry) const {
  const Result<manifest::Entry> normal = manifest::normalize_keys(*shape_, entry);
  if (!normal) return fail(normal.error());
  const std::optional<std::size_t> index = index_of(*normal);
  if (!index) return fail(fmt::format("table `{}` has no entry with this key", shape_->name), {}, ENOENT);
  return *index;
}

Result<std::uint32_t> TableState::handle_of(const manifest::Entry& entry) const {
  const Result<std::size_t> index = find_entry(entry);
  if (!index) return fail(index.error());
  return handles_[*index];
}

Result<void> TableState::remove(const manifest::Entry& entry) {
  if (shape_->entries_are_const) return fail(entries_are_const());
  const Result<std::size_t> index = find_entry(entry);
  if (!index) return fail(index.error());
  if (entries_[*index].is_const) return fail("this entry is constant", {}, EPERM);
  erase(*index);
  return {};
}

void TableState::erase(std::size_t index) {
  const auto distance = static_cast<std::ptrdiff_t>(index);
  if (exact_) {
    by_key_.erase(key_bytes(*shape_, entries_[index]));
    for (auto& [key, at] : by_key_) at -= at > index ? 1 : 0;
    used_.erase(used_.begin() + distance);
  }
  entries_.erase(entries_.begin() + distance);
  handles_.erase(handles_.begin() + distance);
}

Result<void> TableState::clear() {
  const std::vector<manifest::Entry> before = std::exchange(entries_, {});
  const std::vector<std::uint32_t> handles = std::exchange(handles_, {});
  by_key_.clear();
  used_.clear();
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!before[i].is_const) continue;
    if (exact_) {
      by_key_[key_bytes(*shape_, before[i])] = entries_.size();
      used_.push_back(++now_);
    }
    entries_.push_back(before[i]);  // in the order in which they stood
    handles_.push_back(handles[i]);
  }
  return {};
}

Result<void> TableState::set_default(const manifest::Entry& what) {
  if (auto ok = manifest::check_default(*shape_, what); !ok) return ok;
  default_ = what;
  return {};
}

const manifest::Entry* TableState::find(const std::vector<BigInt>& keys) {
  if (keys.size() != shape_->keys.size() || keys.empty()) return nullptr;
  if (exact_) {
    const auto at = by_key_.find(concat_bytes(*shape_, [&](std::size_t i) -> const BigInt& { return keys[i]; }));
    if (at == by_key_.end()) return nullptr;
    used_[at->second] = ++now_;
    return &entries_[at->second];
  }
  for (const manifest::Entry& entry : entries_) {
    if (matches(*shape_, entry, keys)) return &entry;
  }
  return nullptr;
}

}  // namespace p4bpf::interp
