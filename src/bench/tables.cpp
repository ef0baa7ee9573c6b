// Filling tables and what stands beside them, measuring them in turns (tables.h).
#include "bench/tables.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "bench/lookup_program.h"
#include "control/entries.h"
#include "control/entry_file.h"
#include "testing/network.h"

namespace p4bpf::bench {
namespace {

using manifest::Entry;
using runtime::Change;

constexpr std::size_t kRounds = 21;
constexpr double kSingleSeconds = 0.2;   // for changes one by one
constexpr std::size_t kSingles = 20000;  // at most
constexpr std::size_t kHashEntries = 1000;
constexpr std::size_t kBatchFrom = 100000;  // exact tables of so many entries are filled by system calls alone as well
constexpr std::size_t kBatchRounds = 3;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The value of a hand-written map: an action's number and its argument as the packet will have it.
std::array<std::uint32_t, 2> value_of(std::uint32_t found) { return {0, __builtin_bswap32(found)}; }

Result<void> put(int map, const void* key, const void* value) {
  if (bpf_map_update_elem(map, key, value, BPF_ANY) == 0) return {};
  return fail_errno("cannot fill a map of the program by hand", errno);
}

/// One case on its way from entries to figures.
class TableSession {
 public:
  TableSession(const TableCase& what, const TableOptions& options, std::string folder)
      : what_(what), options_(options), folder_(std::move(folder)), entries_(what) {
    result_.what = what;
    if (what.kind == TableKind::kTernary) result_.masks = entries_.distinct_masks();
    for (std::size_t i = 0; i < kKeys; ++i) keys_.push_back(entries_.key_under(random_() % what.count, random_));
  }

  Result<TableMeasurement> run() {
    for (const auto step : {&TableSession::make_table, &TableSession::make_hash, &TableSession::make_by_hand,
                            &TableSession::fill_table, &TableSession::compare, &TableSession::measure_lookups,
                            &TableSession::measure_singles, &TableSession::measure_batches}) {
      if (const Result<void> done = (this->*step)(); !done) return fail(done.error());
    }
    return result_;
  }

 private:
  void say(const std::string& step) const { options_.progress(step); }

  Result<void> make_table() {
    say("generate");
    std::vector<std::string> defines = {fmt::format("SIZE={}", what_.count),
                                        fmt::format("KEY_BYTES={}", what_.key_bytes)};
    std::string file = name_of(what_.kind);
    if (is_rules()) {
      defines.push_back("PORT_MATCH=" + file);
      file = "rules";
    }
    Result<TableProgram> made = options_.generate(file + ".p4", defines);
    if (!made) return fail(made.error());
    const Source source{made->c_text, {}, options_.folder, {defines[1]}, options_.clang};
    Result<LookupProgram> program =
        LookupProgram::make(source, file, what_.key_bytes, made->manifest, folder_ + "/table.o");
    if (!program) return fail(program.error());
    programs_.push_back(std::move(*program));
    result_.structure = nlohmann::json::parse(manifest::to_json(made->manifest))["tables"][0]["structure"];
    return programs_.back().set_keys(keys_);
  }

  /// A program of by_hand.c.
  Result<LookupProgram*> make(const std::string& kind, std::vector<std::string> more) {
    say("compile " + kind);
    Result<std::string> text = read_file(options_.folder + "/by_hand.c");
    if (!text) return fail(text.error());
    more.push_back(kind);
    more.push_back(fmt::format("KEY_BYTES={}", what_.key_bytes));
    const Source source{*text, {}, options_.folder, more, options_.clang};
    Result<LookupProgram> program = LookupProgram::make(source, "by_hand", what_.key_bytes, {}, folder_ + "/by_hand.o");
    if (!program) return fail("the " + kind + " by hand: " + program.error().message, {}, program.error().code);
    programs_.push_back(std::move(*program));
    return &programs_.back();
  }

