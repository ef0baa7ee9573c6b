// The formatter's three steps: pieces, lines, layout.
#include "editor/format.h"

#include <algorithm>

#include "editor/format_layout.h"
#include "editor/format_pieces.h"
#include "editor/format_structure.h"

namespace p4bpf::editor {
namespace {

/// A file of CR LF stays one.
std::string with_line_ends_of(std::string_view original, std::string text) {
  std::size_t returns = 0;
  for (std::size_t at = original.find("\r\n"); at != std::string_view::npos; at = original.find("\r\n", at + 2))
    ++returns;
  if (returns == 0 || returns != static_cast<std::size_t>(std::count(original.begin(), original.end(), '\n')))
    return text;
  std::string out;
  for (const char c : text) {
    if (c == '\n' && (out.empty() || out.back() != '\r')) out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

std::optional<std::string> format(Loc file, const FormatOptions& options, Diagnostics& diagnostics) {
  std::optional<std::vector<Piece>> pieces = cut_pieces(file, diagnostics);
  if (!pieces) return std::nullopt;
  const std::optional<std::vector<Line>> lines = find_lines(*pieces, options, diagnostics);
  if (!lines) return std::nullopt;
  return with_line_ends_of(diagnostics.sources().file_text(file), lay_out(*pieces, *lines, options));
}

}  // namespace p4bpf::editor
