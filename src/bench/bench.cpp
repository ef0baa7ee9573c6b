// Filling both programs, comparing them packet by packet, measuring them in turns (bench.h).
#include "bench/bench.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "base/files.h"
#include "bench/side.h"
#include "testing/network.h"
#include "testing/stf_names.h"
#include "testing/stf_runner.h"
#include "testing/table_dataplane.h"

namespace p4bpf::bench {
namespace {

namespace stf = testing::stf;
using testing::bytes_of;

constexpr std::size_t kEthernet = 14;
constexpr std::uint32_t kRunsPerRound = 500;
constexpr std::size_t kChangedCopies = 200;
constexpr int kMtu = 1500;

/// A veth pair for each port that the test names, in a namespace of our own: what a redirect needs to find.
Result<Ports> make_ports(const std::vector<stf::Command>& commands) {
  std::set<std::uint32_t> wanted;
  for (const stf::Command& command : commands) {
    if (const auto* packet = std::get_if<stf::Packet>(&command.node)) wanted.insert(packet->port);
    if (const auto* expect = std::get_if<stf::Expect>(&command.node)) wanted.insert(expect->port);
  }
  Ports ports;
  for (const std::uint32_t port : wanted) {
    const auto pair = testing::create_veth(fmt::format("v{}", port), fmt::format("p{}", port), kMtu);
    if (!pair) return fail(pair.error());
    ports[port] = pair->a;
  }
  return ports;
}

/// Hex digits, and IFn: the interface of port n, 4 bytes in host order.
Result<Bytes> read_bytes(const std::string& word, const Ports& ports) {
  Bytes bytes;
  std::size_t at = 0;
  while (at < word.size()) {
    if (word.compare(at, 2, "IF") == 0) {
      const auto port = ports.find(static_cast<std::uint32_t>(std::strtoul(word.c_str() + at + 2, nullptr, 10)));
      if (port == ports.end()) return fail("the test has no port for '" + word + "'");
      const Bytes index = bytes_of(static_cast<std::uint32_t>(port->second));
      bytes.insert(bytes.end(), index.begin(), index.end());
      at = std::min(word.find_first_not_of("0123456789", at + 2), word.size());
      continue;
    }
    unsigned byte = 0;
    if (at + 2 > word.size() || std::sscanf(word.c_str() + at, "%2x", &byte) != 1)
      return fail("'" + word + "' is not made of bytes in hex");
    bytes.push_back(static_cast<std::uint8_t>(byte));
    at += 2;
  }
  return bytes;
}

/// The lines `// entry MAP KEY = VALUE` of a twin; a value may be short of zeros at its end.
Result<void> fill_twin(Side& twin, const std::string& text, const Ports& ports) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string slashes, entry, map, key, equals, value;
    words >> slashes >> entry >> map >> key >> equals >> value;
    if (slashes != "//" || entry != "entry" || equals != "=") continue;
    const Result<Bytes> key_bytes = read_bytes(key, ports);
    Result<Bytes> value_bytes = read_bytes(value, ports);
    const auto shape = twin.kernel().shape(map);
    if (!key_bytes) return fail(key_bytes.error());
    if (!value_bytes) return fail(value_bytes.error());
    if (!shape) return fail(shape.error());
    value_bytes->resize(shape->value_size);
    const Result<void> written = twin.kernel().update(map, *key_bytes, *value_bytes, 0);
    if (!written) return fail(fmt::format("the twin's entry '{}': {}", line, written.error().message));
  }
  return {};
}

Result<void> bind_ports(Side& generated, const Ports& ports) {
  const manifest::Manifest& manifest = generated.manifest();
  for (const auto& [port, ifindex] : ports) {
    const Bytes number = bytes_of(port), interface = bytes_of(static_cast<std::uint32_t>(ifindex));
    for (const auto& [map, key, value] : {std::tuple(manifest.port_of_ifindex_map, interface, number),
                                          std::tuple(manifest.ifindex_of_port_map, number, interface)}) {
      if (map.empty()) continue;
      const Result<void> bound = generated.kernel().update(map, key, value, 0);
      if (!bound) return fail(bound.error());
    }
  }
  return {};
}

/// The commands of the test that fill tables. False, and diagnostics, where one is wrong.
Result<bool> fill_generated(Side& generated, const std::vector<stf::Command>& commands, Diagnostics& diagnostics) {
  runtime::TableAccess tables = generated.tables();
  const manifest::Manifest& manifest = generated.manifest();
  if (!stf::check_names(commands, manifest, diagnostics)) return false;
  for (const stf::Command& command : commands) {
    Result<void> done;
    if (const auto* add = std::get_if<stf::Add>(&command.node)) {
      const auto table = stf::resolve_table(add->table, manifest, diagnostics);
      const auto entry = stf::resolve_entry(*add, command.span, manifest.tables[*table], diagnostics);
      if (!entry) return false;
      done = tables.insert(*table, *entry);
    } else if (const auto* set = std::get_if<stf::SetDefault>(&command.node)) {
      const auto table = stf::resolve_table(set->table, manifest, diagnostics);
      const auto call = stf::resolve_call(set->action, manifest.tables[*table], diagnostics);
      if (!call) return false;
      done = tables.set_default(*table, call->action, call->arguments);
    }
    if (!done) return fail(done.error());
  }
  return true;
}

class Pair {
 public:
  Pair(const Side& generated, const Side& twin, const Ports& ports)
      : generated_(generated), twin_(twin), ports_(ports) {}

