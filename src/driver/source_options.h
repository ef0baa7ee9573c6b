// The options that every verb which reads a P4 program shares, and what they fill.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"

namespace CLI {
class App;
}

namespace p4bpf::driver {

/// What of the program's walk to print instead of going on.
enum class Dump { kTokens, kAst, kTypes, kIr, kP4Info, kPlan, kC };

enum class DiagnosticFormat { kText, kJson, kSarif };

/// Which diagnostics are wanted, and how they are printed.
struct DiagnosticOptions {
  WarningPolicy warnings;
  DiagnosticFormat format = DiagnosticFormat::kText;
  std::size_t max_errors = 100;  // of the text; 0: all
};

struct ProgramOptions {
  std::string file;
  std::string standard = "p4-16";
  std::vector<std::string> include_directories;
  std::vector<std::string> defines;  // NAME or NAME=VALUE
  std::vector<std::string> undefines;
  std::string architecture;               // "": the one whose package `main` instantiates
  std::string hook = "auto";              // auto, xdp, tc
  std::string clang;                      // "": $P4BPF_CLANG, then what the object room finds
  std::vector<std::string> extern_files;  // C files with the bodies of externs
  DiagnosticOptions diagnostics;
};

struct DumpOptions {
  std::optional<Dump> dump;
  std::string after_pass;  // --dump-after
  bool list_passes = false;
};

/// PROG.p4 (called `program_name` in the help) -I -D -U --std, and what says which diagnostics are wanted and how: -W
/// --Werror
/// --diagnostics --max-errors.
void add_source_options(CLI::App& verb, ProgramOptions& options, const std::string& program_name = "PROG.p4");
/// Only the last three: which diagnostics are wanted, and how they are printed.
void add_diagnostic_options(CLI::App& verb, DiagnosticOptions& options);
/// --arch --hook --extern, for verbs that go on to the kernel program.
void add_target_options(CLI::App& verb, ProgramOptions& options);
/// --dump --dump-after --list-passes.
void add_dump_options(CLI::App& verb, DumpOptions& options);

}  // namespace p4bpf::driver
