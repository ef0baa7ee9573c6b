// A program through every step that runs in this process: preprocessor, parser, types, rules, warnings, elaboration,
// passes, C text. No crash, no hang; every mistake is a diagnostic.
#include "arch/compile.h"
#include "arch/rules/rules.h"
#include "codegen/generate.h"
#include "frontend/warnings/warnings.h"
#include "parsed.h"
#include "token_mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p4bpf;
  Parsed parsed(data, size);
  Diagnostics& diagnostics = parsed.diagnostics;
  TypedProgram typed = check_program(parsed.ast, diagnostics);
  if (!diagnostics.has_errors()) arch::check_rules(typed, diagnostics);
  check_warnings(typed, diagnostics);
  if (!diagnostics.has_errors()) {
    if (const auto program = arch::build_program(typed, "fuzz.p4", {}, diagnostics))
      static_cast<void>(codegen::generate(*program, {}, diagnostics));
  }
  static_cast<void>(render_all(diagnostics, false));
  return 0;
}
