// Entries into each structure and back (table_access.h); counters are in counter_access.cpp.
#include "runtime/table_access.h"

#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "manifest/entry.h"
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

bool holds_rules(const Table& table) {
  return table.structure == Structure::kRuleList || table.structure == Structure::kRuleMatrix;
}

/// What a failed write says; nothing if it is none of the usual mistakes.
Result<void> outcome(const Table& table, int code) {
  switch (code) {
    case EEXIST:
      return already_there(table);
    case ENOENT:
      return not_there(table);
    case E2BIG:   // hash
    case ENOSPC:  // prefixes
      return is_full(table);
    default:
      return {};
  }
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

/// What identifies an entry, without its action.
Result<Entry> normalized_key(const Table& table, const Entry& given) {
  Table keys_only;
  keys_only.name = table.name;
  keys_only.keys = table.keys;
  keys_only.is_value_set = true;  // no actions to check
  Entry wanted;
  wanted.keys = given.keys;
  wanted.priority = manifest::has_priorities(table) ? given.priority : 0;
  return manifest::normalize(keys_only, wanted);
}

/// What tells rules apart: keys and priority, as text.
std::string identity(const Entry& rule) {
  std::string text = std::to_string(rule.priority);
  for (const KeyMatch& key : rule.keys) {
    text += '|' + std::to_string(static_cast<int>(key.kind)) + ',' + key.value.str() + ',' + key.mask.str() + ',' +
            key.high.str() + ',' + std::to_string(key.prefix_length);
  }
  return text;
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

bool is_no_entry(const Bytes& value) {
  std::uint32_t action = 0;
  if (value.size() >= sizeof action) std::memcpy(&action, value.data(), sizeof action);
  return action == manifest::kNoEntry;
}

}  // namespace

bool TableAccess::is_const_entry(const Table& table, const Entry& entry) const {
  if (table.entries_are_const) return true;
  return std::any_of(table.entries.begin(), table.entries.end(), [&](const Entry& written) {
    if (!written.is_const) return false;
    const Result<Entry> normal = manifest::normalize(table, written);
    return normal && same_key(table, *normal, entry);
  });
}

Result<void> TableAccess::initialise() {
  for (const Table& table : manifest_->tables) {
    if (table.map.empty() || table.structure == Structure::kNone || table.structure == Structure::kCode) continue;
    if (table.structure == Structure::kArray) {
      if (Result<void> done = fill_with_no_entry(table); !done) return done;
    }
    std::vector<Entry> rules;
    for (const Entry& written : table.entries) {
      Result<Entry> entry = manifest::normalize(table, written);
      if (!entry) return fail(entry.error());
      if (holds_rules(table)) {
        rules.push_back(std::move(*entry));
      } else if (Result<void> done = write(table, *entry, true); !done) {
        return done;
      }
    }
    if (holds_rules(table)) {
      if (Result<void> done = write_rules(table, std::move(rules)); !done) return done;
    }
  }
  return {};
}

Result<void> TableAccess::insert(std::size_t index, const Entry& given) {
  const Table& table = table_at(index);
  const Result<Entry> entry = manifest::normalize(table, given);
  if (!entry) return fail(entry.error());
  if (Result<void> stored = check_stored(table); !stored) return stored;
  if (table.entries_are_const) return is_const(table);
  return write(table, *entry, true);
}

bool TableAccess::takes_encoded(const Table& table) {
  return (table.structure == Structure::kHash || table.structure == Structure::kPrefixTable) && !table.map.empty() &&
         !table.entries_are_const;
}

bool TableAccess::adds_as_one(const Table& table) { return holds_rules(table); }

Result<void> TableAccess::insert_encoded(std::size_t index, const EncodedEntries& entries, std::size_t& at,
                                         const std::function<void()>& progress) {
  constexpr std::size_t kBetweenProgress = 1u << 14;
  const Table& table = table_at(index);
  P4BPF_CHECK(takes_encoded(table), "asked before");
  at = 0;
  if (entries.count == 0) return {};
  if (table.structure == Structure::kHash) {
    const Result<void> written = kernel_->insert_batch(table.map, entries, at, progress);
    if (written) return written;
    const Result<void> known = outcome(table, written.error().code);
    return known ? written : known;
  }
  const Result<PrefixTable*> prefixes = prefix_table(table);
  if (!prefixes) return fail(prefixes.error());
  for (; at < entries.count; ++at) {
    const Result<void> added = outcome(table, (*prefixes)->insert(to_prefix(entries.key(at)), entries.value(at)));
    if (!added) return added;
    if (at % kBetweenProgress == 0) progress();
  }
  return {};
}

Result<void> TableAccess::insert_all(std::size_t index, const std::vector<Entry>& entries, std::size_t& at,
                                     const std::function<void()>& progress) {
  const Table& table = table_at(index);
  at = 0;
  if (entries.empty()) return {};
  if (Result<void> stored = check_stored(table); !stored) return stored;
  if (table.entries_are_const) return is_const(table);
  if (!holds_rules(table)) {
    for (; at < entries.size(); ++at) {
      if (Result<void> added = insert(index, entries[at]); !added) return added;
      if (at % 1024 == 0) progress();
    }
    return {};
  }
  Result<std::vector<Entry>> rules = read_all(table);
  if (!rules) return fail(rules.error());
  std::set<std::string> known;
  for (const Entry& rule : *rules) known.insert(identity(rule));
  for (; at < entries.size(); ++at) {
    Result<Entry> entry = manifest::normalize(table, entries[at]);
    Result<void> good;
    if (!entry) good = fail(entry.error());
    if (good && !known.insert(identity(*entry)).second) good = already_there(table);
    if (good && rules->size() >= table.size) good = is_full(table);
    if (!good) return good;
    rules->push_back(std::move(*entry));
  }
  return write_rules(table, std::move(*rules));
}

Result<void> TableAccess::modify(std::size_t index, const Entry& given) {
  const Table& table = table_at(index);
  const Result<Entry> entry = manifest::normalize(table, given);
  if (!entry) return fail(entry.error());
  if (Result<void> stored = check_stored(table); !stored) return stored;
  if (table.entries_are_const) return is_const(table);
  if (is_const_entry(table, *entry)) return fail("this entry of " + quoted(table) + " is const", "", EROFS);
  return write(table, *entry, false);
}

Result<void> TableAccess::write(const Table& table, const Entry& entry, bool is_new) {
  if (holds_rules(table)) return write_rule(table, entry, is_new);
  if (table.structure == Structure::kArray) return write_element(table, entry, is_new);
  const Bytes key = encode_key(table, entry.keys);
  const Bytes value = encode_value(table, entry.action, entry.arguments);
  if (table.structure == Structure::kPrefixTable) {
    const Result<PrefixTable*> prefixes = prefix_table(table);
    if (!prefixes) return fail(prefixes.error());
    return outcome(table,
                   is_new ? (*prefixes)->insert(to_prefix(key), value) : (*prefixes)->modify(to_prefix(key), value));
  }
  Result<void> done = kernel_->update(table.map, key, value, is_new ? BPF_NOEXIST : BPF_EXIST);
  if (done) return done;
  const Result<void> known = outcome(table, done.error().code);
  return known ? done : known;
}

Result<TableAccess::PrefixTable*> TableAccess::prefix_table(const Table& table) {
  std::shared_ptr<PrefixTable>& made = prefix_tables_[&table];
  if (made) return made.get();
  tables::PrefixMemory memory;
  const std::pair<const std::string&, std::span<std::uint8_t>&> parts[] = {
      {table.map, memory.cells}, {table.value_map, memory.values}, {table.entry_map, memory.entries}};
  for (const auto& [map, bytes] : parts) {
    Result<std::span<std::uint8_t>> found = kernel_->memory(map);
    if (!found) return fail(found.error());
    bytes = *found;
  }
  const tables::PrefixShape shape = prefix_shape(table);
  if (memory.cells.size() < shape.cells_size() || memory.entries.size() < shape.entries_size() ||
      memory.values.size() < std::size_t{shape.values()} * shape.value_stride()) {
    return fail("the maps of " + quoted(table) + " are smaller than its manifest says", "compile the program again");
  }
  made = std::make_shared<PrefixTable>(shape, memory, [kernel = kernel_] { kernel->wait_for_readers(); });
  return made.get();
}

Result<void> TableAccess::write_element(const Table& table, const Entry& entry, bool is_new) {
  const Bytes key = encode_key(table, entry.keys);
  const Result<Bytes> old = kernel_->lookup(table.map, key);
  if (!old && (old.error().code == ENOENT || old.error().code == E2BIG)) {
    return fail(
        "the key is out of range: " + quoted(table) + " has the elements 0 to " + std::to_string(table.size - 1), "",
        ERANGE);
  }
  if (!old) return fail(old.error());
  if (is_new && !is_no_entry(*old)) return already_there(table);
  if (!is_new && is_no_entry(*old)) return not_there(table);
  return kernel_->update(table.map, key, encode_value(table, entry.action, entry.arguments), BPF_ANY);
}

Result<void> TableAccess::write_rule(const Table& table, const Entry& entry, bool is_new) {
  Result<std::vector<Entry>> rules = read_all(table);
  if (!rules) return fail(rules.error());
  const auto same =
      std::find_if(rules->begin(), rules->end(), [&](const Entry& e) { return same_key(table, e, entry); });
  if (is_new && same != rules->end()) return already_there(table);
  if (!is_new && same == rules->end()) return not_there(table);
  if (is_new) {
    rules->push_back(entry);
  } else {
    *same = entry;
  }
  return write_rules(table, std::move(*rules));
}

Result<void> TableAccess::write_rules(const Table& table, std::vector<Entry> rules) {
  if (rules.size() > table.size) return is_full(table);
  std::stable_sort(rules.begin(), rules.end(),
                   [&](const Entry& a, const Entry& b) { return manifest::wins_over(table, a, b); });
  return kernel_->replace_inner(table.map, encode_rules(table, rules));
}

Result<void> TableAccess::remove(std::size_t index, const Entry& given) {
  const Table& table = table_at(index);
  if (Result<void> stored = check_stored(table); !stored) return stored;
  const Result<Entry> entry = normalized_key(table, given);
  if (!entry) return fail(entry.error());
  if (table.entries_are_const) return is_const(table);
  if (is_const_entry(table, *entry)) return fail("this entry of " + quoted(table) + " is const", "", EROFS);
  return erase(table, *entry);
}

Result<void> TableAccess::erase(const Table& table, const Entry& entry) {
  if (holds_rules(table)) {
    Result<std::vector<Entry>> rules = read_all(table);
    if (!rules) return fail(rules.error());
    const std::size_t erased = std::erase_if(*rules, [&](const Entry& e) { return same_key(table, e, entry); });
    if (erased == 0) return not_there(table);
    return write_rules(table, std::move(*rules));
  }
  const Bytes key = encode_key(table, entry.keys);
  if (table.structure == Structure::kArray) {
    const Result<Bytes> old = kernel_->lookup(table.map, key);
    if (!old || is_no_entry(*old)) return not_there(table);
    return kernel_->update(table.map, key, no_entry(table), BPF_ANY);
  }
  if (table.structure == Structure::kPrefixTable) {
    const Result<PrefixTable*> prefixes = prefix_table(table);
    if (!prefixes) return fail(prefixes.error());
    return outcome(table, (*prefixes)->remove(to_prefix(key)));
  }
  Result<void> done = kernel_->remove(table.map, key);
  if (!done && done.error().code == ENOENT) return not_there(table);
  return done;
}

Result<Entry> TableAccess::get(std::size_t index, const Entry& given) {
  const Table& table = table_at(index);
  const Result<Entry> wanted = normalized_key(table, given);
  if (!wanted) return fail(wanted.error());
  const bool by_key = table.structure == Structure::kHash || table.structure == Structure::kArray;
  if (by_key && !table.map.empty()) {
    const Result<Bytes> value = kernel_->lookup(table.map, encode_key(table, wanted->keys));
    if (!value || is_no_entry(*value)) return not_there(table);
    Entry entry = *wanted;
    if (Result<void> done = decode_value(table, *value, entry); !done) return fail(done.error());
    entry.is_const = is_const_entry(table, entry);
    return entry;
  }
  if (table.structure == Structure::kPrefixTable) {
    const Result<PrefixTable*> prefixes = prefix_table(table);
    if (!prefixes) return fail(prefixes.error());
    const PrefixTable::Bytes value = (*prefixes)->get(to_prefix(encode_key(table, wanted->keys)));
    if (value.empty()) return not_there(table);
    Entry entry = *wanted;
    if (Result<void> done = decode_value(table, Bytes(value.begin(), value.end()), entry); !done)
      return fail(done.error());
    entry.is_const = is_const_entry(table, entry);
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
  const Table& table = table_at(index);
  if (table.structure == Structure::kNone) return std::vector<Entry>{};
  if (table.structure == Structure::kCode || table.map.empty()) {
    std::vector<Entry> entries;
    for (const Entry& written : table.entries) {
      Result<Entry> entry = manifest::normalize(table, written);
      if (!entry) return fail(entry.error());
      entry->is_const = true;
      entries.push_back(std::move(*entry));
    }
    return entries;
  }
  Result<std::vector<Entry>> entries = read_all(table);
  if (!entries) return entries;
  if (!holds_rules(table)) std::sort(entries->begin(), entries->end(), sorts_before);
  for (Entry& entry : *entries) entry.is_const = is_const_entry(table, entry);
  return entries;
}

Result<std::vector<Entry>> TableAccess::read_all(const Table& table) {
  if (holds_rules(table)) {
    const Result<Bytes> bytes = kernel_->read_inner(table.map);
    if (!bytes) return fail(bytes.error());
    return decode_rules(table, *bytes);
  }
  std::vector<Entry> entries;
  if (table.structure == Structure::kPrefixTable) {
    const Result<PrefixTable*> prefixes = prefix_table(table);
    if (!prefixes) return fail(prefixes.error());
    Result<void> decoded;
    (*prefixes)->for_each([&](const tables::Prefix& prefix, PrefixTable::Bytes value) {
      Entry entry;
      entry.keys = decode_key(table, from_prefix(table, prefix));
      if (Result<void> done = decode_value(table, Bytes(value.begin(), value.end()), entry); !done) decoded = done;
      entries.push_back(std::move(entry));
    });
    if (!decoded) return fail(decoded.error());
    return entries;
  }
  const Result<std::vector<Bytes>> keys = kernel_->keys(table.map);
  if (!keys) return fail(keys.error());
  for (const Bytes& key : *keys) {
    const Result<Bytes> value = kernel_->lookup(table.map, key);
    if (!value && value.error().code == ENOENT) continue;  // deleted meanwhile by somebody else
    if (!value) return fail(value.error());
    if (table.structure == Structure::kArray && is_no_entry(*value)) continue;
    Entry entry;
    entry.keys = decode_key(table, key);
    if (Result<void> done = decode_value(table, *value, entry); !done) return fail(done.error());
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::size_t> TableAccess::clear(std::size_t index) {
  const Table& table = table_at(index);
  if (Result<void> stored = check_stored(table); !stored) return fail(stored.error());
  if (table.entries_are_const) return is_const(table);
  Result<std::vector<Entry>> entries = read_all(table);
  if (!entries) return fail(entries.error());
  const std::size_t before = entries->size();
  if (holds_rules(table)) {
    std::erase_if(*entries, [&](const Entry& e) { return !is_const_entry(table, e); });
    const std::size_t removed = before - entries->size();
    if (Result<void> done = write_rules(table, std::move(*entries)); !done) return fail(done.error());
    return removed;
  }
  std::size_t removed = 0;
  for (const Entry& entry : *entries) {
    if (is_const_entry(table, entry)) continue;
    const Result<void> done = erase(table, entry);
    if (!done && done.error().code != ENOENT) return fail(done.error());
    ++removed;
  }
  return removed;
}

Result<void> TableAccess::fill_with_no_entry(const Table& table) {
  const Result<MapShape> shape = kernel_->shape(table.map);
  if (!shape) return fail(shape.error());
  const Bytes empty = no_entry(table);
  Bytes key(sizeof(std::uint32_t));
  for (std::uint32_t i = 0; i < shape->max_entries; ++i) {
    std::memcpy(key.data(), &i, sizeof i);
    if (Result<void> done = kernel_->update(table.map, key, empty, BPF_ANY); !done) return done;
  }
  return {};
}

Result<void> TableAccess::set_default(std::size_t index, std::size_t action, const std::vector<BigInt>& arguments) {
  const Table& table = table_at(index);
  if (Result<void> good = manifest::check_default(table, action, arguments); !good) return good;
  if (table.default_symbol.empty()) {
    return fail("the default action of " + quoted(table) + " is compiled into the program", "", EROFS);
  }
  return kernel_->write_global(table.default_map, table.default_offset, encode_value(table, action, arguments));
}

Result<void> TableAccess::reset_default(std::size_t index) {
  return set_default(index, table_at(index).default_action, table_at(index).default_arguments);
}

Result<DefaultAction> TableAccess::get_default(std::size_t index) {
  const Table& table = table_at(index);
  if (table.default_symbol.empty()) return DefaultAction{table.default_action, table.default_arguments};
  const Result<Bytes> value = kernel_->read_global(table.default_map, table.default_offset, table.value_size);
  if (!value) return fail(value.error());
  Entry entry;
  if (Result<void> done = decode_value(table, *value, entry); !done) return fail(done.error());
  return DefaultAction{entry.action, entry.arguments};
}

}  // namespace p4bpf::runtime
