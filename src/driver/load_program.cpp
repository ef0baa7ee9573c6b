#include "driver/load_program.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "driver/command.h"
#include "driver/pipeline.h"

namespace p4bpf::driver {
namespace {

/// An object and what there is to say about it.
struct Object {
  std::string file;
  manifest::Manifest manifest;
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
  return Object{file, std::move(*manifest), std::nullopt};
}

/// The verifier's reason at the P4 line that it was looking at.
int report_rejection(const runtime::LoadOutcome& outcome) {
  const runtime::Rejection& rejection = *outcome.rejection;
  const std::string place = rejection.file.empty() ? "" : fmt::format("{}:{}:1: ", rejection.file, rejection.line);
  std::fprintf(stderr, "%serror: the kernel's verifier refuses the program: %s [rejected-by-verifier]\n", place.c_str(),
               rejection.reason.c_str());
  if (!rejection.text.empty()) std::fprintf(stderr, "  %s\n", rejection.text.c_str());
  const char* const log_file = std::getenv("P4BPF_VERIFIER_LOG");
  if (log_file == nullptr) {
    std::fprintf(stderr, "help: P4BPF_VERIFIER_LOG=FILE keeps the whole log\n");
  } else if (const Result<void> written = write_file(log_file, outcome.verifier_log); !written) {
    report(written.error());
  }
  return kWrong;
}

Loaded failed(int status) {
  Loaded loaded;
  loaded.status = status;
  return loaded;
}

/// Compiles into a temporary folder; a status where that fails.
std::variant<Object, int> build_object(const ProgramOptions& program) {
  Compilation compilation(program);
  Result<TempDir> folder = TempDir::create();
  if (!folder) return report(folder.error());
  const Result<bool> built = build(compilation, folder->path());
  const int status = print_diagnostics(compilation);
  if (!built) return report(built.error());
  if (!*built) return status == kFine ? static_cast<int>(kWrong) : status;
  Result<Object> object = read_object(folder->file(program_name(program.file) + ".o"));
  if (!object) return report(object.error());
  object->folder = std::move(*folder);
  return std::move(*object);
}

}  // namespace

Loaded load_program(const ProgramOptions& program, const InstanceOptions& options) {
  std::optional<Object> object;
  if (program.file.ends_with(".o")) {
    Result<Object> read = read_object(program.file);
    if (!read) return failed(report(read.error()));
    object = std::move(*read);
  } else {
    std::variant<Object, int> made = build_object(program);
    if (const int* const status = std::get_if<int>(&made)) return failed(*status);
    object = std::move(std::get<Object>(made));
  }
  const std::string name = options.name.empty() ? instance_name_for(object->manifest.program) : options.name;
  Result<runtime::LoadOutcome> outcome = runtime::LoadedObject::load(object->file, object->manifest);
  if (!outcome) return failed(report(outcome.error()));
  if (outcome->rejection) return failed(report_rejection(*outcome));
  Loaded loaded;
  loaded.stats = outcome->object->stats();
  Result<runtime::Instance> instance = runtime::Instance::create(name, *outcome->object);
  if (!instance) return failed(report(instance.error()));
  std::vector<std::string> warnings;
  const Result<void> attached = instance->attach(options.ports(), options.attach_options(), warnings);
  print_warnings(warnings);
  if (!attached) {
    const int status = report(attached.error());
    instance->unlock();
    (void)runtime::unload(name);
    return failed(status);
  }
  loaded.instance = std::move(*instance);
  return loaded;
}

}  // namespace p4bpf::driver