  /// The unit: 1,000 entries in a hash.
  Result<void> make_hash() {
    const Result<LookupProgram*> hash = make("HASH", {fmt::format("ENTRIES={}", kHashEntries)});
    if (!hash) return fail(hash.error());
    const Result<int> map = (*hash)->kernel().descriptor("table");
    std::vector<Bytes> some, keys;
    for (std::size_t i = 0; i < kHashEntries; ++i) {
      Bytes key(what_.key_bytes);
      for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random_());
      if (Result<void> done = put(*map, key.data(), value_of(EntrySet::found(i)).data()); !done) return done;
      some.push_back(std::move(key));
    }
    for (std::size_t i = 0; i < kKeys; ++i) keys.push_back(some[random_() % some.size()]);
    return (*hash)->set_keys(keys);
  }

  Result<void> make_by_hand() {
    switch (what_.kind) {
      case TableKind::kExact:
        return make_one("HASH", "hash by hand", {}, &TableSession::fill_hash);
      case TableKind::kLpm: {
        const Result<void> trie = make_one("TRIE", "LPM_TRIE", {}, &TableSession::fill_trie);
        if (!trie) return trie;
        const Result<double> bytes = programs_.front().memory({table().map});
        if (!bytes) return fail(bytes.error());
        return make_one("ARRAY", "array of that size", {fmt::format("BYTES={}", static_cast<std::size_t>(*bytes))},
                        nullptr);
      }
      case TableKind::kTernary:
        return make_one("WALK", "walk over masks", {fmt::format("MASKS={}", result_.masks)}, &TableSession::fill_masks);
      case TableKind::kRange:
        return make_one("RULES", "walk over rules", {}, &TableSession::fill_rules);
    }
    return {};
  }

  using Fill = Result<void> (TableSession::*)(LookupProgram&);
  Result<void> make_one(const std::string& kind, const std::string& name, std::vector<std::string> defines, Fill fill) {
    defines.push_back(fmt::format("ENTRIES={}", what_.count));
    const Result<LookupProgram*> made = make(kind, defines);
    if (!made) return fail(made.error());
    result_.by_hand.push_back({name, 0});
    if (fill != nullptr) {
      if (Result<void> done = (this->*fill)(**made); !done) return done;
      return (*made)->set_keys(keys_);
    }
    std::vector<Bytes> keys(kKeys, Bytes(what_.key_bytes));
    for (Bytes& key : keys) {
      for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random_());
    }
    return (*made)->set_keys(keys);
  }

  Result<void> fill_hash(LookupProgram& program) {
    const Result<int> map = program.kernel().descriptor("table");
    for (std::size_t i = 0; i < what_.count; ++i) {
      const auto value = value_of(EntrySet::found(i));
      if (Result<void> done = put(*map, entries_.value(i).data(), value.data()); !done) return done;
    }
    return {};
  }

  Result<void> fill_trie(LookupProgram& program) {
    const Result<int> map = program.kernel().descriptor("table");
    std::array<std::uint8_t, 20> key{};
    for (std::size_t i = 0; i < what_.count; ++i) {
      const std::uint32_t length = entries_.prefix_length(i);
      std::memcpy(key.data(), &length, sizeof length);
      std::copy(entries_.value(i).begin(), entries_.value(i).end(), key.begin() + sizeof length);
      const auto value = value_of(EntrySet::found(i));
      if (Result<void> done = put(*map, key.data(), value.data()); !done) return done;
    }
    return {};
  }

