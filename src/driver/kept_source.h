// What a program was compiled from: its options and the text of every file that was read, as one JSON text. It lies
// beside the object as PROG.source.json and is kept with the instance, so that a program that runs can be compiled once
// more in another form.
#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "driver/pipeline.h"

namespace p4bpf::driver {

/// The text of an instance with it (Instance::keep_text).
constexpr const char* kKeptSource = "source";

/// Of a program that has been compiled.
Result<std::string> source_of(const Compilation& compilation);

/// A compilation of what is kept: reads no file of that time, wherever it is now.
class KeptCompilation {
 public:
  static Result<KeptCompilation> create(const std::string& source);
  Compilation& compilation() { return *compilation_; }

 private:
  KeptCompilation() = default;
  std::optional<TempDir> folder_;  // with the C files
  std::unique_ptr<Compilation> compilation_;
};

}  // namespace p4bpf::driver
