// The entries of one table: what the control plane may do with them and which one a packet hits.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "manifest/manifest.h"

namespace p4bpf::interp {

class TableState {
 public:
  /// Holds the entries that stand in the program; fails if one of them does not fit its table. `shape` must outlive it.
  static Result<TableState> create(const manifest::Table& shape);

  /// Error::code is EEXIST for an entry that matches as another does, ENOSPC for a full table, EPERM for a const one.
  Result<void> insert(const manifest::Entry& entry);
  /// A new action for the entry with these keys (and priority, where the table has priorities); ENOENT if there is
  /// none.
  Result<void> modify(const manifest::Entry& entry);
  Result<void> remove(const manifest::Entry& entry);
  /// Removes all entries that are not const.
  Result<void> clear();
  /// What a miss runs, as an entry without keys.
  Result<void> set_default(const manifest::Entry& what);

  /// The entry that wins for these keys (in the range of their types); nullptr: a miss. It counts as used.
  const manifest::Entry* find(const std::vector<BigInt>& keys);
  /// A number above 0 that is the entry's own while it is there; ENOENT if it is not.
  Result<std::uint32_t> handle_of(const manifest::Entry& entry) const;
  /// The same for what find() gave; 0 for none.
  std::uint32_t handle_of(const manifest::Entry* found) const {
    return found == nullptr ? 0 : handles_.at(static_cast<std::size_t>(found - entries_.data()));
  }
  const manifest::Entry& default_entry() const { return default_; }
  const manifest::Table& shape() const { return *shape_; }
  /// In the order in which they win.
  const std::vector<manifest::Entry>& entries() const { return entries_; }

 private:
  explicit TableState(const manifest::Table& shape);
  Error entries_are_const() const;
  /// By its keys and priority.
  Result<std::size_t> find_entry(const manifest::Entry& entry) const;
  Result<manifest::Entry> checked(const manifest::Entry& entry) const;
  std::optional<std::size_t> index_of(const manifest::Entry& normal) const;
  void place(manifest::Entry normal);
  void erase(std::size_t index);

  const manifest::Table* shape_;
  bool exact_ = true;  // all keys match exactly: `by_key_` answers
  std::vector<manifest::Entry> entries_;
  std::vector<std::uint32_t> handles_;  // of each entry
  std::uint32_t last_handle_ = 0;
  /// Where an entry with that normalized key stands, for exact tables.
  std::unordered_map<std::string, std::size_t> by_key_;
  /// When each entry was used last, for exact tables.
  std::vector<std::uint64_t> used_;
  std::uint64_t now_ = 0;
  manifest::Entry default_;
};

}  // namespace p4bpf::interp
