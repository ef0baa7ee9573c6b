// Any bytes through preprocessor and parser: no crash, no hang; and what parses without an error prints as P4 that
// parses without an error and prints alike.
#include <cstdio>
#include <cstdlib>

#include "frontend/ast_printer.h"
#include "parsed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p4bpf;
  Parsed parsed(data, size);
  auto& [sources, diagnostics, ast] = parsed;
  const std::string printed = print_ast(ast);
  static_cast<void>(render_all(diagnostics, false));
  if (diagnostics.has_errors()) return 0;
  Diagnostics again(sources);
  const ast::Ast second = parse_text("printed.p4", printed, {}, sources, again);
  if (again.has_errors() || print_ast(second) != printed) {
    std::fputs(printed.c_str(), stderr);
    std::fputs(render_all(again, false).c_str(), stderr);
    std::abort();
  }
  return 0;
}
