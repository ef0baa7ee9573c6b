// The walk of a program from its text to a kernel object: the one place that calls parse, check, elaborate, generate
// and clang in order. check, compile, run, load and test all go through here.
//
// Each step needs the one before it. False means that the program is wrong and `diagnostics` says where; a Result that
// fails means that the world is (a file that cannot be read, no clang).
#pragma once

#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "base/result.h"
#include "base/source_map.h"
#include "driver/source_options.h"
#include "frontend/ast.h"
#include "frontend/typed_program.h"

namespace p4bpf::driver {

/// One program and all that is known of it so far.
struct Compilation {
  explicit Compilation(ProgramOptions given) : options(std::move(given)) {}
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  ProgramOptions options;
  SourceMap sources;
  Diagnostics diagnostics{sources};
  std::optional<ast::Ast> ast;
  std::optional<TypedProgram> typed;
};

Result<bool> parse(Compilation& compilation);
bool check(Compilation& compilation);

/// Prints the diagnostics on standard error; kWrong if there are errors among them, else kFine.
int print_diagnostics(const Compilation& compilation);

/// p4bpf check: goes as far as types, or prints the wanted dump. The exit status.
int check_source(const ProgramOptions& options, const DumpOptions& dump);

}  // namespace p4bpf::driver