  /// The masks, and the rules by their masked keys and the number of their mask; of two alike the first wins.
  Result<void> fill_masks(LookupProgram& program) {
    constexpr std::size_t kSize = 16;  // 13 bytes in words
    const Result<int> map = program.kernel().descriptor("table");
    const auto masks = program.kernel().memory("masks");
    if (!masks) return fail(masks.error());
    std::map<Bytes, std::uint32_t> numbers;
    for (std::size_t i = 0; i < what_.count; ++i) {
      const Bytes mask(entries_.mask(i).begin(), entries_.mask(i).end());
      const auto [found, is_new] = numbers.emplace(mask, static_cast<std::uint32_t>(numbers.size()));
      if (is_new)
        std::copy(mask.begin(), mask.end(), masks->begin() + static_cast<std::ptrdiff_t>(kSize * found->second));
      std::array<std::uint8_t, kSize + 4> key{};
      std::copy(entries_.value(i).begin(), entries_.value(i).end(), key.begin());
      std::memcpy(key.data() + kSize, &found->second, sizeof found->second);
      const std::array<std::uint32_t, 2> rule = {static_cast<std::uint32_t>(entries_.priority(i)),
                                                 __builtin_bswap32(EntrySet::found(i))};
      if (bpf_map_update_elem(*map, key.data(), rule.data(), BPF_NOEXIST) != 0 && errno != EEXIST)
        return fail_errno("cannot fill the walk over masks", errno);
    }
    return {};
  }

  /// struct rule of by_hand.c, in order.
  Result<void> fill_rules(LookupProgram& program) {
    struct Rule {
      std::uint8_t addresses[16];  // source, its mask, destination, its mask
      std::uint16_t low[2], high[2];
      std::uint8_t protocol, protocol_mask;
      std::uint16_t unused;
      std::array<std::uint32_t, 2> value;
    };
    const auto memory = program.kernel().memory("table");
    if (!memory) return fail(memory.error());
    for (std::size_t i = 0; i < what_.count; ++i) {
      const auto value = entries_.value(i), mask = entries_.mask(i);
      Rule rule{};
      for (const std::size_t at : {std::size_t{0}, std::size_t{4}}) {
        std::copy_n(value.begin() + static_cast<std::ptrdiff_t>(at), 4, rule.addresses + 2 * at);
        std::copy_n(mask.begin() + static_cast<std::ptrdiff_t>(at), 4, rule.addresses + 2 * at + 4);
      }
      const auto port = [](auto bytes, std::size_t at) {
        return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
      };
      for (const std::size_t which : {std::size_t{0}, std::size_t{1}}) {
        rule.low[which] = port(value, 8 + 2 * which);
        rule.high[which] = port(mask, 8 + 2 * which);
      }
      rule.protocol = value[12];
      rule.protocol_mask = mask[12];
      rule.value = value_of(EntrySet::found(i));
      std::memcpy(memory->data() + i * sizeof rule, &rule, sizeof rule);
    }
    return {};
  }

  Result<void> fill_table() {
    const Result<double> rate = change_lines(Change::kAdd, 0, "add lines");
    if (!rate) return fail(rate.error());
    result_.lines.add = *rate;
    const Result<double> bytes = programs_.front().memory({table().map, table().entry_map});
    if (!bytes) return fail(bytes.error());
    result_.bytes_per_entry = *bytes / static_cast<double>(what_.count);
    return {};
  }

  /// Entries a second, from the text of a file.
  Result<double> change_lines(Change change, std::uint32_t more, const std::string& step) {
    const std::string text = lines(change != Change::kDelete, more);
    const control::PortOfInterface ports;
    const control::LineSource source{"entries", ports, [&](std::size_t done, std::size_t total) {
                                       say(fmt::format("{}, {} of {}", step, done, total));
                                     }};
    runtime::TableAccess access = tables();
    const auto start = Clock::now();
    const Result<void> done = control::change_lines(access, programs_.front().manifest(), 0, change, text, source);
    if (!done) return fail(done.error());
    return static_cast<double>(what_.count) / seconds_since(start);
  }

  std::string lines(bool with_action, std::uint32_t more) const {
    std::string text;
    for (std::size_t i = 0; i < what_.count; ++i) text += entries_.line(i, with_action, more);
    return text;
  }

