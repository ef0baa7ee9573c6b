// Entries into each structure and back (table_access.h); counters are in counter_access.cpp.
#include "runtime/table_access.h"

#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "manifest/entry.h"
#include "runtime/profile_access.h"
#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

using manifest::Entry;
using manifest::Structure;
using manifest::Table;

std::string quoted(const Table& table) { return (table.is_value_set ? "value set '" : "table '") + table.name + "'"; }

bool same_key(const Table& table, const Entry& a, const Entry& b) {
  return a.keys == b.keys && (!manifest::has_priorities(table) || a.priority == b.priority);
}

tl::unexpected<Error> already_there(const Table& table) {
  return fail(quoted(table) + " already has an entry with this key", "modify it, or delete it first", EEXIST);
}
tl::unexpected<Error> not_there(const Table& table) {
  return fail(quoted(table) + " has no entry with this key",
              manifest::has_priorities(table) ? "the priority is part of the key here" : "", ENOENT);
}
tl::unexpected<Error> is_full(const Table& table) {
  return fail(quoted(table) + " is full: it holds " + std::to_string(table.size) + " entries",
              "give the table a larger size in the program, or delete entries", ENOSPC);
}
tl::unexpected<Error> is_const(const Table& table) {
  return fail("the entries of " + quoted(table) + " are const", "they are part of the program", EROFS);
}

tl::unexpected<Error> entry_is_const(const Table& table) {
  return fail("this entry of " + quoted(table) + " is const", "", EROFS);
}

bool holds_rules(const Table& table) {
  return table.structure == Structure::kRuleList || table.structure == Structure::kRuleMatrix;
}

/// A failed write in words of the table; a code that is none of the usual mistakes is none of ours.
Result<void> outcome(const Table& table, int code) {
  switch (code) {
    case EEXIST:
      return already_there(table);
    case ENOENT:
      return not_there(table);
    case E2BIG:   // hash
    case ENOSPC:  // prefixes, rules
      return is_full(table);
    default:
      return {};
  }
}
Result<void> outcome(const Table& table, Result<void> written) {
  if (written) return written;
  Result<void> known = outcome(table, written.error().code);
  return known ? written : known;
}

/// Whether entries of the table can be read and changed at all.
Result<void> check_stored(const Table& table) {
  if (table.structure == Structure::kNone) {
    return fail(quoted(table) + " has no key, so it holds no entries", "set its default action instead", EINVAL);
  }
  if (table.structure == Structure::kCode) return is_const(table);
  if (table.map.empty()) return fail(quoted(table) + " is not used by the program, so it has no map", "", EINVAL);
  return {};
}

Result<void> check_changeable(const Table& table) {
  if (Result<void> stored = check_stored(table); !stored) return stored;
  if (table.entries_are_const) return is_const(table);
  return {};
}

/// Entries of a table of which others can be changed that can not.
std::vector<Entry> const_entries(const Table& table) {
  std::vector<Entry> entries;
  for (const Entry& written : table.entries) {
    if (!written.is_const) continue;
    Result<Entry> entry = manifest::normalize(table, written);
    if (entry) entries.push_back(std::move(*entry));
  }
  return entries;
}

bool holds_key(const Table& table, const std::vector<Entry>& entries, const Entry& wanted) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return same_key(table, e, wanted); });
}

bool sorts_before(const Entry& a, const Entry& b) {
  for (std::size_t i = 0; i < a.keys.size() && i < b.keys.size(); ++i) {
    if (a.keys[i].value != b.keys[i].value) return a.keys[i].value < b.keys[i].value;
    if (a.keys[i].prefix_length != b.keys[i].prefix_length) return a.keys[i].prefix_length < b.keys[i].prefix_length;
  }
  return false;
}

Bytes no_entry(const Table& table) {
  Bytes value(table.value_size, 0);
  std::memcpy(value.data(), &manifest::kNoEntry, sizeof manifest::kNoEntry);
  return value;
}

std::uint32_t index_of(const Bytes& key) {
  std::uint32_t index = 0;
  std::memcpy(&index, key.data(), std::min(key.size(), sizeof index));
  return index;
}

/// Of an array: one for each value of its key.
std::uint32_t elements_of(const Table& table) { return 1u << table.keys.front().bits; }

