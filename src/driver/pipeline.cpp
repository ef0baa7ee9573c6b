// The steps of the walk in order (pipeline.h), and what --dump prints after each.
#include "driver/pipeline.h"

#include <cstdio>
#include <filesystem>

#include "arch/compile.h"
#include "arch/rules/rules.h"
#include "base/files.h"
#include "codegen/describe.h"
#include "control/p4info/p4info.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/kept_source.h"
#include "frontend/ast_printer.h"
#include "frontend/parse.h"
#include "frontend/warnings/warnings.h"
#include "ir/passes/pass.h"
#include "ir/printer.h"
#include "object/c_compiler.h"

namespace p4bpf::driver {
namespace {

/// Every file that is read is noted.
SourceOptions source_options(Compilation& compilation) {
  const ProgramOptions& options = compilation.options;
  const auto read = [&compilation](const std::string& path) -> std::optional<std::string> {
    const auto known = compilation.files.find(path);
    if (known != compilation.files.end()) return known->second;
    std::error_code failure;
    if (!compilation.reads_disk || !std::filesystem::is_regular_file(path, failure)) return std::nullopt;
    Result<std::string> text = read_file(path);
    if (!text) return std::nullopt;
    return compilation.files[path] = std::move(*text);
  };
  return SourceOptions{options.include_directories, options.defines, options.undefines, read};
}

Result<bool> dump_tokens_of(Compilation& compilation) {
  const Result<TokenStream> tokens = preprocess_file(compilation.options.file, source_options(compilation),
                                                     compilation.sources, compilation.diagnostics);
  if (!tokens) return fail(tokens.error());
  std::fputs(dump_tokens(*tokens, compilation.sources).c_str(), stdout);
  return !compilation.diagnostics.has_errors();
}

/// Every expression with its type, one a line: what the checker found out.
std::string print_types(const Compilation& compilation) {
  std::string out;
  for (std::size_t i = 0; i < compilation.ast->exprs.size(); ++i) {
    const ast::ExprId id(i);
    const TypeId type = compilation.typed->type_of[id];
    const Position at = compilation.sources.position((*compilation.ast)[id].span.begin);
    if (!type || at.file.empty() || at.file != compilation.options.file) continue;
    out += at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
           print_expr(*compilation.ast, id) + " : " + type_name(*compilation.typed, type) + "\n";
  }
  return out;
}

std::string print_plan(const Compilation& compilation, const manifest::Manifest& manifest) {
  std::string out = compilation.program->architecture + " of " + manifest.source + "\n";
  for (const manifest::KernelProgram& program : manifest.kernel_programs) {
    const char* const hook = program.hook == manifest::Hook::kXdp         ? "xdp"
                             : program.hook == manifest::Hook::kTcIngress ? "tc-ingress"
                                                                          : "tc-egress";
    out += "program " + program.function + " at " + hook + "\n";
  }
  constexpr const char* kStructures[] = {"no map",   "code",         "hash",      "array",
                                         "lpm trie", "prefix table", "rule list", "rule matrix"};
  for (const manifest::Table& table : manifest.tables) {
    out += "table " + table.name + ": " + kStructures[static_cast<std::size_t>(table.structure)] +
           (table.map.empty() ? ""
                              : " in map " + table.map + ", key " + std::to_string(table.key_size) + " bytes, value " +
                                    std::to_string(table.value_size) + " bytes") +
           "\n";
  }
  for (const manifest::Counter& counter : manifest.counters) {
    out += "counter " + counter.name + ": " + (counter.sparse ? "per-CPU hash" : "per-CPU array") + " in map " +
           counter.map + "\n";
  }
  return out;
}

/// Goes as far as the dump asks for and prints it. `goes_on` is set where nothing was to be dumped.
Result<bool> dump(Compilation& compilation, const DumpOptions& options) {
  if (options.dump == Dump::kTokens) return dump_tokens_of(compilation);
  Result<bool> parsed = parse(compilation);
  if (!parsed || (!*parsed && options.dump != Dump::kAst)) return parsed;
  if (options.dump == Dump::kAst) {
    std::fputs(print_ast(*compilation.ast).c_str(), stdout);
    return *parsed;
  }
  if (!check(compilation)) return false;
  if (options.dump == Dump::kTypes) {
    std::fputs(print_types(compilation).c_str(), stdout);
    return true;
  }
  if (!elaborate(compilation, options)) return false;
  if (options.dump == Dump::kIr || !options.after_pass.empty()) {
    std::fputs(ir::print(*compilation.program).c_str(), stdout);
    return true;
  }
  if (options.dump == Dump::kP4Info) {
    const Result<std::string> text =
        control::p4info(codegen::describe(*compilation.program), control::P4InfoFormat::kText);
    if (!text) return fail(text.error());
    std::fputs(text->c_str(), stdout);
    return true;
  }
  const std::optional<codegen::Generated> generated = generate(compilation);
  if (!generated) return false;
  std::fputs(
      options.dump == Dump::kC ? generated->c_text.c_str() : print_plan(compilation, generated->manifest).c_str(),
      stdout);
  return true;
}

bool wants_dump(const DumpOptions& options) { return options.dump || !options.after_pass.empty(); }

/// What can be answered without a program; nothing if a program is needed.
std::optional<int> answer_about_passes(const DumpOptions& options) {
  std::vector<std::string> names;
  for (const ir::Pass& pass : ir::all_passes()) names.emplace_back(pass.name);
  if (options.list_passes) {
    for (const std::string& name : names) std::printf("%s\n", name.c_str());
    return kFine;
  }
  if (options.after_pass.empty() || std::find(names.begin(), names.end(), options.after_pass) != names.end())
    return std::nullopt;
  const std::string near = nearest_name(options.after_pass, names);
  report(Error{"there is no pass '" + options.after_pass + "'",
               near.empty() ? "--list-passes lists them" : "did you mean " + near + "?", 0});
  return kBadUsage;
}

}  // namespace

Result<bool> parse(Compilation& compilation) {
  if (compilation.options.standard == "p4-14") {
    return fail("P4_14 is not supported yet", "translate '" + compilation.options.file + "' to P4_16");
  }
  Result<ast::Ast> ast =
      parse_file(compilation.options.file, source_options(compilation), compilation.sources, compilation.diagnostics);
  if (!ast) return fail(ast.error());
  compilation.ast = std::move(*ast);
  return !compilation.diagnostics.has_errors();
}

bool check(Compilation& compilation) {
  compilation.typed.emplace(check_program(*compilation.ast, compilation.diagnostics));
  if (!compilation.diagnostics.has_errors()) arch::check_rules(*compilation.typed, compilation.diagnostics);
  check_warnings(*compilation.typed, compilation.diagnostics);
  return !compilation.diagnostics.has_errors();
}

bool elaborate(Compilation& compilation, const DumpOptions& dump) {
  arch::BuildOptions options;
  options.architecture = compilation.options.architecture;
  options.run_passes = dump.dump != Dump::kIr;
  options.stop_after = dump.after_pass;
  compilation.program =
      arch::build_program(*compilation.typed, compilation.options.file, options, compilation.diagnostics);
  return compilation.program.has_value();
}

std::optional<codegen::Generated> generate(Compilation& compilation, codegen::GenerateOptions options) {
  if (compilation.options.hook == "xdp") options.hook = codegen::HookChoice::kXdp;
  if (compilation.options.hook == "tc") options.hook = codegen::HookChoice::kTcIngress;
  if (compilation.options.hook == "tc-egress") options.hook = codegen::HookChoice::kTcEgress;
  std::optional<codegen::Generated> generated =
      codegen::generate(*compilation.program, options, compilation.diagnostics);
  if (!generated) return generated;
  generated->manifest.program = program_name(compilation.options.file);
  generated->manifest.source = compilation.options.file;
  return generated;
}

Result<bool> make_object(Compilation& compilation, const codegen::Generated& generated, const std::string& output,
                         bool& exceeds_stack, bool is_last) {
  object::CSource source;
  source.text = generated.c_text;
  source.extern_files = compilation.options.extern_files;
  object::CompilerOptions options;
  options.compiler = compilation.options.clang;
  const Result<object::CompileOutcome> outcome = object::compile_bpf(source, output, options);
  if (!outcome) return fail(outcome.error());
  exceeds_stack = !is_last && object::exceeds_stack(*outcome);
  if (!exceeds_stack) object::report_messages(*outcome, compilation.diagnostics);
  return outcome->ok;
}

Result<bool> make_program(Compilation& compilation) {
  Result<bool> parsed = parse(compilation);
  if (!parsed || !*parsed) return parsed;
  return check(compilation) && elaborate(compilation);
}

Result<bool> build(Compilation& compilation, const std::string& folder) {
  Result<bool> made = make_program(compilation);
  if (!made || !*made) return made;
  const std::string path = folder + "/" + program_name(compilation.options.file);
  if (Result<void> done = make_directories(folder); !done) return fail(done.error());
  std::optional<codegen::Generated> generated;
  Result<bool> compiled = false;
  // Once more where only the C compiler could find out that the stack does not hold the variables.
  for (codegen::GenerateOptions options;; options.shape = codegen::Shape::kScratch) {
    generated = generate(compilation, options);
    if (!generated) return false;
    if (Result<void> done = write_file(path + ".c", generated->c_text); !done) return fail(done.error());
    bool exceeds_stack = false;
    compiled =
        make_object(compilation, *generated, path + ".o", exceeds_stack, generated->shape == codegen::Shape::kScratch);
    if (!exceeds_stack) break;
  }
  if (!compiled || !*compiled) return compiled;
  const Result<std::string> source = source_of(compilation);
  if (!source) return fail(source.error());
  for (const auto& [suffix, text] :
       {std::pair(".json", manifest::to_json(generated->manifest)), {".source.json", *source}}) {
    if (Result<void> done = write_file(path + suffix, text); !done) return fail(done.error());
  }
  return true;
}

std::string program_name(const std::string& file) { return std::filesystem::path(file).stem().string(); }

int finish(const Compilation& compilation, const Result<bool>& good, DiagnosticPrinter& printer) {
  printer.print(compilation.diagnostics);
  if (!good) return printer.print(good.error());
  return *good && !compilation.diagnostics.has_errors() ? kFine : kWrong;
}

int check_source(const ProgramOptions& options, const DumpOptions& wanted) {
  if (const std::optional<int> status = answer_about_passes(wanted)) return *status;
  DiagnosticPrinter printer(options.diagnostics);
  Compilation compilation(options);
  if (wants_dump(wanted)) return finish(compilation, dump(compilation, wanted), printer);
  Result<bool> good = parse(compilation);
  if (good && *good) good = check(compilation);
  return finish(compilation, good, printer);
}

Result<void> write_p4info(const Compilation& compilation, const std::vector<std::string>& files) {
  const manifest::Manifest manifest = codegen::describe(*compilation.program);
  for (const std::string& file : files) {
    const Result<control::P4InfoFormat> format = control::p4info_format_of(file);
    if (!format) return fail(format.error());
    const Result<std::string> text = control::p4info(manifest, *format);
    if (!text) return fail(text.error());
    if (Result<void> done = write_file(file, *text); !done) return done;
  }
  return {};
}

int compile_source(const ProgramOptions& options, const DumpOptions& wanted, const std::string& folder,
                   const std::vector<std::string>& p4info_files) {
  if (const std::optional<int> status = answer_about_passes(wanted)) return *status;
  DiagnosticPrinter printer(options.diagnostics);
  Compilation compilation(options);
  if (wants_dump(wanted)) return finish(compilation, dump(compilation, wanted), printer);
  Result<bool> good = build(compilation, folder);
  if (good && *good) {
    std::vector<std::string> files = p4info_files;
    for (const char* suffix : {".txtpb", ".json", ".bin"})
      files.push_back(folder + "/" + program_name(options.file) + ".p4info" + suffix);
    if (const Result<void> done = write_p4info(compilation, files); !done) good = fail(done.error());
  }
  return finish(compilation, good, printer);
}

}  // namespace p4bpf::driver
