// Compiling, loading, BPF_PROG_TEST_RUN (side.h).
#include "bench/side.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>

#include "object/c_compiler.h"
#include "testing/dataplane.h"

namespace p4bpf::bench {
namespace {

constexpr std::size_t kMaxGrowth = 256;  // what bpf_xdp_adjust_head can add in front
constexpr const char* kLoop = "bench_repeat";
constexpr const char* kIdle = "bench_idle";

struct Timed {
  Run run;
  std::uint32_t nanoseconds = 0;
};

Result<Timed> test_run(int program, int ifindex, const Bytes& packet, std::uint32_t repeat) {
  Timed timed;
  timed.run.bytes.resize(packet.size() + kMaxGrowth);
  xdp_md context{};
  context.data_end = static_cast<std::uint32_t>(packet.size());
  context.ingress_ifindex = static_cast<std::uint32_t>(ifindex);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<std::uint32_t>(packet.size());
  options.data_out = timed.run.bytes.data();
  options.data_size_out = static_cast<std::uint32_t>(timed.run.bytes.size());
  options.ctx_in = &context;
  options.ctx_size_in = sizeof context;
  options.repeat = static_cast<int>(repeat);
  if (bpf_prog_test_run_opts(program, &options) != 0)
    return fail_errno(fmt::format("BPF_PROG_TEST_RUN refuses a packet of {} bytes", packet.size()), errno);
  timed.run.bytes.resize(options.data_size_out);
  timed.run.verdict = options.retval;
  timed.nanoseconds = options.duration;
  return timed;
}

}  // namespace

Result<Side> Side::load(const Source& source, manifest::Manifest manifest, const std::string& object_file) {
  object::CSource text;
  text.text = source.text;
  text.epilogue = "\n#line 1 \"--loop\"\n#include \"repeat.h\"\n";
  text.include_dirs = {source.folder};
  text.defines = {"BENCH_BODY=" + source.body, fmt::format("BENCH_BODIES={}", kBodies),
                  fmt::format("BENCH_STRIDE={}", kStride), fmt::format("BENCH_RESTORED={}", kRestored)};
  object::CompilerOptions compiler;
  compiler.compiler = source.clang;
  const Result<object::CompileOutcome> compiled = object::compile_bpf(text, object_file, compiler);
  if (!compiled) return fail(compiled.error());
  for (const object::CompilerMessage& message : compiled->messages) {
    if (message.is_error)
      return fail(fmt::format("the C compiler says: {}:{}: {}", message.file, message.line, message.text));
  }
  manifest.kernel_programs = {
      {source.body, manifest::Hook::kXdp}, {kLoop, manifest::Hook::kXdp}, {kIdle, manifest::Hook::kXdp}};
  Result<runtime::LoadOutcome> loaded = runtime::LoadedObject::load(object_file, std::move(manifest));
  if (!loaded) {
    Error error = loaded.error();
    if (error.code == EPERM || error.code == EACCES || error.code == ENOSYS) error.code = testing::kUnavailable;
    return fail(std::move(error));
  }
  if (!loaded->object) {
    const runtime::Rejection& why = *loaded->rejection;
    return fail(
        fmt::format("the kernel's verifier refuses it: {}, at {}:{}: {}", why.reason, why.file, why.line, why.text));
  }
  return Side(std::move(*loaded->object), source.body);
}

Figures Side::figures() const {
  Figures figures;
  for (const runtime::ProgramStats& stats : object_.stats()) {
    if (stats.function == body_)
      figures = {0, stats.instructions, stats.processed, stats.stack_bytes, stats.jited_bytes};
  }
  return figures;
}

Result<Run> Side::run(int ifindex, const Bytes& packet) const {
  const Result<Timed> timed = test_run(object_.program(body_), ifindex, packet, 1);
  if (!timed) return fail(timed.error());
  return timed->run;
}

Result<std::uint32_t> Side::time(int ifindex, const Bytes& packet, std::uint32_t repeat, bool idle) const {
  if (packet.size() > kStride - kRestored)
    return fail(fmt::format("a packet of {} bytes is too long to be measured", packet.size()));
  // Behind the last copy there must be a frame still.
  Bytes copies((kBodies + 1) * kStride);
  for (std::uint32_t i = 0; i < kBodies; ++i)
    std::copy(packet.begin(), packet.end(), copies.begin() + static_cast<std::ptrdiff_t>(i * kStride));
  const Result<Timed> timed = test_run(object_.program(idle ? kIdle : kLoop), ifindex, copies, repeat);
  if (!timed) return fail(timed.error());
  // The loop gives the packet back as it was, so that every run does the same work.
  for (std::uint32_t i = 0; i < kBodies; ++i) {
    const auto copy = timed->run.bytes.begin() + static_cast<std::ptrdiff_t>(i * kStride);
    if (timed->run.bytes.size() != copies.size() || !std::equal(packet.begin(), packet.end(), copy))
      return fail("the loop that is measured does not restore the packet");
  }
  return timed->nanoseconds;
}

}  // namespace p4bpf::bench