bool is_no_entry(const Bytes& value) {
  std::uint32_t action = 0;
  if (value.size() >= sizeof action) std::memcpy(&action, value.data(), sizeof action);
  return action == manifest::kNoEntry;
}

std::vector<Entry> entries_of(std::vector<Stored> all) {
  std::vector<Entry> entries;
  for (Stored& one : all) entries.push_back(std::move(one.entry));
  return entries;
}

}  // namespace

tl::unexpected<Error> TableAccess::failed_change(const Table& table, int code) {
  return fail(outcome(table, code).error());
}

Result<void> TableAccess::initialise() {
  if (Result<void> done = ProfileAccess(*kernel_, *manifest_).initialise(); !done) return done;
  for (const Table& table : manifest_->tables) {
    if (table.map.empty() || table.structure == Structure::kNone || table.structure == Structure::kCode) continue;
    if (table.structure == Structure::kArray) {
      if (Result<void> done = fill_with_no_entry(table); !done) return done;
    }
    std::vector<Entry> entries;
    for (const Entry& written : table.entries) {
      Result<Entry> entry = manifest::normalize(table, written);
      if (!entry) return fail(entry.error());
      entries.push_back(std::move(*entry));
    }
    std::size_t at = 0;
    Result<void> done = holds_rules(table) ? write_first_rules(table, std::move(entries))
                                           : apply(table, Change::kAdd, entries, at, [] {});
    if (!done) return done;
  }
  return {};
}

/// A rule that repeats an earlier one can never match.
Result<void> TableAccess::write_first_rules(const Table& table, std::vector<Entry> rules) {
  Result<RuleBlock> block = RuleBlock::read(table, {});
  if (!block) return fail(block.error());
  std::size_t at = 0;
  int code = 0;
  std::vector<std::uint32_t> handles;
  for (std::size_t i = 0; i < rules.size() && table.handle_offset != 0; ++i) {
    const Result<std::uint32_t> handle = take_handle(table);
    if (!handle) return fail(handle.error());
    handles.push_back(*handle);
  }
  while ((code = block->change(Change::kAdd, rules, at, handles)) == EEXIST) {
    const auto done = static_cast<std::ptrdiff_t>(at) + 1;
    rules.erase(rules.begin(), rules.begin() + done);
    if (!handles.empty()) handles.erase(handles.begin(), handles.begin() + done);
  }
  if (code != 0) return outcome(table, code);
  return write_rules(table, *block);
}

bool TableAccess::takes_encoded(const Table& table) {
  const bool has_form = table.structure == Structure::kHash || table.structure == Structure::kLpmTrie ||
                        table.structure == Structure::kPrefixTable;
  // What an entry names of a profile must be there; a handle must be found.
  return has_form && !table.map.empty() && !table.entries_are_const && !table.profile && table.handle_offset == 0;
}

bool TableAccess::changes_as_one(const Table& table) { return holds_rules(table); }

Result<void> TableAccess::change(std::size_t table, Change change, const Entry& entry) {
  std::size_t at = 0;
  return change_all(table, change, {entry}, at);
}

Result<void> TableAccess::change_all(std::size_t index, Change change, const std::vector<Entry>& entries,
                                     std::size_t& at, const std::function<void()>& progress) {
  const Table& table = table_at(index);
  at = 0;
  if (Result<void> stored = check_changeable(table); !stored) return stored;
  const std::vector<Entry> kept = change == Change::kAdd ? std::vector<Entry>{} : const_entries(table);
  Result<void> good;
  std::vector<Entry> checked;
  for (const Entry& given : entries) {
    Result<Entry> entry =
        change == Change::kDelete ? manifest::normalize_keys(table, given) : manifest::normalize(table, given);
    if (entry && change != Change::kDelete) {
      if (Result<void> there = ProfileAccess(*kernel_, *manifest_).check_target(table, *entry); !there)
        entry = fail(there.error());
    }
    if (!entry) {
      good = fail(entry.error());
    } else if (holds_key(table, kept, *entry)) {
      good = entry_is_const(table);
    } else {
      checked.push_back(std::move(*entry));
      continue;
    }
    if (!changes_as_one(table)) break;
    at = checked.size();
    return good;
  }
  // Those before a bad one are as good as they would be without it.
  if (checked.empty() || (!good && changes_as_one(table))) return good;
  Result<void> done = apply(table, change, checked, at, progress);
  return done ? good : done;
}

