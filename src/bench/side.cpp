// One program, run, timed, fed with live frames (side.h).
#include "bench/side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace p4bpf::bench {
namespace {

// What repeat.h adds to the program.
constexpr const char* kLoop = "bench_repeat";
constexpr const char* kIdle = "bench_idle";
constexpr const char* kLive = "bench_live";
constexpr const char* kSink = "bench_sink";

constexpr std::size_t kTcRuns = 51;  // of which the median counts

}  // namespace

Result<void> Side::compile(const std::string& text, const std::string& body, const std::string& folder,
                           const std::string& clang, manifest::Hook hook, const std::string& object_file) {
  const bool is_xdp = hook == manifest::Hook::kXdp;
  return bench::compile({text,
                         is_xdp ? "repeat.h" : "repeat_tc.h",
                         folder,
                         {"BENCH_BODY=" + body, fmt::format("BENCH_BODIES={}", is_xdp ? kBodies : kTcBodies),
                          fmt::format("BENCH_STRIDE={}", kStride), fmt::format("BENCH_RESTORED={}", kRestored)},
                         clang},
                        object_file);
}

Result<Side> Side::load(const std::string& object_file, const std::string& body, manifest::Manifest manifest,
                        manifest::Hook hook) {
  std::vector<std::string> programs{body, kLoop, kIdle};
  if (hook == manifest::Hook::kXdp) programs.insert(programs.end(), {kLive, kSink});
  Result<runtime::LoadedObject> loaded = bench::load(object_file, std::move(manifest), programs, hook);
  if (!loaded) return fail(loaded.error());
  return Side(std::move(*loaded), body, hook);
}

Figures Side::figures() const {
  Figures figures;
  for (const runtime::ProgramStats& stats : object_.stats()) {
    if (stats.function != body_) continue;
    figures.instructions = stats.instructions;
    figures.verified = stats.processed;
    figures.stack_bytes = stats.stack_bytes;
    figures.jited_bytes = stats.jited_bytes;
  }
  return figures;
}

Result<Run> Side::run(int ifindex, const Bytes& packet) const {
  const Result<TimedRun> timed = test_run(object_.program(body_), ifindex, packet, 1, hook_);
  if (!timed) return fail(timed.error());
  return timed->run;
}

Result<double> Side::time(int ifindex, const Bytes& packet, std::uint32_t repeat, bool idle) const {
  const int program = object_.program(idle ? kIdle : kLoop);
  return hook_ == manifest::Hook::kXdp ? time_on_xdp(program, ifindex, packet, repeat)
                                       : time_on_tc(program, ifindex, packet);
}

Result<double> Side::time_on_tc(int program, int ifindex, const Bytes& packet) const {
  if (packet.size() < kRestored)
    return fail(fmt::format("a packet of {} bytes is too short to be measured", packet.size()));
  std::vector<std::uint32_t> all;
  for (std::size_t i = 0; i < kTcRuns; ++i) {
    const Result<TimedRun> timed = test_run(program, ifindex, packet, 1, hook_);
    if (!timed) return fail(timed.error());
    if (!std::equal(packet.begin(), packet.begin() + kRestored, timed->run.bytes.begin()))
      return fail("the loop that is measured does not restore the packet");
    all.push_back(timed->nanoseconds);
  }
  std::nth_element(all.begin(), all.begin() + kTcRuns / 2, all.end());
  return static_cast<double>(all[kTcRuns / 2]) / kTcBodies;
}

Result<double> Side::time_on_xdp(int program, int ifindex, const Bytes& packet, std::uint32_t repeat) const {
  if (packet.size() > kStride - kRestored)
    return fail(fmt::format("a packet of {} bytes is too long to be measured", packet.size()));
  // Behind the last copy there must be a frame still.
  Bytes copies((kBodies + 1) * kStride);
  for (std::uint32_t i = 0; i < kBodies; ++i)
    std::copy(packet.begin(), packet.end(), copies.begin() + static_cast<std::ptrdiff_t>(i * kStride));
  const Result<TimedRun> timed = test_run(program, ifindex, copies, repeat);
  if (!timed) return fail(timed.error());
  // The loop gives the packet back as it was, so that every run does the same work.
  for (std::uint32_t i = 0; i < kBodies; ++i) {
    const auto copy = timed->run.bytes.begin() + static_cast<std::ptrdiff_t>(i * kStride);
    if (timed->run.bytes.size() != copies.size() || !std::equal(packet.begin(), packet.end(), copy))
      return fail("the loop that is measured does not restore the packet");
  }
  return static_cast<double>(timed->nanoseconds) / kBodies;
}

Result<void> Side::send_live(int ifindex, const Bytes& packet, std::uint32_t count) {
  Bytes frame = packet;
  frame.resize(std::max<std::size_t>(frame.size(), kRestored));  // as a network card pads what is short
  const auto saved = object_.global("bench_saved");
  if (!saved) return fail("the loop that is measured has no variable bench_saved");
  const Bytes start(frame.begin(), frame.begin() + kRestored);
  if (const Result<void> written = kernel().write_global(saved->map, saved->offset, start); !written) return written;
  return run_live(object_.program(kLive), ifindex, frame, count);
}

int Side::sink() const { return object_.program(kSink); }

Result<std::uint64_t> Side::received() {
  const auto place = object_.global("bench_received");
  if (!place) return fail("the loop that is measured has no variable bench_received");
  std::uint64_t count = 0;
  const Result<Bytes> bytes = kernel().read_global(place->map, place->offset, sizeof count);
  if (!bytes) return fail(bytes.error());
  std::memcpy(&count, bytes->data(), sizeof count);
  return count;
}

}  // namespace p4bpf::bench
