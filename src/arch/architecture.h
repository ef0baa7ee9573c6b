// What an architecture is: which blocks run in what order, with which metadata and externs. One row each, in one table.
//
// An architecture knows no hook: `assemble` writes the packet's life as IR (parser, controls, deparser, verdicts), and
// the hooks of code generation say how the kernel hands over a packet and takes each verdict.
#pragma once

#include <string_view>
#include <vector>

#include "arch/extern_row.h"
#include "ir/elaborate.h"

namespace p4bpf::arch {

enum class Hook { kXdp, kTcIngress, kTcEgress };

struct Architecture {
  std::string_view name;                   // "ebpf_model": the name of its file in p4include/
  std::vector<std::string_view> packages;  // what `main` may instantiate: "ebpfFilter"
  std::vector<std::string_view> blocks;    // the package's blocks in the order of its parameters, as users call them
  std::vector<Hook> hooks;                 // where it can run, the preferred one first
  /// Fills `Program::entry` and all that it reaches. What the program got wrong goes to the elaborator's diagnostics.
  void (*assemble)(ir::Elaborator&, const ir::PackageInstance&, ir::Program&) = nullptr;
  std::vector<ExternRow> externs;
  std::vector<ExternTypeRow> extern_types;
  /// Whether it has multicast groups and clone sessions.
  bool replicates = false;
};

const std::vector<Architecture>& all_architectures();
/// The architecture whose package `main` instantiates, or null.
const Architecture* find_architecture(std::string_view package_name);
/// By Program::architecture, or null.
const Architecture* architecture_named(std::string_view name);

/// The row for a function that `program` calls; null for a user's extern and for one that nobody wrote a row for.
const ExternRow* find_extern(const ir::Program& program, const ir::ExternFunction& function);
const ExternTypeRow* find_extern_type(const ir::Program& program, const ir::ExternInstance& instance);

}  // namespace p4bpf::arch