  /// The packet, and copies of it that are cut short or changed.
  Result<void> compare_all(const stf::Packet& packet) {
    Result<void> same = compare(packet.port, packet.bytes);
    for (std::size_t length = kEthernet; same && length < packet.bytes.size(); ++length) {
      same =
          compare(packet.port, Bytes(packet.bytes.begin(), packet.bytes.begin() + static_cast<std::ptrdiff_t>(length)));
    }
    for (std::size_t i = 0; same && i < kChangedCopies; ++i) {
      Bytes changed = packet.bytes;
      for (std::size_t count = 1 + random_() % 3; count != 0; --count) {
        changed[random_() % std::min<std::size_t>(changed.size(), kRestored)] = static_cast<std::uint8_t>(random_());
      }
      same = compare(packet.port, changed);
    }
    return same;
  }

  std::size_t compared() const { return compared_; }

  Result<std::pair<double, double>> measure(const stf::Packet& packet, std::size_t rounds) const {
    const testing::OneCpu one_cpu;
    const int ifindex = ports_.at(packet.port);
    std::vector<double> times[2];
    for (std::size_t round = 0; round < rounds + 1; ++round) {
      // The order changes from round to round, so that a drift of the clock meets both.
      for (std::size_t turn = 0; turn < 2; ++turn) {
        const std::size_t which = (round + turn) % 2;
        const Side& side = which == 0 ? generated_ : twin_;
        const auto idle = side.time(ifindex, packet.bytes, kRunsPerRound, true);
        if (!idle) return fail(idle.error());
        const auto busy = side.time(ifindex, packet.bytes, kRunsPerRound, false);
        if (!busy) return fail(busy.error());
        // The first round warms caches up.
        if (round != 0) times[which].push_back((static_cast<double>(*busy) - *idle) / kBodies);
      }
    }
    return std::pair(median(times[0]), median(times[1]));
  }

 private:
  static double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return std::max(*middle, 0.0);
  }

  Result<void> compare(std::uint32_t port, const Bytes& packet) {
    const int ifindex = ports_.at(port);
    const auto generated = generated_.run(ifindex, packet), twin = twin_.run(ifindex, packet);
    if (!generated) return fail(generated.error());
    if (!twin) return fail(twin.error());
    ++compared_;
    // Nobody sees the bytes of a packet that is dropped.
    if (*generated == *twin || (generated->verdict == twin->verdict && generated->verdict <= XDP_DROP)) return {};
    return fail(fmt::format(
        "the two differ for the packet\n  {}\ngenerated: verdict {}\n  {}\nby hand: verdict {}\n  {}", stf::hex(packet),
        generated->verdict, stf::hex(generated->bytes), twin->verdict, stf::hex(twin->bytes)));
  }

  const Side& generated_;
  const Side& twin_;
  const Ports& ports_;
  std::mt19937 random_{1};
  std::size_t compared_ = 0;
};

}  // namespace

Result<Measurement> measure(const Subject& subject, const Options& options, Diagnostics& diagnostics) {
  const std::vector<stf::Command> commands = stf::parse(subject.test, diagnostics);
  if (diagnostics.has_errors()) return fail("the test of '" + subject.name + "' is wrong");
  std::vector<const stf::Packet*> packets;
  for (const stf::Command& command : commands) {
    if (const auto* packet = std::get_if<stf::Packet>(&command.node)) packets.push_back(packet);
  }
  if (packets.empty()) return fail("the test of '" + subject.name + "' has no packet to measure");

  const auto space = testing::NetworkNamespace::enter();
  if (!space) return fail(space.error());
  const Result<Ports> ports = make_ports(commands);
  if (!ports) return fail(ports.error());
  const Result<TempDir> folder = TempDir::create();
  if (!folder) return fail(folder.error());

  options.progress("compile and load");
  const auto load = [&](const std::string& text, manifest::Manifest manifest, const char* file) {
    return Side::load({text, subject.name, subject.twin_folder, options.clang}, std::move(manifest),
                      folder->file(file));
  };
  Result<Side> generated = load(subject.generated_c, subject.manifest, "generated.o");
  if (!generated) return fail(generated.error());
  Result<Side> twin = load(subject.twin_c, {}, "twin.o");
  if (!twin) return fail("the twin of '" + subject.name + "': " + twin.error().message, {}, twin.error().code);
  if (Result<void> bound = bind_ports(*generated, *ports); !bound) return fail(bound.error());
  const Result<bool> filled = fill_generated(*generated, commands, diagnostics);
  if (!filled) return fail(filled.error());
  if (!*filled) return fail("the test of '" + subject.name + "' is wrong");
  if (Result<void> done = fill_twin(*twin, subject.twin_c, *ports); !done) return fail(done.error());

  options.progress("compare");
  Pair pair(*generated, *twin, *ports);
  for (const stf::Packet* packet : packets) {
    if (Result<void> same = pair.compare_all(*packet); !same) return fail(subject.name + ": " + same.error().message);
  }

  options.progress("measure");
  const auto times = pair.measure(*packets.front(), options.rounds);
  if (!times) return fail(times.error());
  Measurement result{subject.name, generated->figures(), twin->figures(), subject.generate_ms, pair.compared()};
  result.generated.ns = times->first;
  result.twin.ns = times->second;
  return result;
}

}  // namespace p4bpf::bench
