// Texts and options as JSON and back (kept_source.h).
#include "driver/kept_source.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace p4bpf::driver {

using Json = nlohmann::ordered_json;

Result<std::string> source_of(const Compilation& compilation) {
  const ProgramOptions& options = compilation.options;
  Json files = Json::object(), externs = Json::object();
  for (const auto& [name, text] : compilation.files) files[name] = text;
  for (const std::string& name : options.extern_files) {
    Result<std::string> text = read_file(name);
    if (!text) return text;
    externs[name] = std::move(*text);
  }
  const Json json = {{"file", options.file},
                     {"include_directories", options.include_directories},
                     {"defines", options.defines},
                     {"undefines", options.undefines},
                     {"architecture", options.architecture},
                     {"hook", options.hook},
                     {"clang", options.clang},
                     {"files", std::move(files)},
                     {"extern_files", std::move(externs)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<KeptCompilation> KeptCompilation::create(const std::string& source) {
  KeptCompilation made;
  try {
    const Json json = Json::parse(source);
    ProgramOptions options;
    options.file = json.at("file");
    options.include_directories = json.at("include_directories");
    options.defines = json.at("defines");
    options.undefines = json.at("undefines");
    options.architecture = json.at("architecture");
    options.hook = json.at("hook");
    options.clang = json.at("clang");
    for (const auto& [name, text] : json.at("extern_files").items()) {
      if (!made.folder_) {
        Result<TempDir> folder = TempDir::create();
        if (!folder) return fail(folder.error());
        made.folder_ = std::move(*folder);
      }
      const std::string number = std::to_string(options.extern_files.size());
      options.extern_files.push_back(
          made.folder_->file(number + "_" + std::filesystem::path(name).filename().string()));
      if (Result<void> done = write_file(options.extern_files.back(), text.get<std::string>()); !done)
        return fail(done.error());
    }
    made.compilation_ = std::make_unique<Compilation>(std::move(options));
    for (const auto& [name, text] : json.at("files").items()) made.compilation_->files[name] = text;
    made.compilation_->reads_disk = false;
  } catch (const Json::exception& fault) {
    return fail(std::string("the kept source is damaged: ") + fault.what());
  }
  return made;
}

}  // namespace p4bpf::driver
