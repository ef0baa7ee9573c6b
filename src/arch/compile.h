// From a typed program to a finished pipeline IR: elaborate what `main` instantiates, let its architecture glue it
// together, run the passes. This is the lowest room that can see both elaboration and the architectures.
#pragma once

#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "frontend/typed_program.h"
#include "ir/ir.h"
#include "ir/passes/pass.h"

namespace p4bpf::arch {

struct BuildOptions {
  std::uint32_t parser_loop_limit = ir::kParserLoopLimit;
  /// --arch: the architecture that the program must be of; "" for whichever its package belongs to.
  std::string architecture;
  /// Without the passes the IR is as elaborated (--dump ir).
  bool run_passes = true;
  /// Stops after the pass of that name (--dump-after); "" for none.
  std::string stop_after;
};

/// The finished program, valid and past all passes (unless `options` says otherwise). Nothing, and an error among the
/// diagnostics, if the program is wrong. `typed` must be free of errors; generic types are interned in it.
std::optional<ir::Program> build_program(TypedProgram& typed, const std::string& source_name,
                                         const BuildOptions& options, Diagnostics& diagnostics);

}  // namespace p4bpf::arch
