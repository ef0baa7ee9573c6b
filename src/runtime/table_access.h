// Tables and counters of a running program: entries in, entries out, whatever structure holds them and whoever owns the
// maps. The command line, the test executors and the loader all write tables through here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "manifest/entry.h"
#include "manifest/manifest.h"
#include "runtime/kernel.h"
#include "runtime/rule_block.h"
#include "tables/prefix_table.h"

namespace p4bpf::runtime {

/// Summed over the CPUs. A plain counter (neither packets nor bytes) has its value in `packets`.
struct CounterValue {
  std::uint64_t index = 0;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
};

/// An entry, and 0 or its handle.
struct Stored {
  manifest::Entry entry;
  std::uint32_t handle = 0;
};

/// `table` and `counter` are indices of the manifest. Error::code tells the usual mistakes apart: EEXIST (there
/// already), ENOENT (not there), ENOSPC (full), EROFS (const), ERANGE (key or index out of range), EINVAL (the entry
/// does not suit the table).
class TableAccess {
 public:
  /// Both must outlive it.
  TableAccess(Kernel& kernel, const manifest::Manifest& manifest) : kernel_(&kernel), manifest_(&manifest) {}

  /// What the maps hold before the first packet: empty elements of arrays, the entries that stand in the program. The
  /// default actions stand in the object already.
  Result<void> initialise();

  Result<void> insert(std::size_t table, const manifest::Entry& entry) { return change(table, Change::kAdd, entry); }
  /// Gives an existing entry another action.
  Result<void> modify(std::size_t table, const manifest::Entry& entry) { return change(table, Change::kModify, entry); }
  /// Of `entry` only the keys count, and the priority where the table has them.
  Result<void> remove(std::size_t table, const manifest::Entry& entry) { return change(table, Change::kDelete, entry); }
  Result<void> change(std::size_t table, Change change, const manifest::Entry& entry);
  /// Many changes of one kind. A failure is that of entry `at`. Of most tables those before it are done; of those that
  /// changes_as_one() all or none, and packets see the rules before or after. `progress` hears of `at` now and then.
  Result<void> change_all(
      std::size_t table, Change change, const std::vector<manifest::Entry>& entries, std::size_t& at,
      const std::function<void()>& progress = [] {});
  /// The same for entries in the form of the map (encode_key, encode_value), of tables that take them so.
  Result<void> change_encoded(
      std::size_t table, Change change, const EncodedEntries& entries, std::size_t& at,
      const std::function<void()>& progress = [] {});
  static bool changes_as_one(const manifest::Table& table);
  static bool takes_encoded(const manifest::Table& table);
  Result<manifest::Entry> get(std::size_t table, const manifest::Entry& entry);
  /// All entries, sorted by key; rules in the order in which they are tried.
  Result<std::vector<manifest::Entry>> dump(std::size_t table);
  /// With the handles of those that have one, which is where the maps of direct counters and meters have what is theirs.
  Result<std::vector<Stored>> dump_stored(std::size_t table);
  /// Of `entry` only the keys count, and the priority where the table has them.
  Result<std::uint32_t> handle_of(std::size_t table, const manifest::Entry& entry);
  /// Seconds since a packet hit the entry with this handle, of tables that keep it; nothing if none has.
  Result<std::optional<double>> idle_seconds(std::size_t table, std::uint32_t handle);
  /// Removes all entries that are not const; how many there were.
  Result<std::size_t> clear(std::size_t table);

  /// What a miss runs, as an entry without keys.
  Result<void> set_default(std::size_t table, const manifest::Entry& what);
  Result<void> set_default(std::size_t table, std::size_t action, const std::vector<BigInt>& arguments) {
    return set_default(table, manifest::action_entry(action, arguments));
  }
  /// Back to the one in the program.
  Result<void> reset_default(std::size_t table);
  Result<manifest::Entry> get_default(std::size_t table);

  Result<CounterValue> read_counter(std::size_t counter, std::uint64_t index);
  /// All elements of a dense counter, those that were ever touched of a sparse one.
  Result<std::vector<CounterValue>> read_counters(std::size_t counter);
  /// What `value` has and the counter does not count is not looked at. Packets that are counted meanwhile may be lost.
  /// ENOENT for an index of a sparse counter that has not counted.
  Result<void> write_counter(std::size_t counter, const CounterValue& value);
  Result<void> reset_counter(std::size_t counter, std::uint64_t index) { return write_counter(counter, {index, 0, 0}); }
  Result<void> reset_counters(std::size_t counter);

 private:
  const manifest::Table& table_at(std::size_t table) const { return manifest_->tables.at(table); }
  Result<void> apply(const manifest::Table& table, Change change, const std::vector<manifest::Entry>& entries,
                     std::size_t& at, const std::function<void()>& progress);
  Result<void> apply_encoded(const manifest::Table& table, Change change, const EncodedEntries& entries,
                             std::size_t& at, const std::function<void()>& progress);
  Result<void> change_plain(const manifest::Table& table, Change change, const manifest::Entry& entry,
                            std::uint32_t handle);
  Result<void> change_element(const manifest::Table& table, Change change, const manifest::Entry& entry,
                              std::uint32_t handle);
  Result<void> write_first_rules(const manifest::Table& table, std::vector<manifest::Entry> rules);
  Result<RuleBlock> read_rules(const manifest::Table& table);
  Result<void> write_rules(const manifest::Table& table, const RuleBlock& rules);
  Result<Bytes> read_value(const manifest::Table& table, const Bytes& key);
  Result<EncodedEntries> read_keys(const manifest::Table& table, const std::vector<manifest::Entry>& without);
  Result<std::vector<Stored>> read_all(const manifest::Table& table);
  // handles.cpp: tables whose entries have something of their own that changes as packets go by
  Result<void> apply_with_handles(const manifest::Table& table, Change change,
                                  const std::vector<manifest::Entry>& entries, std::size_t& at);
  Result<void> change_rules_with_handles(const manifest::Table& table, Change change,
                                         const std::vector<manifest::Entry>& entries, std::size_t& at);
  Result<void> change_with_handle(const manifest::Table& table, Change change, const manifest::Entry& entry);
  Result<std::span<std::uint64_t>> handle_words(const manifest::Table& table);
  Result<std::uint32_t> take_handle(const manifest::Table& table);
  Result<void> give_handle_back(const manifest::Table& table, std::uint32_t handle);
  Result<void> clear_kept(const manifest::Table& table, std::uint32_t handle);
  static tl::unexpected<Error> failed_change(const manifest::Table& table, int code);
  Result<std::optional<Stored>> find_stored(const manifest::Table& table, const manifest::Entry& normal);
  Result<std::vector<Bytes>> all_elements(const manifest::Table& table);
  Result<Bytes> read_element(const manifest::Table& table, const Bytes& key);
  Result<void> write_element(const manifest::Table& table, const Bytes& key, const Bytes& value);
  Result<void> fill_with_no_entry(const manifest::Table& table);

  using PrefixTable = tables::PrefixTable;
  Result<PrefixTable*> prefix_table(const manifest::Table& table);

  Kernel* kernel_;
  const manifest::Manifest* manifest_;
  std::map<const manifest::Table*, std::shared_ptr<PrefixTable>> prefix_tables_;  // those that were asked for
};

}  // namespace p4bpf::runtime
