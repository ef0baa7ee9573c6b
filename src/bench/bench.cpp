// Loading both programs, comparing them packet by packet, measuring them in turns (bench.h).
#include "bench/bench.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <random>

#include "base/files.h"
#include "bench/fill.h"
#include "bench/side.h"
#include "testing/stf_runner.h"

namespace p4bpf::bench {
namespace {

namespace stf = testing::stf;

constexpr std::size_t kEthernet = 14, kIpv4 = 20;
constexpr std::size_t kRounds = 15;  // of one load; the median counts
constexpr std::uint32_t kRunsPerRound = 500;
constexpr std::size_t kLiveRounds = 3;
constexpr std::uint32_t kLiveFrames = 100000;
constexpr std::size_t kChangedCopies = 200;

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The mean of the middle half.
double middle_mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
  const double sum = std::accumulate(values.begin() + cut, values.end() - cut, 0.0);
  return sum / static_cast<double>(values.size() - 2 * static_cast<std::size_t>(cut));
}

/// Both programs loaded, with the same entries.
class Pair {
 public:
  Pair(Side generated, Side twin, const Ports& ports, manifest::Hook hook)
      : sides_{std::move(generated), std::move(twin)}, ports_(ports), hook_(hook) {}

  Side& generated() { return sides_[0]; }
  Side& twin() { return sides_[1]; }

