// The way from a typed program to a finished one (compile.h).
#include "arch/compile.h"

#include <fmt/format.h>

#include "arch/architecture.h"
#include "arch/profiles.h"
#include "ir/elaborate.h"
#include "ir/passes/pass.h"
#include "ir/validator.h"

namespace p4bpf::arch {
namespace {

/// "`ebpfFilter` (ebpf_model), `xdp` (xdp_model)".
std::string known_packages() {
  std::string out;
  for (const Architecture& architecture : all_architectures()) {
    for (const std::string_view package : architecture.packages) {
      out += fmt::format("{}`{}` ({})", out.empty() ? "" : ", ", package, architecture.name);
    }
  }
  return out;
}

const Architecture* architecture_of(const ir::PackageInstance& package, const BuildOptions& options,
                                    Diagnostics& diagnostics) {
  const Architecture* found = find_architecture(package.type_name);
  if (found == nullptr) {
    diagnostics
        .report(DiagnosticKind::kUnknownArchitecture, package.span,
                fmt::format("package `{}` belongs to no architecture that p4bpf knows", package.type_name))
        .notes.push_back({{}, "`main` can instantiate " + known_packages()});
    return nullptr;
  }
  if (!options.architecture.empty() && options.architecture != found->name) {
    diagnostics.report(DiagnosticKind::kUnknownArchitecture, package.span,
                       fmt::format("package `{}` belongs to {}, not to {} as was asked for", package.type_name,
                                   found->name, options.architecture));
    return nullptr;
  }
  return found;
}

}  // namespace

std::optional<ir::Program> build_program(TypedProgram& typed, const std::string& source_name,
                                         const BuildOptions& options, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.error_count();
  ir::Program program;
  program.source_name = source_name;
  {
    ir::Elaborator elaborator(typed, program, diagnostics);
    const std::optional<ir::PackageInstance> package = elaborator.package();
    if (!package || diagnostics.error_count() != errors_before) return std::nullopt;
    const Architecture* architecture = architecture_of(*package, options, diagnostics);
    if (architecture == nullptr) return std::nullopt;
    program.architecture = architecture->name;
    program.main_span = package->span;
    architecture->assemble(elaborator, *package, program);
    check_profiles(program, diagnostics);
  }
  if (diagnostics.error_count() != errors_before) return std::nullopt;
  ir::assert_valid(program, "elaboration");
  if (options.run_passes) {
    ir::PassContext context{diagnostics, options.parser_loop_limit};
    ir::run_passes(program, context, options.stop_after);
    if (diagnostics.error_count() != errors_before) return std::nullopt;
  }
  return program;
}

}  // namespace p4bpf::arch
