#include "driver/pipeline.h"

#include <unistd.h>

#include <cstdio>

#include "driver/command.h"
#include "frontend/parse.h"

namespace p4bpf::driver {
namespace {

SourceOptions source_options(const ProgramOptions& options) {
  return SourceOptions{options.include_directories, options.defines, options.undefines};
}

Result<bool> dump_tokens_of(Compilation& compilation) {
  const Result<TokenStream> tokens = preprocess_file(compilation.options.file, source_options(compilation.options),
                                                     compilation.sources, compilation.diagnostics);
  if (!tokens) return fail(tokens.error());
  std::fputs(dump_tokens(*tokens, compilation.sources).c_str(), stdout);
  return !compilation.diagnostics.has_errors();
}

}  // namespace

Result<bool> parse(Compilation& compilation) {
  Result<ast::Ast> ast = parse_file(compilation.options.file, source_options(compilation.options), compilation.sources,
                                    compilation.diagnostics);
  if (!ast) return fail(ast.error());
  compilation.ast = std::move(*ast);
  return !compilation.diagnostics.has_errors();
}

bool check(Compilation& compilation) {
  compilation.typed.emplace(check_program(*compilation.ast, compilation.diagnostics));
  return !compilation.diagnostics.has_errors();
}

int print_diagnostics(const Compilation& compilation) {
  std::fputs(render_all(compilation.diagnostics, wants_colours(STDERR_FILENO)).c_str(), stderr);
  return compilation.diagnostics.has_errors() ? kWrong : kFine;
}

int check_source(const ProgramOptions& options, const DumpOptions& dump) {
  Compilation compilation(options);
  const Result<bool> good = dump.dump == Dump::kTokens ? dump_tokens_of(compilation) : parse(compilation);
  if (!good) return report(good.error());
  if (*good && !dump.dump) check(compilation);
  return print_diagnostics(compilation);
}

}  // namespace p4bpf::driver