  /// The table and what is by hand find what they should; the array is about time alone.
  Result<void> compare() {
    say("compare");
    const std::uint32_t wanted = entries_.sum_of_winners(std::span(keys_).first(LookupProgram::kSummed));
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      const std::string name = i == 0 ? "table" : i == 1 ? "hash" : result_.by_hand[i - 2].name;
      if (i == 1 || name.starts_with("array")) continue;
      const Result<std::uint32_t> sum = programs_[i].sum_of_found();
      if (!sum) return fail(sum.error());
      if (*sum != wanted)
        return fail(fmt::format("the {} does not find the entries that match ({} instead of {})", name, *sum, wanted));
    }
    return {};
  }

  Result<void> measure_lookups() {
    const testing::OneCpu one_cpu;
    std::vector<std::vector<double>> all(programs_.size());
    for (LookupProgram& program : programs_) {
      if (Result<void> done = program.calibrate(); !done) return done;
    }
    for (std::size_t round = 0; round <= kRounds; ++round) {
      say(fmt::format("look up, {} of {}", round, kRounds));
      for (std::size_t i = 0; i < programs_.size(); ++i) {
        const Result<double> idle = programs_[i].time(true);
        const Result<double> busy = programs_[i].time();
        if (!idle || !busy) return fail(idle ? busy.error() : idle.error());
        if (round != 0) all[i].push_back(*busy - *idle);
      }
    }
    result_.ns = median(all[0]);
    result_.hash_ns = median(all[1]);
    for (std::size_t i = 0; i < result_.by_hand.size(); ++i) result_.by_hand[i].ns = median(all[2 + i]);
    return {};
  }

  /// Deletes entries one by one until time is up, adds them again, modifies them.
  Result<void> measure_singles() {
    runtime::TableAccess access = tables();
    std::vector<Entry> some;
    for (std::size_t i = 0; i < std::min(what_.count, kSingles); ++i) {
      // Spread over all.
      const std::string line = entries_.line(i * (what_.count / std::min(what_.count, kSingles)), true);
      const Result<control::EntryWords> words = control::split_line(line.substr(0, line.size() - 1));
      if (!words) return fail(words.error());
      Result<Entry> entry = control::parse_entry(table(), *words, {});
      if (!entry) return fail(entry.error());
      some.push_back(std::move(*entry));
    }
    for (const auto& [change, rate, name] :
         {std::tuple(Change::kDelete, &result_.single.remove, "delete one by one"),
          std::tuple(Change::kAdd, &result_.single.add, "add one by one"),
          std::tuple(Change::kModify, &result_.single.modify, "modify one by one")}) {
      say(name);
      const auto start = Clock::now();
      std::size_t done = 0;
      for (; done < some.size() && (change != Change::kDelete || seconds_since(start) < kSingleSeconds); ++done) {
        if (Result<void> changed = access.change(0, change, some[done]); !changed) return changed;
      }
      *rate = static_cast<double>(done) / seconds_since(start);
      some.resize(done);
    }
    return {};
  }

  Result<void> measure_batches() {
    for (const auto& [change, rate, name] : {std::tuple(Change::kModify, &result_.lines.modify, "modify lines"),
                                             std::tuple(Change::kDelete, &result_.lines.remove, "delete lines")}) {
      const Result<double> measured = change_lines(change, 7, name);
      if (!measured) return fail(measured.error());
      *rate = *measured;
    }
    if (what_.kind != TableKind::kExact || what_.count < kBatchFrom) return {};
    const auto by_hand = programs_[2].kernel().shape("table");
    if (!by_hand) return fail(by_hand.error());
    // Keys that the table pads fill no map of the same shape.
    if (by_hand->key_size != table().key_size || by_hand->value_size != table().value_size) return {};
    runtime::EncodedEntries encoded;
    encoded.key_size = table().key_size;
    encoded.value_size = table().value_size;
    control::LineEncoder encoder(table(), Change::kAdd);
    for (std::size_t i = 0; i < what_.count; ++i) {
      const std::string line = entries_.line(i, true);
      if (!encoder.encode(std::string_view(line).substr(0, line.size() - 1), encoded))
        return fail("a line of numbers is not understood");
    }
    return measure_calls(encoded);
  }

  /// The same entries into empty maps, in turns: through the library, and by system calls alone.
  Result<void> measure_calls(const runtime::EncodedEntries& encoded) {
    const Result<int> map = programs_[2].kernel().descriptor("table");
    std::vector<double> through, bare;
    for (std::size_t round = 0; round < kBatchRounds; ++round) {
      say(fmt::format("batches, {} of {}", round + 1, kBatchRounds));
      if (Result<void> emptied = empty_by_hand(*map); !emptied) return emptied;
      auto start = Clock::now();
      auto count = static_cast<__u32>(encoded.count());
      LIBBPF_OPTS(bpf_map_batch_opts, options);
      if (bpf_map_update_batch(*map, encoded.keys.data(), encoded.values.data(), &count, &options) != 0)
        return fail_errno("BPF_MAP_UPDATE_BATCH fails", errno);
      bare.push_back(static_cast<double>(encoded.count()) / seconds_since(start));
      runtime::TableAccess access = tables();
      std::size_t at = 0;
      start = Clock::now();
      if (Result<void> done = access.change_encoded(0, Change::kAdd, encoded, at); !done) return done;
      through.push_back(static_cast<double>(encoded.count()) / seconds_since(start));
      if (Result<void> done = access.change_encoded(0, Change::kDelete, encoded, at); !done) return done;
    }
    result_.batch = median(through);
    result_.system_calls = median(bare);
    return {};
  }

  Result<void> empty_by_hand(int map) const {
    for (std::size_t i = 0; i < what_.count; ++i) {
      if (bpf_map_delete_elem(map, entries_.value(i).data()) != 0 && errno != ENOENT)
        return fail_errno("cannot empty the hash by hand", errno);
    }
    return {};
  }

  bool is_rules() const { return what_.kind == TableKind::kTernary || what_.kind == TableKind::kRange; }
  const manifest::Table& table() const { return programs_.front().manifest().tables.front(); }
  runtime::TableAccess tables() const { return {programs_.front().kernel(), programs_.front().manifest()}; }

  TableCase what_;
  const TableOptions& options_;
  std::string folder_;
  EntrySet entries_;
  std::mt19937_64 random_{2};
  std::vector<Bytes> keys_;
  std::vector<LookupProgram> programs_;  // the table, the hash, those by hand
  TableMeasurement result_;
};

}  // namespace

