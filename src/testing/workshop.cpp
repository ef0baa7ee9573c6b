// Generating, compiling, loading (workshop.h).
#include "testing/workshop.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>

#include "arch/architecture.h"
#include "codegen/generate.h"
#include "object/c_compiler.h"
#include "runtime/loaded_object.h"
#include "testing/interp_dataplane.h"
#include "testing/kernel_dataplane.h"
#include "testing/native_dataplane.h"
#include "testing/veth_dataplane.h"

namespace p4bpf::testing {
namespace {

codegen::HookChoice hook_choice(const std::string& hook) {
  if (hook == "xdp") return codegen::HookChoice::kXdp;
  if (hook == "tc-egress") return codegen::HookChoice::kTcEgress;
  return hook == "tc" ? codegen::HookChoice::kTcIngress : codegen::HookChoice::kAuto;
}

/// A missing privilege is no failure of the program.
Error as_unavailable(Error error) {
  if (error.code == EPERM || error.code == EACCES || error.code == ENOSYS) error.code = kUnavailable;
  return error;
}

}  // namespace

std::string_view target_name(Target target) {
  constexpr std::string_view kNames[] = {"interp", "native", "kernel", "veth"};
  return kNames[static_cast<std::size_t>(target)];
}

Workshop::Workshop(const ir::Program& program, Diagnostics& diagnostics, WorkshopOptions options)
    : program_(program), diagnostics_(diagnostics), options_(std::move(options)) {}

codegen::HookChoice Workshop::hook_for(const Wanted& wanted) const {
  const codegen::HookChoice chosen = hook_choice(options_.hook);
  if (chosen != codegen::HookChoice::kAuto || !wanted.short_frames) return chosen;
  const arch::Architecture* const architecture = arch::architecture_named(program_.architecture);
  const bool may_run = architecture != nullptr && std::find(architecture->hooks.begin(), architecture->hooks.end(),
                                                            arch::Hook::kTcIngress) != architecture->hooks.end();
  return may_run ? codegen::HookChoice::kTcIngress : chosen;
}

Result<std::unique_ptr<Dataplane>> Workshop::make(Target target, const Wanted& wanted) {
  if (target == Target::kInterp) return make_interp();
  if (target == Target::kVeth && wanted.short_frames && wanted.beyond_tuns)
    return fail("no interface carries packets of no byte, and tun devices lose what short ones gain in front", {},
                kUnavailable);
  const auto built = build(target, hook_for(wanted));
  if (!built) return fail(built.error());
  if (*built == nullptr) return std::unique_ptr<Dataplane>();
  if (target == Target::kNative) return make_native_dataplane((*built)->manifest, (*built)->path, extern_names());
  return make_loaded(target, **built, wanted);
}

/// A user's extern runs natively, in a copy of the native build of its own: what it remembers is this executor's.
Result<std::unique_ptr<Dataplane>> Workshop::make_interp() {
  std::unique_ptr<ExternLibrary> externs;
  if (!options_.extern_files.empty()) {
    const auto built = build(Target::kNative, hook_choice(options_.hook));
    if (!built) return fail(built.error());
    if (*built == nullptr) return std::unique_ptr<Dataplane>();
    auto opened = ExternLibrary::open((*built)->path, folder_->file("interp.o"));
    if (!opened) return fail(opened.error());
    externs = std::move(*opened);
  }
  return make_interp_dataplane(program_, options_.trace, std::move(externs));
}

Result<const Workshop::Built*> Workshop::build(Target target, codegen::HookChoice hook) {
  const std::pair which(target, hook);
  if (!built_.contains(which)) {
    auto compiled = compile(target, hook);
    if (!compiled) return fail(compiled.error());
    built_[which] = std::move(*compiled);
  }
  const std::optional<Built>& built = built_.at(which);
  return built ? &*built : nullptr;
}

Result<std::optional<Workshop::Built>> Workshop::compile(Target target, codegen::HookChoice hook) {
  if (!folder_) {
    auto folder = TempDir::create();
    if (!folder) return fail(folder.error());
    folder_ = std::move(*folder);
  }
  codegen::GenerateOptions options;
  options.hook = hook;
  options.record_port = target != Target::kVeth;
  // With --extern the user means to give all bodies: the C compiler finds out which are missing.
  options.missing_externs =
      options_.extern_files.empty() ? codegen::MissingExterns::kTrap : codegen::MissingExterns::kLink;
  auto built = compile(target, options);
  // More variables than the stack holds: only the C compiler could find out.
  if (built && !*built && exceeds_stack_) {
    options.shape = codegen::Shape::kScratch;
    built = compile(target, options);
  }
  return built;
}

Result<std::optional<Workshop::Built>> Workshop::compile(Target target, const codegen::GenerateOptions& options) {
  auto generated = codegen::generate(program_, options, diagnostics_);
  if (!generated) return std::optional<Built>();

  object::CSource source{std::move(generated->c_text), options_.extern_files, {}, {}, {}};
  if (target == Target::kNative && !options_.extern_files.empty()) source.epilogue = ExternLibrary::exports(program_);
  object::CompilerOptions compiler;
  compiler.compiler = options_.clang;
  compiler.sanitize = options_.sanitize;
  Built built{std::move(generated->manifest),
              folder_->file(fmt::format("{}-{}.o", target_name(target), built_.size()))};
  if (target == Target::kNative) source.defines.emplace_back("P4BPF_NATIVE");
  if (target == Target::kKernel) source.defines.emplace_back("P4BPF_TEST");
  const auto outcome = target == Target::kNative ? object::compile_native(source, built.path, compiler)
                                                 : object::compile_bpf(source, built.path, compiler);
  if (!outcome) return fail(outcome.error());
  exceeds_stack_ = generated->shape == codegen::Shape::kWhole && object::exceeds_stack(*outcome);
  if (exceeds_stack_) return std::optional<Built>();
  object::report_messages(*outcome, diagnostics_);
  if (!outcome->ok) return std::optional<Built>();
  return std::optional<Built>(std::move(built));
}

Result<std::unique_ptr<Dataplane>> Workshop::make_loaded(Target target, const Built& built,
                                                         const Wanted& wanted) {
  VethNetworkHandle network;
  if (target == Target::kVeth) {
    auto made = make_veth_network();
    if (!made) return fail(as_unavailable(made.error()));
    network = std::move(*made);
  }
  const bool is_xdp = built.manifest.kernel_programs.front().hook == manifest::Hook::kXdp;
  if (target == Target::kKernel && wanted.short_frames && !is_xdp) {
    auto loaded = runtime::LoadedObject::load(built.path, built.manifest, BPF_PROG_TYPE_LWT_XMIT);
    if (loaded && loaded->object) {
      return std::unique_ptr<Dataplane>(
          make_kernel_dataplane(std::move(*loaded->object), built.path, extern_names(), Frames::kShort));
    }
  }
  auto loaded = runtime::LoadedObject::load(built.path, built.manifest);
  if (!loaded) return fail(as_unavailable(loaded.error()));
  if (!loaded->object) {
    const runtime::Rejection& rejection = *loaded->rejection;
    const Span span = diagnostics_.sources().line_span(rejection.file, rejection.line);
    Diagnostic& refused = diagnostics_.report(DiagnosticKind::kRejectedByVerifier, span,
                                              "the kernel's verifier refuses this: " + rejection.reason);
    if (!span && !rejection.text.empty()) refused.notes.push_back({{}, "it names the line: " + rejection.text});
    return std::unique_ptr<Dataplane>();
  }
  if (target == Target::kKernel) {
    return std::unique_ptr<Dataplane>(make_kernel_dataplane(std::move(*loaded->object), built.path, extern_names()));
  }
  auto veth = make_veth_dataplane(std::move(network), std::move(*loaded->object), wanted.ports, wanted.short_frames,
                                  extern_names());
  if (!veth) return fail(as_unavailable(veth.error()));
  return veth;
}

std::vector<std::string> Workshop::extern_names() const {
  std::vector<std::string> names;
  for (const ir::ExternFunction& function : program_.extern_functions) names.push_back(function.name);
  return names;
}

}  // namespace p4bpf::testing
