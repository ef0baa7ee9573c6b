// Compiles if need be, loads, pins and attaches (load_program.h); answers the verifier at the P4 line.
#include "driver/load_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "control/runtime_file.h"
#include "driver/command.h"
#include "driver/diagnostic_printer.h"
#include "driver/kept_source.h"
#include "driver/pipeline.h"

namespace p4bpf::driver {
namespace {

/// An object and what there is to say about it.
struct Object {
  std::string file;
  manifest::Manifest manifest;
  std::string source;             // as kept_source.h has it; "" where it is not beside the object
  std::optional<TempDir> folder;  // where it lies, if we made it
};

Result<Object> read_object(const std::string& file) {
  std::filesystem::path json_file(file);
  json_file.replace_extension(".json");
  const Result<std::string> object = read_file(file);
  if (!object) return fail(object.error());
  const Result<std::string> json = read_file(json_file.string());
  if (!json) return fail(json.error().message, "the manifest lies beside the object: p4bpf compile writes both");
  Result<manifest::Manifest> manifest = manifest::from_json(*json);
  if (!manifest) return fail(json_file.string() + ": " + manifest.error().message, manifest.error().hint);
  const Result<std::string> source = read_file(json_file.replace_extension(".source.json").string());
  return Object{file, std::move(*manifest), source.value_or(""), std::nullopt};
}

/// The text of line `number` (from 1) of a file, from its first character that is no space; nowhere if there is none.
Span span_of_line(SourceMap& sources, const std::string& file, std::uint32_t number) {
  Result<std::string> text = read_file(file);
  if (!text) return {};
  const Loc begin = sources.add_file(file, *text);
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < number && at != std::string::npos; ++line) {
    at = text->find('\n', at);
    if (at != std::string::npos) ++at;
  }
  if (at == std::string::npos || at >= text->size()) return {};
  const std::size_t end = std::min(text->find('\n', at), text->size());
  const std::size_t first = std::min(text->find_first_not_of(" \t", at), end);
  const auto offset = [&](std::size_t place) { return Loc{begin.offset + static_cast<std::uint32_t>(place)}; };
  return Span{offset(first), offset(end)};
}

/// The verifier's reason at the P4 line that it was looking at.
int report_rejection(const runtime::LoadOutcome& outcome, const manifest::Manifest& manifest,
                     DiagnosticPrinter& printer) {
  const runtime::Rejection& rejection = *outcome.rejection;
  // The kernel prints base names.
  const bool is_main = std::filesystem::path(manifest.source).filename() == rejection.file;
  const std::string file = is_main ? manifest.source : rejection.file;
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const Span span = is_main ? span_of_line(sources, file, rejection.line) : Span{};
  std::string message = "the kernel's verifier refuses the program: " + rejection.reason;
  if (!span && !rejection.file.empty()) message = fmt::format("{}:{}: {}", file, rejection.line, message);
  Diagnostic& diagnostic = diagnostics.report(DiagnosticKind::kRejectedByVerifier, span, std::move(message));
  if (!span && !rejection.text.empty()) diagnostic.notes.push_back({{}, "it names the line: " + rejection.text});
  const char* const log_file = std::getenv("P4BPF_VERIFIER_LOG");
  if (log_file == nullptr) diagnostic.notes.push_back({{}, "P4BPF_VERIFIER_LOG=FILE keeps the whole log"});
  printer.print(diagnostics);
  if (log_file == nullptr) return kWrong;
  if (const Result<void> written = write_file(log_file, outcome.verifier_log); !written) printer.print(written.error());
  return kWrong;
}

Loaded failed(int status) {
  Loaded loaded;
  loaded.status = status;
  return loaded;
}

/// Compiles into a temporary folder; a status where that fails.
std::variant<Object, int> build_object(const ProgramOptions& program, DiagnosticPrinter& printer) {
  Compilation compilation(program);
  Result<TempDir> folder = TempDir::create();
  if (!folder) return printer.print(folder.error());
  const int status = finish(compilation, build(compilation, folder->path()), printer);
  if (status != kFine) return status;
  Result<Object> object = read_object(folder->file(program_name(program.file) + ".o"));
  if (!object) return printer.print(object.error());
  object->folder = std::move(*folder);
  return std::move(*object);
}

/// What the user's run-time file says; nothing if there is none. Checked before anything is loaded.
Result<std::optional<control::RuntimeFile>> read_runtime(const InstanceOptions& options,
                                                         const manifest::Manifest& manifest) {
  if (options.runtime_file.empty()) return std::nullopt;
  const Result<std::string> text = read_file(options.runtime_file);
  if (!text) return fail(text.error());
  const auto port_of = [ports = options.ports()](std::string_view name) -> std::optional<std::uint32_t> {
    for (const runtime::PortBinding& binding : ports) {
      if (binding.interface == name) return binding.port;
    }
    return std::nullopt;
  };
  Result<control::RuntimeFile> changes = control::read_runtime_file(manifest, *text, options.runtime_file, port_of);
  if (!changes) return fail(changes.error());
  return std::move(*changes);
}

}  // namespace

Loaded load_program(const ProgramOptions& program, const InstanceOptions& options) {
  DiagnosticPrinter printer(program.diagnostics);
  std::optional<Object> object;
  if (program.file.ends_with(".o")) {
    Result<Object> read = read_object(program.file);
    if (!read) return failed(printer.print(read.error()));
    object = std::move(*read);
  } else {
    std::variant<Object, int> made = build_object(program, printer);
    if (const int* const status = std::get_if<int>(&made)) return failed(*status);
    object = std::move(std::get<Object>(made));
  }
  const Result<std::optional<control::RuntimeFile>> changes = read_runtime(options, object->manifest);
  if (!changes) return failed(printer.print(changes.error()));
  const std::string name = options.name.empty() ? instance_name_for(object->manifest.program) : options.name;
  Result<runtime::LoadOutcome> outcome = runtime::LoadedObject::load(object->file, object->manifest);
  if (!outcome) return failed(printer.print(outcome.error()));
  if (outcome->rejection) return failed(report_rejection(*outcome, object->manifest, printer));
  Loaded loaded;
  loaded.stats = outcome->object->stats();
  Result<runtime::Instance> instance = runtime::Instance::create(name, *outcome->object);
  if (!instance) return failed(printer.print(instance.error()));
  std::vector<std::string> warnings;
  Result<void> ready;
  if (!object->source.empty() && !instance->keep_text(kKeptSource, object->source))
    warnings.push_back("the source is too large to be kept, so 'p4bpf trace " + name + "' will not work");
  if (*changes) ready = control::apply_runtime_file(*instance, **changes, options.runtime_file, warnings);
  if (ready) ready = instance->attach(options.ports(), options.attach_options(), warnings);
  print_warnings(warnings);
  if (!ready) {
    const int status = printer.print(ready.error());
    instance->unlock();
    (void)runtime::unload(name);
    return failed(status);
  }
  loaded.instance = std::move(*instance);
  return loaded;
}

}  // namespace p4bpf::driver
