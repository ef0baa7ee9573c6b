// The table benchmark: what a lookup costs in each structure, over the number of entries, beside what one would use
// without it; and how fast entries come and go. Run it as root: table_bench [prefix|rules]... ; see
// bench/tables/README.md.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <set>

#include "base/files.h"
#include "base/subprocess.h"
#include "tables/prefix_table.h"
#include "tables/rule_matrix.h"

namespace p4bpf {
namespace {

using tables::Prefix;
constexpr std::size_t kKeys = 1u << 17;
constexpr int kRounds = 1024;
using Key = std::array<std::uint64_t, 2>;  // in network order
using Value = std::array<std::uint64_t, 2>;

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "{}\n{}\n", result.error().message, result.error().hint);
  std::exit(1);
}
void must(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::exit(1);
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void wait_for_readers() { ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0); }

/// lookup.c in one of its forms, loaded.
class Program {
 public:
  Program(const TempDir& folder, const std::string& source_folder, const std::string& defines) {
    static int number = 0;
    const std::string object = folder.file(fmt::format("{}.o", number++));
    std::vector<std::string> argv = {"clang-19",
                                     "-O2",
                                     "-g",
                                     "-target",
                                     "bpf",
                                     "-mcpu=v3",
                                     "-I" + source_folder + "/src/codegen/runtime",
                                     source_folder + "/bench/tables/lookup.c",
                                     "-c",
                                     "-o",
                                     object};
    for (std::size_t at = 0; at < defines.size();) {
      const std::size_t end = std::min(defines.find(' ', at), defines.size());
      argv.push_back("-D" + defines.substr(at, end - at));
      at = end + 1;
    }
    const ProcessOutcome outcome = must(run_process(argv));
    must(outcome.status == 0, outcome.err.c_str());
    object_.reset(bpf_object__open_file(object.c_str(), nullptr));
    must(object_ != nullptr && bpf_object__load(object_.get()) == 0, ("load " + defines).c_str());
    program_ = bpf_program__fd(bpf_object__find_program_by_name(object_.get(), "bench"));
  }
  int map(const char* name) const { return bpf_map__fd(bpf_object__find_map_by_name(object_.get(), name)); }
  std::span<std::uint8_t> memory(const char* name) const {
    const bpf_map* const found = bpf_object__find_map_by_name(object_.get(), name);
    const std::size_t size = (bpf_map__value_size(found) + 7) / 8 * 8 * std::size_t{bpf_map__max_entries(found)};
    void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(found), 0);
    must(at != MAP_FAILED, "mmap");
    return {static_cast<std::uint8_t*>(at), size};
  }
  void set_keys(const std::vector<Key>& keys) { std::memcpy(memory("keys").data(), keys.data(), kKeys * sizeof(Key)); }
  /// Nanoseconds for one round.
  double run(int repeat) const {
    std::uint8_t packet[64] = {};
    LIBBPF_OPTS(bpf_test_run_opts, options);
    options.data_in = packet;
    options.data_size_in = sizeof packet;
    options.repeat = repeat;
    must(bpf_prog_test_run_opts(program_, &options) == 0, "BPF_PROG_TEST_RUN");
    return static_cast<double>(options.duration) / kRounds;
  }
  double last() const {
    return static_cast<double>(reinterpret_cast<const std::uint64_t*>(memory("places").data())[1]);
  }

 private:
  struct Close {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
  };
  std::unique_ptr<bpf_object, Close> object_;
  int program_ = -1;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Interleaved; the first is what is subtracted from the others.
std::vector<double> measure(const std::vector<Program*>& programs) {
  std::vector<std::vector<double>> all(programs.size());
  std::vector<int> repeats;
  for (Program* const one : programs)
    repeats.push_back(std::clamp(static_cast<int>(3e6 / (one->run(1) * kRounds)), 1, 40));
  for (int round = 0; round < 31; ++round) {
    for (std::size_t i = 0; i < programs.size(); ++i) {
      const double cost = programs[i]->run(repeats[i]);
      if (round > 1) all[i].push_back(cost);
    }
  }
  std::vector<double> result;
  for (const auto& one : all) result.push_back(median(one) - (result.empty() ? 0 : median(all[0])));
  return result;
}

