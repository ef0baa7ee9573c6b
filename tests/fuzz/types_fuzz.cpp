// A program through the front end: preprocessor, parser, types, warnings. No crash, no hang; every mistake is a
// diagnostic. Types are checked even where the parser found errors, as the language server does it.
#include "frontend/typed_program.h"
#include "frontend/warnings/warnings.h"
#include "parsed.h"
#include "token_mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p4bpf;
  Parsed parsed(data, size);
  Diagnostics& diagnostics = parsed.diagnostics;
  const TypedProgram typed = check_program(parsed.ast, diagnostics);
  check_warnings(typed, diagnostics);
  static_cast<void>(render_all(diagnostics, false));
  return 0;
}
