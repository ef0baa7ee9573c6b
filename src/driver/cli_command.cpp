// p4bpf cli: the reference software switch's command language, from a file, from standard input or typed.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <optional>

#include "base/files.h"
#include "control/switch_cli/session.h"
#include "control/target.h"
#include "driver/command.h"
#include "driver/line_editor.h"

namespace p4bpf::driver {
namespace {

using namespace control;

constexpr const char* kPrompt = "RuntimeCmd: ";

std::optional<std::string> read_plainly() {
  std::fputs(kPrompt, stdout);
  std::fflush(stdout);
  std::string line;
  return std::getline(std::cin, line) ? std::optional(line) : std::nullopt;
}

/// A line at a time, from a terminal, until its end. Between the lines others may change the instance.
int talk(const std::string& name, const manifest::Manifest& manifest) {
  std::optional<LineEditor> editor;
  if (isatty(STDOUT_FILENO) != 0)
    editor.emplace(kPrompt, [&](std::string_view line) { return switch_cli::complete(manifest, line); });
  while (const std::optional<std::string> line = editor ? editor->read() : read_plainly()) {
    if (*line == "exit" || *line == "quit" || *line == "EOF") return kFine;
    const Result<std::string> out = switch_cli::run_line(name, *line);
    if (!out) report(out.error());
    if (out) std::fputs(out->c_str(), stdout);
  }
  std::fputs("\n", stdout);
  return kFine;
}

int run_file(const std::string& name, const std::string& file, bool keep_going) {
  const bool is_input = file.empty() || file == "-";
  const Result<std::string> text =
      is_input ? Result<std::string>(std::string(std::istreambuf_iterator<char>(std::cin), {})) : read_file(file);
  if (!text) return report(text.error());
  const Result<switch_cli::FileResult> result =
      switch_cli::run_file(name, *text, is_input ? "standard input" : file, keep_going);
  if (!result) return report(result.error());
  std::fputs(result->out.c_str(), stdout);
  int status = kFine;
  for (const Error& error : result->errors) status = report(error);
  if (!result->errors.empty() && !keep_going)
    std::fputs("no entry was changed; --keep-going does what can be done\n", stderr);
  return status;
}

/// The instance is open for no longer than that: meanwhile nobody else could change it.
Result<manifest::Manifest> manifest_of(const std::string& name) {
  const Result<runtime::Instance> instance = open_instance(name);
  if (!instance) return fail(instance.error());
  return instance->manifest();
}

int cli(const std::string& name, const std::string& file, bool keep_going) {
  if (file.empty() && isatty(STDIN_FILENO) != 0) {
    const Result<manifest::Manifest> manifest = manifest_of(name);
    return manifest ? talk(name, *manifest) : report(manifest.error());
  }
  return run_file(name, file, keep_going);
}

}  // namespace

void add_cli_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(
      app, "cli", "run commands in the language of the reference software switch: table_add, register_read, ...",
      "cli r1 commands.txt\ncli r1\ncli r1 < commands.txt");
  const auto name = std::make_shared<std::string>();
  const auto file = std::make_shared<std::string>();
  const auto keep_going = std::make_shared<bool>(false);
  verb->add_option("NAME", *name, "the instance")->required();
  verb->add_option("FILE", *file, "a command a line; else from the terminal or from standard input");
  verb->add_flag("--keep-going", *keep_going, "pass over commands that fail; by default a file changes nothing then");
  on_chosen(*verb, chosen, [=] { return cli(*name, *file, *keep_going); });
}

}  // namespace p4bpf::driver