Result<void> TableAccess::change_encoded(std::size_t index, Change change, const EncodedEntries& entries,
                                         std::size_t& at, const std::function<void()>& progress) {
  const Table& table = table_at(index);
  P4BPF_CHECK(takes_encoded(table), "asked before");
  at = 0;
  if (entries.count() == 0) return {};
  std::set<Bytes> kept;
  if (change != Change::kAdd) {
    for (const Entry& entry : const_entries(table)) kept.insert(encode_key(table, entry.keys));
  }
  for (std::size_t i = 0; i < entries.count() && !kept.empty(); ++i) {
    if (!kept.contains(Bytes(entries.key(i).begin(), entries.key(i).end()))) continue;
    EncodedEntries before{entries.key_size, entries.value_size, entries.keys, entries.values};
    before.keys.resize(i * entries.key_size);
    before.values.resize(std::min(before.values.size(), i * entries.value_size));
    Result<void> done = apply_encoded(table, change, before, at, progress);
    return done ? Result<void>(entry_is_const(table)) : done;
  }
  return apply_encoded(table, change, entries, at, progress);
}

/// The entries are normalized and may be changed.
Result<void> TableAccess::apply(const Table& table, Change change, const std::vector<Entry>& entries, std::size_t& at,
                                const std::function<void()>& progress) {
  if (table.handle_offset != 0) return apply_with_handles(table, change, entries, at);
  if (holds_rules(table)) {
    Result<RuleBlock> rules = read_rules(table);
    if (!rules) return fail(rules.error());
    if (const int code = rules->change(change, entries, at); code != 0) return outcome(table, code);
    return write_rules(table, *rules);
  }
  if (table.structure == Structure::kArray) {
    for (at = 0; at < entries.size(); ++at) {
      if (Result<void> changed = change_element(table, change, entries[at], 0); !changed) return changed;
      if (at % 1024 == 0) progress();
    }
    return {};
  }
  EncodedEntries encoded;
  encoded.value_size = table.value_size;
  for (const Entry& entry : entries) {
    const Bytes key = encode_key(table, entry.keys);
    encoded.key_size = key.size();
    encoded.keys.insert(encoded.keys.end(), key.begin(), key.end());
    if (change == Change::kDelete) continue;
    const Bytes value = encode_value(table, entry);
    encoded.values.insert(encoded.values.end(), value.begin(), value.end());
  }
  return apply_encoded(table, change, encoded, at, progress);
}

Result<void> TableAccess::apply_encoded(const Table& table, Change change, const EncodedEntries& entries,
                                        std::size_t& at, const std::function<void()>& progress) {
  constexpr std::size_t kBetweenProgress = 1u << 14;
  if (table.structure != Structure::kPrefixTable)
    return outcome(table, kernel_->change(table.map, change, entries, at, progress));
  const Result<PrefixTable*> prefixes = prefix_table(table);
  if (!prefixes) return fail(prefixes.error());
  for (at = 0; at < entries.count(); ++at) {
    const tables::Prefix prefix = to_prefix(entries.key(at));
    const int code = change == Change::kAdd      ? (*prefixes)->insert(prefix, entries.value(at))
                     : change == Change::kModify ? (*prefixes)->modify(prefix, entries.value(at))
                                                 : (*prefixes)->remove(prefix);
    if (code != 0) return outcome(table, code);
    if (at % kBetweenProgress == 0) progress();
  }
  return {};
}

Result<TableAccess::PrefixTable*> TableAccess::prefix_table(const Table& table) {
  std::shared_ptr<PrefixTable>& made = prefix_tables_[&table];
  if (made) return made.get();
  Result<std::span<std::uint8_t>> packets = kernel_->memory(table.map);
  const Result<std::span<std::uint8_t>> entries = kernel_->memory(table.entry_map);
  if (!packets) return fail(packets.error());
  if (!entries) return fail(entries.error());
  packets = packets->subspan(std::min<std::size_t>(packets->size(), table.map_offset));
  const tables::PrefixShape shape = prefix_shape(table);
  if (packets->size() < shape.cells_size() + shape.values_size() || entries->size() < shape.entries_size()) {
    return fail("the maps of " + quoted(table) + " are smaller than its manifest says", "compile the program again");
  }
  const tables::PrefixMemory memory{packets->first(shape.cells_size()), packets->subspan(shape.cells_size()), *entries};
  made = std::make_shared<PrefixTable>(shape, memory, [kernel = kernel_] { kernel->wait_for_readers(); });
  return made.get();
}

