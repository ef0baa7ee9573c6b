// The command language of the reference software switch's own command-line tool, over a running instance: a line, a
// command. Existing files of commands run as they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"

namespace p4bpf::control::switch_cli {

std::vector<std::string> command_names();
/// The words behind a command's name, "TABLE HANDLE"; "" if there is none of that name.
std::string usage_of(const std::string& command);
/// What the last word of a line that is being typed may become.
std::vector<std::string> complete(const manifest::Manifest& manifest, std::string_view line);

/// Runs one line on the instance; what it prints. An empty line or a comment (#) does nothing.
Result<std::string> run_line(const std::string& instance_name, const std::string& line);

struct FileResult {
  std::string out;            // of the commands that ran
  std::vector<Error> errors;  // each begins with FILE:LINE
};
/// Runs a whole file. Every line is checked before the first one runs, and entries are changed in copies of the tables
/// that are put in their place at the end: if a line fails, no entry has changed. With `keep_going` each line stands
/// for itself and those that fail are passed over.
Result<FileResult> run_file(const std::string& instance_name, std::string_view text, const std::string& file,
                            bool keep_going);

}  // namespace p4bpf::control::switch_cli
