// A program through the front end: preprocessor, parser, types, warnings. No crash, no hang; every mistake is a
// diagnostic. Types are checked even where the parser found errors, as the language server does it.
#include "frontend/parse.h"
#include "frontend/typed_program.h"
#include "frontend/warnings/warnings.h"
#include "token_mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p4bpf;
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const ast::Ast ast =
      parse_text("fuzz.p4", std::string(reinterpret_cast<const char*>(data), size), {}, sources, diagnostics);
  const TypedProgram typed = check_program(ast, diagnostics);
  check_warnings(typed, diagnostics);
  static_cast<void>(render_all(diagnostics, false));
  return 0;
}