/// One entry of a table that holds no rules.
Result<void> TableAccess::change_plain(const Table& table, Change change, const Entry& entry, std::uint32_t handle) {
  if (table.structure == Structure::kArray) return change_element(table, change, entry, handle);
  EncodedEntries encoded;
  encoded.keys = encode_key(table, entry.keys);
  encoded.key_size = encoded.keys.size();
  encoded.value_size = table.value_size;
  if (change != Change::kDelete) encoded.values = encode_value(table, entry, handle);
  std::size_t at = 0;
  return apply_encoded(table, change, encoded, at, [] {});
}

Result<void> TableAccess::change_element(const Table& table, Change change, const Entry& entry,
                                         std::uint32_t handle) {
  const Bytes key = encode_key(table, entry.keys);
  const Result<Bytes> old = read_element(table, key);
  if (!old && change != Change::kDelete && (old.error().code == ENOENT || old.error().code == E2BIG)) {
    return fail(
        "the key is out of range: " + quoted(table) + " has the elements 0 to " + std::to_string(table.size - 1), "",
        ERANGE);
  }
  if (!old && change != Change::kDelete) return fail(old.error());
  const bool is_there = old && !is_no_entry(*old);
  if (change == Change::kAdd && is_there) return already_there(table);
  if (change != Change::kAdd && !is_there) return not_there(table);
  const Bytes value = change == Change::kDelete ? no_entry(table) : encode_value(table, entry, handle);
  return write_element(table, key, value);
}

/// The keys of an array.
Result<std::vector<Bytes>> TableAccess::all_elements(const Table& table) {
  std::uint32_t count = elements_of(table);
  if (table.map_symbol.empty()) {
    const Result<MapShape> shape = kernel_->shape(table.map);
    if (!shape) return fail(shape.error());
    count = shape->max_entries;
  }
  std::vector<Bytes> keys(count, Bytes(sizeof(std::uint32_t)));
  for (std::uint32_t i = 0; i < keys.size(); ++i) std::memcpy(keys[i].data(), &i, sizeof i);
  return keys;
}

/// The elements of an array lie in global data, or are those of a map.
Result<Bytes> TableAccess::read_element(const Table& table, const Bytes& key) {
  if (table.map_symbol.empty()) return kernel_->lookup(table.map, key);
  const std::uint32_t index = index_of(key);
  if (index >= elements_of(table)) return fail("there is no such element", "", E2BIG);
  return kernel_->read_global(table.map, table.map_offset + index * table.value_size, table.value_size);
}

Result<void> TableAccess::write_element(const Table& table, const Bytes& key, const Bytes& value) {
  if (table.map_symbol.empty()) return kernel_->update(table.map, key, value, BPF_ANY);
  return kernel_->write_global(table.map, table.map_offset + index_of(key) * table.value_size, value);
}

Result<RuleBlock> TableAccess::read_rules(const Table& table) {
  Result<RuleBlock> rules = RuleBlock::read(table, {});
  const Result<void> done = kernel_->read_inner(
      table.map, [&](std::span<const std::uint8_t> value) { rules = RuleBlock::read(table, value); });
  return done ? std::move(rules) : fail(done.error());
}

Result<void> TableAccess::write_rules(const Table& table, const RuleBlock& rules) {
  return kernel_->replace_inner(table.map, rules.size(), [&](std::span<std::uint8_t> value) { rules.lay_out(value); });
}

/// What the map has for the key; fails with ENOENT where there is no entry.
Result<Bytes> TableAccess::read_value(const Table& table, const Bytes& key) {
  if (table.structure != Structure::kPrefixTable) {
    if (table.structure != Structure::kArray) return kernel_->lookup(table.map, key);
    Result<Bytes> value = read_element(table, key);
    if (value && is_no_entry(*value)) return not_there(table);
    return value;
  }
  const Result<PrefixTable*> prefixes = prefix_table(table);
  if (!prefixes) return fail(prefixes.error());
  const PrefixTable::Bytes value = (*prefixes)->get(to_prefix(key));
  if (value.empty()) return not_there(table);
  return Bytes(value.begin(), value.end());
}

