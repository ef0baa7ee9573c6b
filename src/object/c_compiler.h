// From C text to what runs: a BPF ELF object (clang -target bpf) or a native shared object, with one call of the
// compiler.
//
// The generated text names the P4 source by #line, so a complaint of the compiler comes back at a P4 line; one about a
// line of the user's --extern file stays there.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"

namespace p4bpf::object {

struct CSource {
  std::string text;
  /// C files with the bodies of the user's externs; they become the end of the same translation unit, so they see every
  /// type and prototype of the generated text and are inlined.
  std::vector<std::string> extern_files;
  /// Text behind the extern files.
  std::string epilogue = {};
  std::vector<std::string> include_dirs;
  std::vector<std::string> defines;  // "NAME" or "NAME=VALUE"
};

struct CompilerOptions {
  /// The compiler; "": $P4BPF_CLANG, else the first of clang-19, clang-14 and clang that there is.
  std::string compiler;
  std::string cpu = "v3";  // the BPF instruction set
  /// Native only: undefined behaviour and bad indices end the program with a trap.
  bool sanitize = false;
  std::vector<std::string> flags;
};

struct CompilerMessage {
  bool is_error = false;
  std::string file;  // "" where the message has no place
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;
};

struct CompileOutcome {
  bool ok = false;
  std::vector<CompilerMessage> messages;
};

/// The compiler that will run.
Result<std::string> find_compiler(const CompilerOptions& options);

/// Writes the object to `output`. A complaint about the text is in the outcome; a failure is a compiler that is not
/// there.
Result<CompileOutcome> compile_bpf(const CSource& source, const std::string& output,
                                   const CompilerOptions& options = {});
Result<CompileOutcome> compile_native(const CSource& source, const std::string& output,
                                      const CompilerOptions& options = {});

/// What a compiler printed, by its lines `FILE:LINE:COLUMN: error: TEXT`; notes and excerpts are left out.
std::vector<CompilerMessage> parse_messages(const std::string& printed);

/// Whether the only fault is that the program, with what it calls, needs more than the 512 bytes of stack that the kernel
/// gives; the object may be there nevertheless.
bool exceeds_stack(const CompileOutcome& outcome);

/// Reports the errors at their P4 lines: a call of an extern that nobody defines as no-extern-body, all else as
/// rejected-by-clang.
void report_messages(const CompileOutcome& outcome, Diagnostics& diagnostics);

}  // namespace p4bpf::object
