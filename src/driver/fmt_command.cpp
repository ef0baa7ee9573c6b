// p4bpf fmt: P4 source text in the common style.
#include <CLI/CLI.hpp>
#include <iostream>
#include <iterator>

#include "base/files.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "editor/format.h"

namespace p4bpf::driver {
namespace {

struct FmtOptions {
  std::vector<std::string> files;
  bool check = false;
  bool in_place = false;
  editor::FormatOptions style;
  DiagnosticOptions diagnostics;
};

Result<std::string> read_source(const std::string& name) {
  if (name != "-") return read_file(name);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

int format_file(const std::string& name, const FmtOptions& options, DiagnosticPrinter& printer) {
  Result<std::string> text = read_source(name);
  if (!text) return printer.print(text.error());
  SourceMap sources;
  const Loc begin = sources.add_file(name == "-" ? "<stdin>" : name, *text);
  Diagnostics diagnostics(sources);
  const std::optional<std::string> formatted = editor::format(begin, options.style, diagnostics);
  if (!formatted) {
    printer.print(diagnostics);
    return kWrong;
  }
  if (options.check) {
    if (*formatted == *text) return kFine;
    std::cout << name << '\n';
    return kWrong;
  }
  if (!options.in_place || name == "-") {
    std::cout << *formatted;
    return kFine;
  }
  if (*formatted == *text) return kFine;
  const Result<void> written = write_file(name, *formatted);
  return written ? kFine : printer.print(written.error());
}

int format_files(const FmtOptions& options) {
  if (options.files.size() > 1 && !options.check && !options.in_place) {
    std::cerr << "p4bpf: error: several files need --in-place or --check\n";
    return kBadUsage;
  }
  DiagnosticPrinter printer(options.diagnostics);
  int status = kFine;
  for (const std::string& name : options.files) status = std::max(status, format_file(name, options, printer));
  return status;
}

}  // namespace

void add_fmt_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "fmt", "format P4 source text, comments and '#' lines kept",
                                  "fmt router.p4\nfmt -i *.p4\nfmt --check src/*.p4\nfmt --width 80 - < router.p4");
  const auto options = std::make_shared<FmtOptions>();
  verb->add_option("files", options->files, "the P4 files; '-' is standard input")->type_name("FILE")->required();
  CLI::Option* const check =
      verb->add_flag("--check", options->check, "change nothing; name the files that would change, status 1 if any");
  verb->add_flag("-i,--in-place", options->in_place,
                 "write each file back; without it, one file goes to standard output")
      ->excludes(check);
  verb->add_option("--width", options->style.width, "columns that a line should not pass")
      ->check(CLI::Range(20, 1000))
      ->capture_default_str();
  verb->add_option("--indent", options->style.indent, "spaces for each level")
      ->check(CLI::Range(0, 16))
      ->capture_default_str();
  add_diagnostic_options(*verb, options->diagnostics);
  on_chosen(*verb, chosen, [options] { return format_files(*options); });
}

}  // namespace p4bpf::driver
