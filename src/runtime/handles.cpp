// TableAccess, the part for entries that have a handle: a number of their own while they are there, by which the maps
// of direct counters, direct meters and times of last hits are indexed. A bit for each handle says whether it is in
// use.
#include <time.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "manifest/entry.h"
#include "runtime/table_access.h"
#include "runtime/table_layout.h"

namespace p4bpf::runtime {

using manifest::Entry;
using manifest::Structure;
using manifest::Table;

namespace {

constexpr std::uint32_t kWordBits = 64;

bool holds_rules(const Table& table) {
  return table.structure == Structure::kRuleList || table.structure == Structure::kRuleMatrix;
}

}  // namespace

Result<std::span<std::uint64_t>> TableAccess::handle_words(const Table& table) {
  const Result<std::span<std::uint8_t>> bytes = kernel_->memory(table.handle_map);
  if (!bytes) return fail(bytes.error());
  if (bytes->size() / sizeof(std::uint64_t) < table.size / kWordBits + 2)
    return fail("the map of handles of table '" + table.name + "' is too small");
  return std::span(reinterpret_cast<std::uint64_t*>(bytes->data()), bytes->size() / sizeof(std::uint64_t));
}

/// One that is free, with nothing counted for it yet. The search goes on where the last one ended, which the word
/// behind the bits keeps.
Result<std::uint32_t> TableAccess::take_handle(const Table& table) {
  const Result<std::span<std::uint64_t>> words = handle_words(table);
  if (!words) return fail(words.error());
  const std::size_t count = table.size / kWordBits + 1;
  std::uint64_t& start = words->back();
  for (const bool is_second_try : {false, true}) {
    (*words)[0] |= 1;  // that of the default action
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t i = (start + k) % count;
      const std::uint64_t word = (*words)[i];
      if (word == ~std::uint64_t{0}) continue;
      const auto handle = static_cast<std::uint32_t>(i * kWordBits + static_cast<std::uint32_t>(std::countr_one(word)));
      if (handle > table.size) continue;
      if (Result<void> cleared = clear_kept(table, handle); !cleared) return fail(cleared.error());
      (*words)[i] |= std::uint64_t{1} << (handle % kWordBits);
      start = i;
      return handle;
    }
    if (is_second_try) break;
    // Entries may have gone without anybody's doing: those of a table that evicts, those of a process that died.
    const Result<std::vector<Stored>> all = read_all(table);
    if (!all) return fail(all.error());
    std::fill(words->begin(), words->end(), 0);
    for (const Stored& one : *all) (*words)[one.handle / kWordBits] |= std::uint64_t{1} << (one.handle % kWordBits);
  }
  return fail("table '" + table.name + "' is full: it holds " + std::to_string(table.size) + " entries",
              "give the table a larger size in the program, or delete entries", ENOSPC);
}

Result<void> TableAccess::give_handle_back(const Table& table, std::uint32_t handle) {
  const Result<std::span<std::uint64_t>> words = handle_words(table);
  if (!words) return fail(words.error());
  if (handle != 0 && handle <= table.size) (*words)[handle / kWordBits] &= ~(std::uint64_t{1} << (handle % kWordBits));
  return {};
}

/// What an entry before may have left.
Result<void> TableAccess::clear_kept(const Table& table, std::uint32_t handle) {
  const auto number = static_cast<std::size_t>(&table - manifest_->tables.data());
  for (std::size_t i = 0; i < manifest_->counters.size(); ++i) {
    if (manifest_->counters[i].table != number) continue;
    if (Result<void> done = reset_counter(i, handle); !done) return done;
  }
  const auto clear = [&](const std::string& map, std::size_t size) -> Result<void> {
    const Result<std::span<std::uint8_t>> bytes = kernel_->memory(map);
    if (!bytes) return fail(bytes.error());
    if (bytes->size() / size > handle)
      std::fill_n(bytes->begin() + static_cast<std::ptrdiff_t>(handle * size), size, 0);
    return {};
  };
  for (const manifest::Meter& meter : manifest_->meters) {
    if (meter.table != number || meter.map.empty()) continue;
    if (Result<void> done = clear(meter.map, kMeterSize); !done) return done;
  }
  return table.last_hit_map.empty() ? Result<void>{} : clear(table.last_hit_map, sizeof(std::uint64_t));
}

Result<void> TableAccess::apply_with_handles(const Table& table, Change change, const std::vector<Entry>& entries,
                                             std::size_t& at) {
  if (holds_rules(table)) return change_rules_with_handles(table, change, entries, at);
  for (at = 0; at < entries.size(); ++at) {
    if (Result<void> done = change_with_handle(table, change, entries[at]); !done) return done;
  }
  return {};
}