std::uint64_t net(std::uint64_t value) { return __builtin_bswap64(value); }

/// IPv4: the lengths of a full table, /24 more than half of it; IPv6: /48 nearly half, then /32, /44, /40, /36, in
/// 2000::/4.
Prefix random_prefix(std::mt19937_64& random, bool is_wide) {
  const auto p = random() % 1000;
  std::uint32_t length = 0;
  if (!is_wide) {
    length = p < 580   ? 24
             : p < 700 ? 22
             : p < 790 ? 23
             : p < 850 ? 21
             : p < 900 ? 20
             : p < 930 ? 19
             : p < 945 ? 16
             : p < 960 ? 18
             : p < 970 ? 17
             : p < 975 ? 15
             : p < 985 ? 14
             : p < 990 ? 13
             : p < 993 ? 12
             : p < 996 ? 11
                       : 25 + random() % 8;
  } else {
    length = p < 450   ? 48
             : p < 650 ? 32
             : p < 750 ? 44
             : p < 840 ? 40
             : p < 880 ? 36
             : p < 910 ? 29
             : p < 940 ? 33
             : p < 960 ? 64
             : p < 980 ? 28
                       : 128;
  }
  std::uint64_t high = random();
  const std::uint64_t low = random();
  if (is_wide)
    high = 0x2000000000000000ull | (random() % 512) << 50 | high >> 16;  // registries give out a few thousand /20
  const auto keep = [](std::uint64_t word, std::uint32_t bits) {
    return bits == 0 ? 0 : bits >= 64 ? word : word & ~0ull << (64 - bits);
  };
  return {keep(high, std::min(length, 64u)), length > 64 ? keep(low, length - 64) : 0, length};
}

Key key_under(const Prefix& prefix, std::mt19937_64& random) {
  const auto mask = [](std::uint32_t bits) { return bits == 0 ? ~0ull : bits >= 64 ? 0 : ~0ull >> bits; };
  return {net(prefix.high | (random() & mask(prefix.length))),
          net(prefix.low | (random() & mask(prefix.length > 64 ? prefix.length - 64 : 0)))};
}

class Bench {
 public:
  explicit Bench(std::string source) : source_(std::move(source)), folder_(must(TempDir::create())) {}

