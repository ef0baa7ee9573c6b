// `p4bpf fmt`: P4_16 text to the same text in the common style.
//
// It works on the tokens as they are written, not on the Ast: comments, `#` lines and uses of macros are no part of a
// tree, and a file that includes what is missing here can be formatted too. Tokens, comments and `#` lines come out as
// they went in and in their order; only the white space between them changes. Formatting what was formatted changes
// nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/diagnostics.h"

namespace p4bpf::editor {

struct FormatOptions {
  std::size_t width = 120;  // columns that a line should not pass
  std::size_t indent = 4;   // spaces for each level
};

/// The text of the file that begins at `file` (SourceMap::add_file gave it), formatted. A file whose brackets do not
/// pair up, or with a comment or string without end, is refused: nothing, and diagnostics say where.
std::optional<std::string> format(Loc file, const FormatOptions& options, Diagnostics& diagnostics);

}  // namespace p4bpf::editor
