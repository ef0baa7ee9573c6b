// The walk of a program from its text to a kernel object: the one place that calls parse, check, elaborate, generate
// and clang in order. check, compile, run, load and test all go through here.
//
// Each step needs the one before it. False means that the program is wrong and `diagnostics` says where; a Result that
// fails means that the world is (a file that cannot be read, no clang).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/diagnostics.h"
#include "base/result.h"
#include "base/source_map.h"
#include "codegen/generate.h"
#include "driver/source_options.h"
#include "frontend/ast.h"
#include "frontend/typed_program.h"
#include "ir/ir.h"

namespace p4bpf::driver {

class DiagnosticPrinter;

/// One program and all that is known of it so far.
struct Compilation {
  explicit Compilation(ProgramOptions given) : options(std::move(given)) {}
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  ProgramOptions options;
  /// The files that have been read, by the paths under which they were looked for. What stands here is not read again, and nothing else if
  /// `reads_disk` is false.
  std::map<std::string, std::string> files;
  bool reads_disk = true;
  SourceMap sources;
  Diagnostics diagnostics{sources, options.diagnostics.warnings};
  std::optional<ast::Ast> ast;
  std::optional<TypedProgram> typed;
  std::optional<ir::Program> program;
};

Result<bool> parse(Compilation& compilation);
bool check(Compilation& compilation);
/// Elaborates and runs the passes, or as many as `dump` asks for.
bool elaborate(Compilation& compilation, const DumpOptions& dump = {});
/// The C text and the manifest; nothing if the program cannot be compiled for the hook that the options name.
std::optional<codegen::Generated> generate(Compilation& compilation, codegen::GenerateOptions options = {});
/// Compiles the C text to a BPF object. Where the kernel's stack is too small for it, and this is not the last attempt, only `exceeds_stack` says so.
Result<bool> make_object(Compilation& compilation, const codegen::Generated& generated, const std::string& output,
                         bool& exceeds_stack, bool is_last);

/// parse, check and elaborate in one go, for who needs the IR.
Result<bool> make_program(Compilation& compilation);
/// All of the walk: writes PROGRAM.c, .o, .json and .source.json (kept_source.h) into the folder.
Result<bool> build(Compilation& compilation, const std::string& folder);

/// The base name of the .p4 file without its extension.
std::string program_name(const std::string& file);

/// Prints the diagnostics and turns the outcome of the walk into an exit status.
int finish(const Compilation& compilation, const Result<bool>& good, DiagnosticPrinter& printer);

/// p4bpf check: goes as far as the IR where the program has a main, or prints the wanted dump. The exit status.
int check_source(const ProgramOptions& options, const DumpOptions& dump);
/// Writes what a controller must know of an elaborated program, in the form that each file's suffix says.
Result<void> write_p4info(const Compilation& compilation, const std::vector<std::string>& files);
/// p4bpf compile: writes the object and PROGRAM.p4info.* into the folder, and P4Info into these files as well; or prints the wanted dump.
/// The exit status.
int compile_source(const ProgramOptions& options, const DumpOptions& dump, const std::string& folder,
                   const std::vector<std::string>& p4info_files);

}  // namespace p4bpf::driver