  void prefixes(std::uint32_t count, bool is_wide, bool is_quick) {
    std::mt19937_64 random(1);
    const std::uint32_t bytes = is_wide ? 16 : 4;
    const std::uint32_t capacity = std::max(count, 1u);
    const tables::PrefixShape shape = tables::shape_for(bytes, 16, capacity);
    const std::string size =
        fmt::format("KEY_BYTES={} ENTRIES={} CELLS={} VALUES={} ROOT_BITS={} LINES={} STEPS={}", bytes, capacity,
                    shape.cells_size(), shape.values(), shape.root_bits, shape.lines, shape.steps());
    Program none(folder_, source_, "PREFIX NO_LOOKUP " + size);
    Program mine(folder_, source_, "PREFIX " + size);
    Program trie(folder_, source_, "TRIE " + size);
    Program array(folder_, source_, "ARRAY " + size);
    Program hash(folder_, source_, fmt::format("HASH KEY_BYTES={} ENTRIES=1000", bytes));
    std::vector<std::uint64_t> entries(shape.entries_size() / 8 + 1);
    tables::PrefixTable table(shape,
                              {mine.memory("table"),
                               mine.memory("values"),
                               {reinterpret_cast<std::uint8_t*>(entries.data()), entries.size() * 8}},
                              wait_for_readers);
    std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>> seen;
    std::vector<Prefix> list;
    while (list.size() < count) {
      const Prefix one = random_prefix(random, is_wide);
      if (seen.emplace(one.high, one.low, one.length).second) list.push_back(one);
    }
    const auto value_of = [](std::size_t i) { return Value{1 + i % 200, i % 200}; };
    const auto bytes_of = [](const Value& value) {
      return std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(&value), sizeof value);
    };
    double start = now();
    for (std::size_t i = 0; i < count; ++i) must(table.insert(list[i], bytes_of(value_of(i))) == 0, "insert");
    const double inserted = now() - start;
    const auto trie_key = [&](const Prefix& prefix) {
      std::array<std::uint32_t, 5> key{prefix.length};
      const std::uint64_t words[2] = {net(prefix.high), net(prefix.low)};
      std::memcpy(&key[1], words, bytes);
      return key;
    };
    start = now();
    for (std::size_t i = 0; i < count; ++i) {
      const Value value = value_of(i);
      must(bpf_map_update_elem(trie.map("table"), trie_key(list[i]).data(), &value, BPF_ANY) == 0, "trie");
    }
    const double trie_inserted = now() - start;
    std::vector<Key> keys;
    for (std::size_t i = 0; i < kKeys; ++i) keys.push_back(key_under(list[random() % list.size()], random));
    std::vector<Key> of_array;
    for (std::size_t i = 0; i < kKeys; ++i) of_array.push_back({random(), random()});
    std::vector<Key> of_hash;
    for (std::size_t i = 0; i < 1000; ++i) of_hash.push_back(keys[i]);
    for (const Key& key : of_hash) {
      const Value value{1, 1};
      bpf_map_update_elem(hash.map("table"), &key, &value, BPF_ANY);
    }
    std::vector<Key> spread;
    for (std::size_t i = 0; i < kKeys; ++i) spread.push_back(of_hash[random() % of_hash.size()]);
    none.set_keys(keys);
    mine.set_keys(keys);
    trie.set_keys(keys);
    array.set_keys(of_array);
    hash.set_keys(spread);
    const std::vector<double> cost = measure({&none, &mine, &trie, &array, &hash});
    start = now();
    for (std::size_t i = 0; i < count; ++i) must(table.modify(list[i], bytes_of(value_of(i + 7))) == 0, "modify");
    const double modified = now() - start;
    std::shuffle(list.begin(), list.end(), random);
    start = now();
    const std::uint32_t lines = table.lines_in_use();
    for (const Prefix& prefix : list) must(table.remove(prefix) == 0, "remove");
    const double removed = now() - start;
    const double per_entry =
        static_cast<double>(shape.cells_size() + std::size_t{shape.values()} * 16 + shape.entries_size()) / count;
    const auto rate = [&](double seconds) { return count / seconds / 1000; };
    fmt::print(
        "{} {:>8} | {:7.1f} {:7.1f} {:7.1f} {:7.1f} | {:5.1f}x {:5.2f}x {:5.2f}x | {:8.0f} B | {:6.0f} {:6.0f} {:6.0f} "
        "| {:6.0f} | {}\n",
        is_wide ? "ipv6" : "ipv4", count, cost[1], cost[2], cost[3], cost[4], cost[2] / cost[1], cost[1] / cost[3],
        cost[1] / cost[4], per_entry, rate(inserted), rate(modified), rate(removed), rate(trie_inserted), lines);
    std::fflush(stdout);
    (void)is_quick;
  }

  struct Rules {
    std::vector<std::uint8_t> values, masks;  // 16 bytes each; 13 count
    std::size_t count() const { return masks.size() / 16; }
    std::size_t distinct() const {
      std::set<std::string> all;
      for (std::size_t i = 0; i < count(); ++i) all.emplace(reinterpret_cast<const char*>(&masks[16 * i]), 16);
      return all.size();
    }
  };

  /// Source and destination (4 bytes each), ports (2 each), protocol. `firewall`: prefixes of a few hundred networks,
  /// few ports.
  static Rules random_rules(std::size_t count, bool firewall) {
    std::mt19937_64 random(2);
    Rules rules;
    std::set<std::string> seen;
    std::vector<std::uint32_t> networks;
    for (int i = 0; i < 400; ++i) networks.push_back(static_cast<std::uint32_t>(random()));
    const std::uint16_t ports[] = {22,  25,  53,   80,   110,  123,  143,  161,  389,  443,
                                   445, 993, 1433, 1521, 3306, 3389, 5060, 5432, 8080, 8443};
    while (rules.count() < count) {
      std::uint8_t value[16] = {}, mask[16] = {};
      const auto prefix = [&](int at) {
        const std::uint32_t lengths[] = {32, 32, 32, 24, 24, 24, 16, 28, 20, 8};
        const std::uint32_t length =
            firewall ? (random() % 8 == 0 ? 0 : lengths[random() % 10]) : static_cast<std::uint32_t>(random() % 33);
        std::uint32_t address = static_cast<std::uint32_t>(random());
        if (firewall)
          address = (networks[random() % networks.size()] & 0xffffff00u) | (address & (random() % 4 ? 0xf : 0xff));
        std::uint32_t bits = length == 0 ? 0 : ~0u << (32 - length);
        if (!firewall && random() % 2) bits = static_cast<std::uint32_t>(random());  // any bits
        for (int i = 0; i < 4; ++i) {
          mask[at + i] = static_cast<std::uint8_t>(bits >> (24 - 8 * i));
          value[at + i] = static_cast<std::uint8_t>(address >> (24 - 8 * i)) & mask[at + i];
        }
      };
      prefix(0);
      prefix(4);
      for (int at : {8, 10}) {
        const bool is_any = at == 8 ? random() % 10 != 0 : random() % 3 == 0;
        const std::uint16_t port = firewall ? ports[random() % 20] : static_cast<std::uint16_t>(random());
        const std::uint16_t bits =
            is_any ? 0 : static_cast<std::uint16_t>(random() % 4 ? 0xffff : 0xffff << (random() % 10));
        mask[at] = static_cast<std::uint8_t>(bits >> 8);
        mask[at + 1] = static_cast<std::uint8_t>(bits);
        value[at] = static_cast<std::uint8_t>(port >> 8) & mask[at];
        value[at + 1] = static_cast<std::uint8_t>(port) & mask[at + 1];
      }
      mask[12] = random() % 4 ? 0xff : 0;
      value[12] = static_cast<std::uint8_t>(random() % 2 ? 6 : 17) & mask[12];
      const std::string known =
          firewall ? std::string(reinterpret_cast<char*>(value), 16) + std::string(reinterpret_cast<char*>(mask), 16)
                   : std::string(reinterpret_cast<char*>(mask), 16);
      if (!seen.insert(known).second) continue;
      rules.values.insert(rules.values.end(), value, value + 16);
      rules.masks.insert(rules.masks.end(), mask, mask + 16);
    }
    return rules;
  }

  void matrix(std::size_t count, bool firewall) {
    std::mt19937_64 random(3);
    const Rules rules = random_rules(count, firewall);
    tables::MatrixShape shape;
    shape.key_size = 13;
    shape.capacity = static_cast<std::uint32_t>(count);
    shape.fields = {
        {0, 4, false, false}, {4, 4, false, false}, {8, 2, false, false}, {10, 2, false, false}, {12, 1, false, false}};
    const std::size_t masks = rules.distinct();
    const std::string size =
        fmt::format("KEY_BYTES=13 ENTRIES={} CELLS={} DIRECT={}", count, shape.cells(), shape.direct_words());
    Program none(folder_, source_, "MATRIX NO_LOOKUP " + size);
    Program mine(folder_, source_, "MATRIX " + size);
    Program hash(folder_, source_, "HASH KEY_BYTES=16 ENTRIES=1000");
    const bool with_walk = masks <= 1024;
    std::unique_ptr<Program> walk;
    if (with_walk)
      walk = std::make_unique<Program>(folder_, source_, fmt::format("WALK MASKS={} ENTRIES={}", masks, count));
    const std::span<std::uint8_t> memory = mine.memory("table");
    for (std::size_t i = 0; i < count; ++i) {
      const Value value{count - i, i};
      std::memcpy(memory.data() + tables::kMatrixHeader + 16 * i, &value, 16);
    }
    const auto cells = memory.subspan(tables::kMatrixHeader + 16 * count, shape.cells() * 8);
    const double start = now();
    tables::build_matrix(shape, {static_cast<std::uint32_t>(count), rules.values.data(), rules.masks.data(), 16},
                         memory.first(tables::kMatrixHeader),
                         {reinterpret_cast<std::uint64_t*>(cells.data()), shape.cells()});
    const double built = now() - start;
    std::vector<Key> keys;
    for (std::size_t i = 0; i < kKeys; ++i) {
      const std::size_t rule = random() % count;
      std::uint8_t key[16] = {};
      for (int b = 0; b < 13; ++b)
        key[b] = static_cast<std::uint8_t>(rules.values[16 * rule + b] | (random() & ~rules.masks[16 * rule + b]));
      Key one;
      std::memcpy(&one, key, 16);
      keys.push_back(one);
    }
    for (int i = 0; i < 1000; ++i) {
      const Value value{1, 1};
      bpf_map_update_elem(hash.map("table"), &keys[i], &value, BPF_ANY);
    }
    std::vector<Key> spread;
    for (std::size_t i = 0; i < kKeys; ++i) spread.push_back(keys[random() % 1000]);
    if (with_walk) {
      std::vector<std::string> all;
      const std::span<std::uint8_t> at = walk->memory("masks");
      for (std::size_t i = 0; i < count; ++i) {
        const std::string mask(reinterpret_cast<const char*>(&rules.masks[16 * i]), 16);
        auto found = std::find(all.begin(), all.end(), mask);
        if (found == all.end()) found = all.insert(all.end(), mask);
        const std::uint64_t index = static_cast<std::uint64_t>(found - all.begin());
        std::memcpy(at.data() + 16 * index, mask.data(), 16);
        std::uint64_t key[3] = {0, 0, index};
        std::memcpy(key, &rules.values[16 * i], 16);
        const Value value{count - i, i};
        bpf_map_update_elem(walk->map("table"), key, &value, BPF_NOEXIST);
      }
      walk->set_keys(keys);
    }
    none.set_keys(keys);
    mine.set_keys(keys);
    hash.set_keys(spread);
    std::vector<Program*> programs = {&none, &mine, &hash};
    if (with_walk) programs.push_back(walk.get());
    const std::vector<double> cost = measure(programs);
    const auto* header = reinterpret_cast<const std::uint64_t*>(memory.data());
    fmt::print(
        "{} {:>6} rules {:>5} masks | {:7.1f} {:7.1f} {:8.1f} | {:5.2f} units {:7.1f}x | {:7.0f} B | {:6.2f} ms | {} "
        "rows\n",
        firewall ? "firewall" : "masks   ", count, masks, cost[1], cost[2], with_walk ? cost[3] : 0.0,
        cost[1] / cost[2], with_walk ? cost[3] / cost[1] : 0.0,
        static_cast<double>(memory.size()) / static_cast<double>(count), built * 1000, std::popcount(header[1]));
    std::fflush(stdout);
  }

 private:
  std::string source_;
  TempDir folder_;
};

}  // namespace
}  // namespace p4bpf

int main(int argc, char** argv) {
  libbpf_set_print(nullptr);
  p4bpf::Bench bench(P4BPF_SOURCE_DIR);
  const std::string what = argc > 1 ? argv[1] : "all";
  const std::size_t only = argc > 2 ? std::stoul(argv[2]) : 0;
  if (what == "prefix" || what == "all") {
    fmt::print(
        "        entries | prefix    trie   array  hash1k |  trie  /array /hash |  memory    | insert modify delete "
        "k/s | trie k/s | lines\n");
    for (const std::uint32_t count : {1u, 10u, 1000u, 10000u, 100000u, 1000000u})
      if (!only || only == count) bench.prefixes(count, false, false);
    for (const std::uint32_t count : {1000u, 100000u})
      if (!only || only == count) bench.prefixes(count, true, false);
  }
  if (what == "rules" || what == "all") {
    fmt::print("                             |  matrix  hash1k     walk\n");
    for (const std::size_t count : {1ul, 4ul, 32ul, 64ul, 160ul, 192ul, 1024ul})
      if (!only || only == count) bench.matrix(count, false);
    for (const std::size_t count : {192ul, 1024ul, 8192ul})
      if (!only || only == count) bench.matrix(count, true);
  }
}
