// Options of the verbs that read a P4 program (source_options.h).
#include "driver/source_options.h"

#include <CLI/CLI.hpp>

namespace p4bpf::driver {
namespace {

/// `-W no-unused`, `-Wno-unused`, `-Werror=unused`: CLI11 takes the rest of a short option for its value.
void add_warning_options(CLI::App& verb, DiagnosticOptions& options) {
  // CLI11 calls back in the order of definition: -Wno-error=KIND is an exception to --Werror.
  verb.add_flag_function(
      "--Werror", [&options](std::int64_t) { (void)options.warnings.apply("error"); }, "take warnings for errors");
  verb.add_option_function<std::vector<std::string>>(
          "-W",
          [&options](const std::vector<std::string>& words) {
            for (const std::string& word : words) {
              const Result<void> done = options.warnings.apply(word);
              if (!done) throw CLI::ValidationError("-W " + word, done.error().message + "; " + done.error().hint);
            }
          },
          "show warnings of this kind; no-KIND hides them, error=KIND takes them for errors, no-error=KIND does not; "
          "all, none and error speak of all kinds; 'p4bpf explain' lists them")
      ->type_name("KIND")
      ->allow_extra_args(false);
}

}  // namespace

void add_diagnostic_options(CLI::App& verb, DiagnosticOptions& options) {
  add_warning_options(verb, options);
  const std::map<std::string, DiagnosticFormat> formats = {
      {"text", DiagnosticFormat::kText}, {"json", DiagnosticFormat::kJson}, {"sarif", DiagnosticFormat::kSarif}};
  verb.add_option_function<std::string>(
          "--diagnostics", [&options, formats](const std::string& name) { options.format = formats.at(name); },
          "how errors and warnings are printed on standard error: text, json (one object a line) or sarif (one "
          "document)")
      ->check(CLI::IsMember({"text", "json", "sarif"}))
      ->type_name("FORMAT");
  verb.add_option("--max-errors", options.max_errors, "show so many errors as text; 0 shows all")
      ->type_name("N")
      ->capture_default_str();
}

void add_source_options(CLI::App& verb, ProgramOptions& options, const std::string& program_name) {
  verb.add_option(program_name, options.file, "the P4 program")->required()->type_name("FILE");
  verb.add_option("--std", options.standard, "language of the program: p4-16 or p4-14")
      ->check(CLI::IsMember({"p4-14", "p4-16"}))
      ->capture_default_str();
  verb.add_option("-I", options.include_directories, "look for included files in DIR as well")
      ->type_name("DIR")
      ->allow_extra_args(false);
  verb.add_option("-D", options.defines, "define a macro")->type_name("NAME[=VALUE]")->allow_extra_args(false);
  verb.add_option("-U", options.undefines, "forget a macro")->type_name("NAME")->allow_extra_args(false);
  add_diagnostic_options(verb, options.diagnostics);
}

void add_target_options(CLI::App& verb, ProgramOptions& options) {
  verb.add_option("--arch", options.architecture,
                  "architecture of the program; by default the one that main instantiates")
      ->type_name("NAME");
  verb.add_option("--hook", options.hook, "where in the kernel the program runs; tc means ingress")
      ->check(CLI::IsMember({"auto", "xdp", "tc", "tc-egress"}))
      ->capture_default_str();
  verb.add_option("--clang", options.clang, "the C compiler; by default $P4BPF_CLANG, then clang-19")
      ->type_name("PROGRAM");
  verb.add_option("--extern", options.extern_files, "C file with the bodies of extern functions")
      ->type_name("FILE.c")
      ->allow_extra_args(false);
}

void add_dump_options(CLI::App& verb, DumpOptions& options) {
  const std::map<std::string, Dump> names = {{"tokens", Dump::kTokens}, {"ast", Dump::kAst},   {"types", Dump::kTypes},
                                             {"ir", Dump::kIr},         {"plan", Dump::kPlan}, {"c", Dump::kC},
                                             {"p4info", Dump::kP4Info}};
  verb.add_option_function<std::string>(
          "--dump", [&options, names](const std::string& name) { options.dump = names.at(name); },
          "print what the compiler knows after this step and stop")
      ->check(CLI::IsMember({"tokens", "ast", "types", "ir", "p4info", "plan", "c"}))
      ->type_name("STEP");
  verb.add_option("--dump-after", options.after_pass, "print the IR after this pass and stop")->type_name("PASS");
  verb.add_flag("--list-passes", options.list_passes, "list the passes in the order in which they run");
}

}  // namespace p4bpf::driver