std::vector<TableCase> cases_of(TableKind kind) {
  std::vector<TableCase> cases;
  switch (kind) {
    case TableKind::kExact:
      for (const std::uint32_t key_bytes : {4u, 16u, 37u}) {
        for (const std::size_t count : {1, 1000, 100000, 1000000}) cases.push_back({kind, key_bytes, count});
      }
      break;
    case TableKind::kLpm:
      for (const std::size_t count : {1, 1000, 10000, 100000, 1000000}) cases.push_back({kind, 4, count});
      cases.push_back({kind, 16, 1000});
      cases.push_back({kind, 16, 100000});
      break;
    case TableKind::kTernary:
      for (const std::size_t count : {1, 4, 32, 64, 160, 192, 1024, 8192}) cases.push_back({kind, 13, count});
      for (const std::size_t count : {192, 1024, 8192}) cases.push_back({kind, 13, count, true});
      break;
    case TableKind::kRange:
      for (const std::size_t count : {1, 16, 256, 4096}) cases.push_back({kind, 13, count});
      break;
  }
  return cases;
}

std::string label_of(const TableCase& what) {
  if (what.kind == TableKind::kExact) return fmt::format("exact, {} bytes", what.key_bytes);
  if (what.kind == TableKind::kLpm) return what.key_bytes == 4 ? "lpm, IPv4" : "lpm, IPv6";
  if (what.kind == TableKind::kRange) return "range";
  return what.is_firewall ? "ternary, firewall" : "ternary, masks";
}

Result<TableMeasurement> measure_table(const TableCase& what, const TableOptions& options) {
  const Result<TempDir> folder = TempDir::create();
  if (!folder) return fail(folder.error());
  return TableSession(what, options, folder->path()).run();
}

}  // namespace p4bpf::bench