  /// The packet, and copies of it that are cut short or changed.
  Result<void> compare_all(const stf::Packet& packet) {
    Result<void> same = compare(packet.port, packet.bytes);
    for (std::size_t length = shortest(); same && length < packet.bytes.size(); ++length) {
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

  using Both = std::array<double, 2>;
  /// Nanoseconds for a packet.
  Result<Both> time(const stf::Packet& packet) {
    return in_turns(kRounds, [&](Side& side) -> Result<double> {
      const int ifindex = ports_.at(packet.port).a;
      const auto idle = side.time(ifindex, packet.bytes, kRunsPerRound, true);
      if (!idle) return fail(idle.error());
      const auto busy = side.time(ifindex, packet.bytes, kRunsPerRound, false);
      if (!busy) return fail(busy.error());
      return *busy - *idle;
    });
  }

  /// Frames a second; 0 where they are neither dropped nor sent out of a port: then it is the host's stack that is
  /// measured.
  Result<Both> send_live(const stf::Packet& packet) {
    const auto once = generated().run(ports_.at(packet.port).a, packet.bytes);
    if (!once) return fail(once.error());
    if (once->verdict == XDP_PASS || once->verdict == XDP_ABORTED) return Both{};
    for (const auto& [port, pair] : ports_) {
      const int code = bpf_xdp_attach(pair.b, generated().sink(), XDP_FLAGS_DRV_MODE, nullptr);
      if (code != 0) return fail_errno("cannot attach a program to the far end of a veth", -code);
    }
    return in_turns(kLiveRounds, [&](Side& side) { return live_rate(side, packet, once->verdict != XDP_DROP); });
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// The median of what `measure_one` says of each, in turns on one CPU.
  template <class MeasureOne>
  Result<Both> in_turns(std::size_t rounds, MeasureOne&& measure_one) {
    const testing::OneCpu one_cpu;
    std::vector<double> all[2];
    for (std::size_t round = 0; round < rounds + 1; ++round) {
      // The order changes from round to round, so that a drift of the clock meets both.
      for (std::size_t turn = 0; turn < 2; ++turn) {
        const std::size_t which = (round + turn) % 2;
        const Result<double> one = measure_one(sides_[which]);
        if (!one) return fail(one.error());
        if (round != 0) all[which].push_back(*one);  // the first round warms caches up
      }
    }
    return Both{median(all[0]), median(all[1])};
  }

  Result<double> live_rate(Side& side, const stf::Packet& packet, bool is_sent) {
    const auto before = generated().received();
    const auto start = Clock::now();
    const auto sent = side.send_live(ports_.at(packet.port).a, packet.bytes, kLiveFrames);
    const std::chrono::duration<double> took = Clock::now() - start;
    const auto after = generated().received();
    if (!sent) return fail(sent.error());
    if (!before || !after) return fail("cannot read how many frames arrived");
    const auto arrived = is_sent ? *after - *before : kLiveFrames;
    if (arrived < kLiveFrames / 2)
      return fail(fmt::format("of {} live frames {} came out of a port", kLiveFrames, arrived));
    return static_cast<double>(arrived) / took.count();
  }

  /// What BPF_PROG_TEST_RUN takes: on TC no IPv4 packet that ends in its header.
  std::size_t shortest() const { return hook_ == manifest::Hook::kXdp ? kEthernet : kEthernet + kIpv4; }

  Result<void> compare(std::uint32_t port, const Bytes& packet) {
    const int ifindex = ports_.at(port).a;
    const auto generated = sides_[0].run(ifindex, packet), twin = sides_[1].run(ifindex, packet);
    if (!generated) return fail(generated.error());
    if (!twin) return fail(twin.error());
    ++compared_;
    // Nobody sees the bytes of a packet that is dropped.
    const bool is_dropped =
        hook_ == manifest::Hook::kXdp ? generated->verdict <= XDP_DROP : generated->verdict == TC_ACT_SHOT;
    if (*generated == *twin || (generated->verdict == twin->verdict && is_dropped)) return {};
    return fail(fmt::format(
        "the two differ for the packet\n  {}\ngenerated: verdict {}\n  {}\nby hand: verdict {}\n  {}", stf::hex(packet),
        generated->verdict, stf::hex(generated->bytes), twin->verdict, stf::hex(twin->bytes)));
  }

  std::array<Side, 2> sides_;
  const Ports& ports_;
  manifest::Hook hook_;
  std::mt19937 random_{1};
  std::size_t compared_ = 0;
};

/// One program of the benchmark on its way from text to figures.
class Session {
 public:
  Session(const Subject& subject, const Options& options, Diagnostics& diagnostics)
      : subject_(subject), options_(options), diagnostics_(diagnostics) {}

  Result<Measurement> run() {
    commands_ = stf::parse(subject_.test, diagnostics_);
    if (diagnostics_.has_errors()) return test_is_wrong();
    std::vector<const stf::Packet*> packets;
    for (const stf::Command& command : commands_) {
      if (const auto* packet = std::get_if<stf::Packet>(&command.node)) packets.push_back(packet);
    }
    if (packets.empty()) return fail("the test has no packet to measure");

    const auto space = testing::NetworkNamespace::enter();
    if (!space) return fail(space.error());
    const Result<Ports> ports = make_ports(commands_);
    if (!ports) return fail(ports.error());
    const Result<TempDir> folder = TempDir::create();
    if (!folder) return fail(folder.error());
    if (Result<void> compiled = compile(*folder); !compiled) return fail(compiled.error());

    Measurement result{subject_.name, {}, {}, subject_.generate_ms, 0};
    for (std::size_t i = 0; i < options_.loads; ++i) {
      options_.progress(fmt::format("load and measure, {} of {}", i + 1, options_.loads));
      Result<Pair> pair = load(*folder, *ports);
      if (!pair) return fail(pair.error());
      for (const stf::Packet* packet : packets) {
        if (i != 0) break;
        if (Result<void> same = pair->compare_all(*packet); !same) return fail(same.error());
      }
      if (i == 0) {
        result.generated = pair->generated().figures();
        result.twin = pair->twin().figures();
        result.packets_compared = pair->compared();
      }
      if (Result<void> done = measure(*pair, *packets.front()); !done) return fail(done.error());
    }
    for (const auto& [side, ns, pps] :
         {std::tuple(&result.generated, &ns_[0], &pps_[0]), std::tuple(&result.twin, &ns_[1], &pps_[1])}) {
      side->ns = std::max(middle_mean(*ns), 0.0);
      if (!pps->empty()) side->pps = middle_mean(*pps);
    }
    return result;
  }

 private:
  tl::unexpected<Error> test_is_wrong() const { return fail("the test of '" + subject_.name + "' is wrong"); }

  Result<void> compile(const TempDir& folder) const {
    options_.progress("compile");
    const auto to_object = [&](const std::string& text, const std::string& file) {
      return Side::compile(text, subject_.name, subject_.twin_folder, options_.clang, subject_.hook, folder.file(file));
    };
    if (Result<void> done = to_object(subject_.generated_c, "generated.o"); !done) return done;
    return of_twin(to_object(subject_.twin_c, "twin.o"));
  }

  template <class T>
  Result<T> of_twin(Result<T> result) const {
    if (!result) return fail("the program by hand: " + result.error().message, {}, result.error().code);
    return result;
  }

  Result<Pair> load(const TempDir& folder, const Ports& ports) {
    Result<Side> generated = Side::load(folder.file("generated.o"), subject_.name, subject_.manifest, subject_.hook);
    if (!generated) return fail(generated.error());
    Result<Side> twin = of_twin(Side::load(folder.file("twin.o"), subject_.name, {}, subject_.hook));
    if (!twin) return fail(twin.error());
    if (Result<void> bound = bind_ports(*generated, ports); !bound) return fail(bound.error());
    const Result<bool> filled = fill_generated(*generated, commands_, diagnostics_);
    if (!filled) return fail(filled.error());
    if (!*filled) return test_is_wrong();
    if (Result<void> done = fill_twin(*twin, subject_.twin_c, ports); !done) return fail(done.error());
    return Pair(std::move(*generated), std::move(*twin), ports, subject_.hook);
  }

  Result<void> measure(Pair& pair, const stf::Packet& packet) {
    const auto times = pair.time(packet);
    if (!times) return fail(times.error());
    const bool has_frames = options_.live && subject_.hook == manifest::Hook::kXdp;
    const auto rates = has_frames ? pair.send_live(packet) : Result<Pair::Both>(Pair::Both{});
    if (!rates) return fail(rates.error());
    for (std::size_t side = 0; side < 2; ++side) {
      ns_[side].push_back((*times)[side]);
      pps_[side].push_back((*rates)[side]);
    }
    return {};
  }

  const Subject& subject_;
  const Options& options_;
  Diagnostics& diagnostics_;
  std::vector<stf::Command> commands_;
  std::vector<double> ns_[2], pps_[2];  // of each load
};

}  // namespace

Result<Measurement> measure(const Subject& subject, const Options& options, Diagnostics& diagnostics) {
  return Session(subject, options, diagnostics).run();
}

}  // namespace p4bpf::bench
