// The second step of the formatter: which pieces share a line, how deep it stands, and where spaces are.
//
// An item is a declaration, a statement, a field, a case. A line is an item, or its part up to a `{` whose content
// stands on lines of its own, or what follows the `}`. A line is as long as it likes here; the layout folds it.
#pragma once

#include <optional>
#include <vector>

#include "editor/format.h"
#include "editor/format_pieces.h"

namespace p4bpf::editor {

struct Line {
  std::size_t begin = 0;  // pieces [begin, end)
  std::size_t end = 0;
  std::size_t indent = 0;  // levels
  bool continues = false;  // begins amid an item, behind a `#` line
  bool loose = false;      // holds `#` lines amid an item: its author's line breaks stand
};

/// Fills in what the pieces know of themselves. Nothing, and a diagnostic, if brackets do not pair up.
std::optional<std::vector<Line>> find_lines(std::vector<Piece>& pieces, const FormatOptions& options,
                                            Diagnostics& diagnostics);

/// Marks `<` at `open`, what nests in it, and their `>` as brackets of type arguments, if they are. `in_declaration`:
/// nothing is compared where it stands.
void mark_type_arguments(std::vector<Piece>& pieces, std::size_t open, bool in_declaration);

/// Whether a space stands between two tokens that are neighbours but for comments. `operand` says whether `before`
/// ends an operand.
bool space_between(const Piece& before, const Piece& after, bool operand);

/// How tightly a binary operator binds, from 2; 0 if the token is none.
int precedence(TokenKind kind);

/// The next token from `at` on, past comments and `#` lines; kEnd behind the last.
TokenKind next_token(const std::vector<Piece>& pieces, std::size_t at);

}  // namespace p4bpf::editor