Result<void> TableAccess::change_with_handle(const Table& table, Change change, const Entry& entry) {
  std::uint32_t handle = 0;
  if (change == Change::kAdd) {
    const Result<std::uint32_t> taken = take_handle(table);
    if (!taken) return fail(taken.error());
    handle = *taken;
  } else {
    const Result<std::optional<Stored>> there = find_stored(table, entry);
    if (!there) return fail(there.error());
    if (*there) handle = (*there)->handle;
  }
  Result<void> done = change_plain(table, change, entry, handle);
  const bool is_free = change == Change::kAdd ? !done : change == Change::kDelete && done.has_value();
  if (!is_free) return done;
  Result<void> given = give_handle_back(table, handle);
  return done ? given : done;
}

Result<void> TableAccess::change_rules_with_handles(const Table& table, Change change,
                                                    const std::vector<Entry>& entries, std::size_t& at) {
  Result<RuleBlock> rules = read_rules(table);
  if (!rules) return fail(rules.error());
  const std::vector<std::uint32_t> before = rules->handles();
  std::vector<std::uint32_t> taken;
  Result<void> done;
  for (std::size_t i = 0; change == Change::kAdd && i < entries.size() && done; ++i) {
    const Result<std::uint32_t> handle = take_handle(table);
    if (!handle) done = fail(handle.error());
    if (handle) taken.push_back(*handle);
  }
  at = 0;
  if (done) {
    const int code = rules->change(change, entries, at, taken);
    done = code != 0 ? failed_change(table, code) : write_rules(table, *rules);
  }
  if (done && change != Change::kDelete) return done;
  // Those that nobody has now: of what has been deleted, or would have been added.
  const std::vector<std::uint32_t> after = done ? rules->handles() : before;
  for (const std::vector<std::uint32_t>& list : {before, taken}) {
    for (const std::uint32_t handle : list) {
      if (std::find(after.begin(), after.end(), handle) != after.end()) continue;
      if (Result<void> given = give_handle_back(table, handle); !given) return given;
    }
  }
  return done;
}

/// The entry with these keys; nothing if there is none.
Result<std::optional<Stored>> TableAccess::find_stored(const Table& table, const Entry& normal) {
  const bool by_key = table.structure == Structure::kHash || table.structure == Structure::kArray ||
                      table.structure == Structure::kPrefixTable;
  if (by_key && !table.map.empty()) {
    const Result<Bytes> value = read_value(table, encode_key(table, normal.keys));
    if (!value && value.error().code != ENOENT && value.error().code != E2BIG) return fail(value.error());
    if (!value) return std::optional<Stored>();
    Stored found{normal, handle_in(table, *value)};
    if (Result<void> done = decode_value(table, *value, found.entry); !done) return fail(done.error());
    return std::optional(std::move(found));
  }
  Result<std::vector<Stored>> all = dump_stored(static_cast<std::size_t>(&table - manifest_->tables.data()));
  if (!all) return fail(all.error());
  for (Stored& one : *all) {
    if (one.entry.keys == normal.keys && (!manifest::has_priorities(table) || one.entry.priority == normal.priority))
      return std::optional(std::move(one));
  }
  return std::optional<Stored>();
}

Result<std::uint32_t> TableAccess::handle_of(std::size_t index, const Entry& given) {
  const Table& table = table_at(index);
  const Result<Entry> wanted = manifest::normalize_keys(table, given);
  if (!wanted) return fail(wanted.error());
  const Result<std::optional<Stored>> found = find_stored(table, *wanted);
  if (!found) return fail(found.error());
  if (!*found) return failed_change(table, ENOENT);
  return (*found)->handle;
}

Result<std::optional<double>> TableAccess::idle_seconds(std::size_t index, std::uint32_t handle) {
  const Table& table = table_at(index);
  const Result<std::span<std::uint8_t>> bytes = kernel_->memory(table.last_hit_map);
  if (!bytes) return fail(bytes.error());
  std::uint64_t last = 0;
  if (bytes->size() / sizeof last <= handle)
    return fail("no entry has the handle " + std::to_string(handle), "", ERANGE);
  std::memcpy(&last, bytes->data() + handle * sizeof last, sizeof last);
  if (last == 0) return std::optional<double>();
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);  // that of bpf_ktime_get_ns
  const double seconds = static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  return std::optional(std::max(0.0, seconds - static_cast<double>(last) / 1e9));
}

}  // namespace p4bpf::runtime
