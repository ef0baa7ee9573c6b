// The promises of the formatter as one question, for the unit test and the fuzzer.
#pragma once

#include <string>

#include "editor/format.h"
#include "editor/format_pieces.h"

namespace p4bpf::editor {

/// The tokens, comments and `#` lines of a text, one a line; white space at the beginnings of a comment's lines apart.
inline std::string skeleton(const std::string& text) {
  SourceMap sources;
  const Loc begin = sources.add_file("text.p4", text);
  Diagnostics diagnostics(sources);
  const auto pieces = cut_pieces(begin, diagnostics);
  std::string out = pieces ? "" : "refused";
  if (!pieces) return out;
  for (const Piece& piece : *pieces) {
    bool at_start = false;
    for (const char c : piece.text) {
      if (c == '\r' || (piece.is_comment() && at_start && (c == ' ' || c == '\t'))) continue;
      out += c;
      at_start = c == '\n';
    }
    out += '\n';
  }
  return out;
}

/// Which promise does not hold for `text`, "" if all do. What is refused breaks none.
inline std::string broken_promise(const std::string& text, const FormatOptions& options) {
  SourceMap sources;
  Diagnostics diagnostics(sources);
  const auto once = format(sources.add_file("once.p4", text), options, diagnostics);
  if (!once) return diagnostics.has_errors() ? "" : "refused without a word";
  if (skeleton(*once) != skeleton(text)) return "other tokens or comments:\n" + *once;
  const auto twice = format(sources.add_file("twice.p4", *once), options, diagnostics);
  if (!twice) return "formatted once, it is refused:\n" + *once;
  if (*twice != *once) return "not idempotent:\n" + *once + "\n---- and then\n" + *twice;
  return "";
}

}  // namespace p4bpf::editor