Result<Entry> TableAccess::get(std::size_t index, const Entry& given) {
  const Table& table = table_at(index);
  const Result<Entry> wanted = manifest::normalize_keys(table, given);
  if (!wanted) return fail(wanted.error());
  const bool by_key = table.structure == Structure::kHash || table.structure == Structure::kArray ||
                      table.structure == Structure::kPrefixTable;
  if (by_key && !table.map.empty()) {
    const Result<Bytes> value = read_value(table, encode_key(table, wanted->keys));
    if (!value) return not_there(table);
    Entry entry = *wanted;
    if (Result<void> done = decode_value(table, *value, entry); !done) return fail(done.error());
    entry.is_const = table.entries_are_const || holds_key(table, const_entries(table), entry);
    return entry;
  }
  Result<std::vector<Entry>> all = dump(index);
  if (!all) return fail(all.error());
  const auto found =
      std::find_if(all->begin(), all->end(), [&](const Entry& e) { return same_key(table, e, *wanted); });
  if (found == all->end()) return not_there(table);
  return *found;
}

Result<std::vector<Entry>> TableAccess::dump(std::size_t index) {
  Result<std::vector<Stored>> all = dump_stored(index);
  if (!all) return fail(all.error());
  return entries_of(std::move(*all));
}

Result<std::vector<Stored>> TableAccess::dump_stored(std::size_t index) {
  const Table& table = table_at(index);
  if (table.structure == Structure::kNone) return std::vector<Stored>{};
  if (table.structure == Structure::kCode || table.map.empty()) {
    std::vector<Stored> entries;
    for (const Entry& written : table.entries) {
      Result<Entry> entry = manifest::normalize(table, written);
      if (!entry) return fail(entry.error());
      entry->is_const = true;
      // Those in code are numbered as they stand there.
      entries.push_back({std::move(*entry), static_cast<std::uint32_t>(entries.size() + 1)});
    }
    return entries;
  }
  Result<std::vector<Stored>> entries = read_all(table);
  if (!entries) return entries;
  if (!holds_rules(table)) {
    std::sort(entries->begin(), entries->end(),
              [](const Stored& a, const Stored& b) { return sorts_before(a.entry, b.entry); });
  }
  const std::vector<Entry> kept = const_entries(table);
  for (Stored& one : *entries) one.entry.is_const = table.entries_are_const || holds_key(table, kept, one.entry);
  return entries;
}

Result<std::vector<Stored>> TableAccess::read_all(const Table& table) {
  std::vector<Stored> all;
  if (holds_rules(table)) {
    const Result<RuleBlock> rules = read_rules(table);
    if (!rules) return fail(rules.error());
    Result<std::vector<Entry>> entries = rules->entries();
    if (!entries) return fail(entries.error());
    const std::vector<std::uint32_t> handles = rules->handles();
    for (std::size_t i = 0; i < entries->size(); ++i) all.push_back({std::move((*entries)[i]), handles[i]});
    return all;
  }
  Result<void> decoded;
  const auto add = [&](std::vector<KeyMatch> keys, const Bytes& value) {
    Stored one;
    one.entry.keys = std::move(keys);
    if (Result<void> done = decode_value(table, value, one.entry); !done) decoded = done;
    one.handle = handle_in(table, value);
    all.push_back(std::move(one));
  };
  if (table.structure == Structure::kPrefixTable) {
    const Result<PrefixTable*> prefixes = prefix_table(table);
    if (!prefixes) return fail(prefixes.error());
    (*prefixes)->for_each([&](const tables::Prefix& prefix, PrefixTable::Bytes value) {
      add(decode_key(table, from_prefix(table, prefix)), Bytes(value.begin(), value.end()));
    });
    if (!decoded) return fail(decoded.error());
    return all;
  }
  const bool is_array = table.structure == Structure::kArray;
  const Result<std::vector<Bytes>> keys = is_array ? all_elements(table) : kernel_->keys(table.map);
  if (!keys) return fail(keys.error());
  for (const Bytes& key : *keys) {
    const Result<Bytes> value = is_array ? read_element(table, key) : kernel_->lookup(table.map, key);
    if (!value && value.error().code == ENOENT) continue;  // deleted meanwhile by somebody else
    if (!value) return fail(value.error());
    if (is_array && is_no_entry(*value)) continue;
    add(decode_key(table, key), *value);
    if (!decoded) return fail(decoded.error());
  }
  return all;
}

