// The text files that are built into the binary: p4include/ and the headers of generated C.
#pragma once

#include <string_view>
#include <vector>

namespace p4bpf {

struct EmbeddedFile {
  std::string_view path;  // as in the repository: "p4include/core.p4"
  std::string_view text;
};

/// All of them; defined in a file that the build generates (tools/embed.cmake).
const std::vector<EmbeddedFile>& embedded_files();

}  // namespace p4bpf
