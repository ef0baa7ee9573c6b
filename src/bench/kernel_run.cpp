// Compiling, loading, BPF_PROG_TEST_RUN (kernel_run.h).
#include "bench/kernel_run.h"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>

#include "object/c_compiler.h"
#include "testing/dataplane.h"

namespace p4bpf::bench {
namespace {

constexpr std::size_t kMaxGrowth = 1024;  // what a run can add in front

xdp_md context_of(int ifindex, const Bytes& packet) {
  xdp_md context{};
  context.data_end = static_cast<std::uint32_t>(packet.size());
  context.ingress_ifindex = static_cast<std::uint32_t>(ifindex);
  return context;
}

__sk_buff skb_of(int ifindex) {
  __sk_buff skb{};
  skb.ifindex = skb.ingress_ifindex = static_cast<std::uint32_t>(ifindex);
  return skb;
}

}  // namespace

Result<void> compile(const Source& source, const std::string& object_file) {
  object::CSource text;
  text.text = source.text;
  text.epilogue = fmt::format("\n#line 1 \"--loop\"\n#include \"{}\"\n", source.epilogue);
  text.include_dirs = {source.folder};
  text.defines = source.defines;
  object::CompilerOptions compiler;
  compiler.compiler = source.clang;
  const Result<object::CompileOutcome> compiled = object::compile_bpf(text, object_file, compiler);
  if (!compiled) return fail(compiled.error());
  for (const object::CompilerMessage& message : compiled->messages) {
    if (message.is_error)
      return fail(fmt::format("the C compiler says: {}:{}: {}", message.file, message.line, message.text));
  }
  return {};
}

Result<runtime::LoadedObject> load(const std::string& object_file, manifest::Manifest manifest,
                                   const std::vector<std::string>& programs, manifest::Hook hook) {
  manifest.kernel_programs.clear();
  for (const std::string& program : programs) manifest.kernel_programs.push_back({program, hook});
  Result<runtime::LoadOutcome> loaded = runtime::LoadedObject::load(object_file, std::move(manifest));
  if (!loaded) {
    Error error = loaded.error();
    if (error.code == EPERM || error.code == EACCES || error.code == ENOSYS) error.code = testing::kUnavailable;
    return fail(std::move(error));
  }
  if (!loaded->object) {
    const runtime::Rejection& why = *loaded->rejection;
    return fail("the kernel's verifier refuses it: " + why.reason +
                (why.line == 0 ? "" : fmt::format(", at {}:{}: {}", why.file, why.line, why.text)));
  }
  return std::move(*loaded->object);
}

Result<TimedRun> test_run(int program, int ifindex, const Bytes& packet, std::uint32_t repeat, manifest::Hook hook) {
  TimedRun timed;
  timed.run.bytes.resize(packet.size() + kMaxGrowth);
  xdp_md context = context_of(ifindex, packet);
  __sk_buff skb = skb_of(ifindex);
  const bool is_xdp = hook == manifest::Hook::kXdp;
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<std::uint32_t>(packet.size());
  options.data_out = timed.run.bytes.data();
  options.data_size_out = static_cast<std::uint32_t>(timed.run.bytes.size());
  options.ctx_in = is_xdp ? static_cast<const void*>(&context) : &skb;
  options.ctx_size_in = is_xdp ? sizeof context : sizeof skb;
  options.repeat = static_cast<int>(repeat);
  if (bpf_prog_test_run_opts(program, &options) != 0)
    return fail_errno(fmt::format("BPF_PROG_TEST_RUN refuses a packet of {} bytes", packet.size()), errno);
  timed.run.bytes.resize(options.data_size_out);
  timed.run.verdict = options.retval;
  timed.nanoseconds = options.duration;
  return timed;
}

Result<void> run_live(int program, int ifindex, const Bytes& packet, std::uint32_t count) {
  xdp_md context = context_of(ifindex, packet);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.data_in = packet.data();
  options.data_size_in = static_cast<std::uint32_t>(packet.size());
  options.ctx_in = &context;
  options.ctx_size_in = sizeof context;
  options.repeat = static_cast<int>(count);
  options.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
  if (bpf_prog_test_run_opts(program, &options) != 0)
    return fail_errno("BPF_PROG_TEST_RUN refuses to send live frames", errno);
  return {};
}

}  // namespace p4bpf::bench