Result<std::size_t> TableAccess::clear(std::size_t index) {
  const Table& table = table_at(index);
  if (Result<void> stored = check_changeable(table); !stored) return fail(stored.error());
  const std::vector<Entry> kept = const_entries(table);
  std::size_t at = 0;
  if (takes_encoded(table)) {
    Result<EncodedEntries> entries = read_keys(table, kept);
    if (!entries) return fail(entries.error());
    const std::size_t there = entries->count();
    for (;;) {
      const Result<void> done = apply_encoded(table, Change::kDelete, *entries, at, [] {});
      if (done) return there;
      if (done.error().code != ENOENT) return fail(done.error());
      // A table that evicts has dropped it meanwhile.
      const auto first = entries->keys.begin();
      entries->keys.erase(first, first + static_cast<std::ptrdiff_t>((at + 1) * entries->key_size));
    }
  }
  Result<std::vector<Stored>> all = read_all(table);
  if (!all) return fail(all.error());
  std::vector<Entry> entries = entries_of(std::move(*all));
  std::erase_if(entries, [&](const Entry& entry) { return holds_key(table, kept, entry); });
  if (entries.empty()) return std::size_t{0};
  if (Result<void> done = apply(table, Change::kDelete, entries, at, [] {}); !done) return fail(done.error());
  return entries.size();
}

/// The keys of all entries but those, of a table that takes them encoded.
Result<EncodedEntries> TableAccess::read_keys(const Table& table, const std::vector<Entry>& without) {
  std::set<Bytes> left_out;
  for (const Entry& entry : without) left_out.insert(encode_key(table, entry.keys));
  EncodedEntries entries;
  const auto add = [&](const Bytes& key) {
    entries.key_size = key.size();
    if (left_out.empty() || !left_out.contains(key)) entries.keys.insert(entries.keys.end(), key.begin(), key.end());
  };
  if (table.structure == Structure::kPrefixTable) {
    const Result<PrefixTable*> prefixes = prefix_table(table);
    if (!prefixes) return fail(prefixes.error());
    (*prefixes)->for_each([&](const tables::Prefix& prefix, PrefixTable::Bytes) { add(from_prefix(table, prefix)); });
    return entries;
  }
  const Result<std::vector<Bytes>> keys = kernel_->keys(table.map);
  if (!keys) return fail(keys.error());
  for (const Bytes& key : *keys) add(key);
  return entries;
}

Result<void> TableAccess::fill_with_no_entry(const Table& table) {
  const Bytes empty = no_entry(table);
  const Result<std::vector<Bytes>> all = all_elements(table);
  if (!all) return fail(all.error());
  for (const Bytes& key : *all) {
    if (Result<void> done = write_element(table, key, empty); !done) return done;
  }
  return {};
}

Result<void> TableAccess::set_default(std::size_t index, const Entry& what) {
  const Table& table = table_at(index);
  if (Result<void> good = manifest::check_default(table, what); !good) return good;
  if (Result<void> there = ProfileAccess(*kernel_, *manifest_).check_target(table, what); !there) return there;
  if (table.default_symbol.empty()) {
    return fail("the default action of " + quoted(table) + " is compiled into the program", "", EROFS);
  }
  return kernel_->write_global(table.default_map, table.default_offset, encode_value(table, what));
}

Result<void> TableAccess::reset_default(std::size_t index) {
  return set_default(index, table_at(index).default_action, table_at(index).default_arguments);
}

Result<Entry> TableAccess::get_default(std::size_t index) {
  const Table& table = table_at(index);
  if (table.default_symbol.empty()) return manifest::action_entry(table.default_action, table.default_arguments);
  const Result<Bytes> value = kernel_->read_global(table.default_map, table.default_offset, table.value_size);
  if (!value) return fail(value.error());
  Entry entry;
  if (Result<void> done = decode_value(table, *value, entry); !done) return fail(done.error());
  return entry;
}

}  // namespace p4bpf::runtime
