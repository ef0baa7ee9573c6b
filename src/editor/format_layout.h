// The last step of the formatter: lines to text, too long ones folded, columns that the author aligned aligned again.
#pragma once

#include <string>
#include <vector>

#include "editor/format.h"
#include "editor/format_pieces.h"
#include "editor/format_structure.h"

namespace p4bpf::editor {

std::string lay_out(const std::vector<Piece>& pieces, const std::vector<Line>& lines, const FormatOptions& options);

/// For each piece how many spaces more than usual stand before it, so that columns which the author aligned stay
/// aligned.
std::vector<std::size_t> find_padding(const std::vector<Piece>& pieces, const std::vector<Line>& lines,
                                      const FormatOptions& options);

}  // namespace p4bpf::editor
