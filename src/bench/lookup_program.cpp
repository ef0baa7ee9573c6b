// Keys in, nanoseconds out (lookup_program.h).
#include "bench/lookup_program.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/files.h"
#include "testing/table_dataplane.h"

namespace p4bpf::bench {
namespace {

constexpr double kRunNanoseconds = 1e6;

/// What the kernel says that a map takes.
Result<double> memory_of(int map) {
  const Result<std::string> text = read_file(fmt::format("/proc/self/fdinfo/{}", map));
  if (!text) return fail(text.error());
  const std::size_t at = text->find("memlock:");
  if (at == std::string::npos) return fail("the kernel does not say what memory a map takes");
  return std::strtod(text->c_str() + at + sizeof "memlock:", nullptr);
}

}  // namespace

Result<LookupProgram> LookupProgram::make(Source source, const std::string& look_up, std::uint32_t key_bytes,
                                          manifest::Manifest manifest, const std::string& object_file) {
  source.epilogue = "lookup.h";
  source.defines.push_back("LOOK_UP=" + look_up);
  source.defines.push_back(fmt::format("KEYS={}", kKeys));
  if (Result<void> compiled = compile(source, object_file); !compiled) return fail(compiled.error());
  Result<runtime::LoadedObject> object = load(object_file, std::move(manifest), {"bench_lookup", "bench_idle"});
  if (!object) return fail(object.error());
  LookupProgram program(std::move(*object), key_bytes);
  if (Result<void> set = program.set_rounds(kSummed); !set) return fail(set.error());
  return program;
}

Result<double> LookupProgram::memory(const std::vector<std::string>& maps) const {
  double all = 0;
  for (const std::string& map : maps) {
    if (map.empty()) continue;
    const Result<int> fd = kernel().descriptor(map);
    if (!fd) return fail(fd.error());
    const Result<double> bytes = memory_of(*fd);
    if (!bytes) return bytes;
    all += *bytes;
    const auto shape = kernel().shape(map);
    if (!shape || shape->type != BPF_MAP_TYPE_ARRAY_OF_MAPS) continue;
    std::uint32_t zero = 0, id = 0;
    if (bpf_map_lookup_elem(*fd, &zero, &id) != 0) continue;
    const runtime::FileDescriptor inner(bpf_map_get_fd_by_id(id));
    const Result<double> inner_bytes = memory_of(inner.get());
    if (!inner_bytes) return inner_bytes;
    all += *inner_bytes;
  }
  return all;
}

Result<void> LookupProgram::set_keys(const std::vector<Bytes>& keys) {
  const auto memory = kernel().memory("bench_keys");
  if (!memory) return fail(memory.error());
  const std::size_t stride = (key_bytes_ + 7) / 8 * 8;
  for (std::size_t i = 0; i < kKeys; ++i) {
    const Bytes& key = keys[i % keys.size()];
    std::copy(key.begin(), key.end(), memory->begin() + static_cast<std::ptrdiff_t>(i * stride));
  }
  return {};
}

Result<void> LookupProgram::write(const std::string& variable, std::uint32_t value) {
  const auto place = object_.global(variable);
  if (!place) return fail("the loop that is measured has no variable " + variable);
  return kernel().write_global(place->map, place->offset, testing::bytes_of(value));
}

Result<void> LookupProgram::set_rounds(std::uint32_t rounds) {
  rounds_ = rounds;
  return write("bench_rounds", rounds);
}

Result<std::uint32_t> LookupProgram::sum_of_found() {
  if (Result<void> set = write("bench_position", 0); !set) return fail(set.error());
  if (Result<void> set = set_rounds(kSummed); !set) return fail(set.error());
  if (const Result<double> ran = time(); !ran) return fail(ran.error());
  const auto place = object_.global("bench_sum");
  const auto bytes = kernel().read_global(place->map, place->offset, sizeof(std::uint32_t));
  if (!bytes) return fail(bytes.error());
  std::uint32_t sum = 0;
  std::memcpy(&sum, bytes->data(), sizeof sum);
  return sum;
}

Result<void> LookupProgram::calibrate() {
  const Result<double> once = time();
  if (!once) return fail(once.error());
  return set_rounds(static_cast<std::uint32_t>(std::clamp(kRunNanoseconds / *once, 16.0, 16384.0)));
}

Result<double> LookupProgram::time(bool idle) const {
  const Bytes packet(8 + (key_bytes_ + 7) / 8 * 8);
  const Result<TimedRun> run = test_run(object_.program(idle ? "bench_idle" : "bench_lookup"), 0, packet, 1);
  if (!run) return fail(run.error());
  return static_cast<double>(run->nanoseconds) / rounds_;
}

}  // namespace p4bpf::bench
