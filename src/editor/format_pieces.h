// The first step of the formatter: text to pieces, which are tokens, comments and `#` lines in their order. Nothing of
// the text is lost but white space.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "frontend/token.h"

namespace p4bpf::editor {

enum class PieceKind : std::uint8_t { kToken, kLineComment, kBlockComment, kDirective };

/// What a `#` line does to the structure around it.
enum class DirectiveKind : std::uint8_t { kOther, kIf, kElse, kEndif };

/// What the structure found out about a token.
enum class Role : std::uint8_t {
  kPlain,
  kOpenAngle,
  kCloseAngle,
  kCastClose,  // `)` of (bit<8>)x
  kUnary,
  kBinary,
  kAssign,
  kLabelColon,
  kTernary,     // `?` and its `:`
  kSliceColon,  // x[7:0]
  kOpenBlock,   // `{` whose content stands on lines of its own
  kAnnotated,   // within the parentheses of an annotation: white space as written
};

struct Piece {
  PieceKind kind = PieceKind::kToken;
  TokenKind token = TokenKind::kEnd;
  DirectiveKind directive = DirectiveKind::kOther;
  /// `#if 0`: the text up to its #else or #endif is part of the piece, whatever it is.
  bool leaves_out = false;
  /// `@pragma` and the rest of its line in one piece: its end is the line's end.
  bool is_pragma = false;
  std::string text;
  Span span;
  std::size_t newlines = 0;  // in the white space before
  std::size_t spaces = 0;    // columns of white space before it on its line
  std::size_t column = 0;    // in the source, from 0

  // Found out by the structure:
  Role role = Role::kPlain;
  bool space = false;   // a space before it, unless a line begins
  bool breaks = false;  // a line must begin before it

  bool is_comment() const { return kind == PieceKind::kLineComment || kind == PieceKind::kBlockComment; }
  bool is(TokenKind wanted) const { return kind == PieceKind::kToken && token == wanted; }
};

/// Nothing, and diagnostics, if a comment, a string or an `#if` has no end.
std::optional<std::vector<Piece>> cut_pieces(Loc file, Diagnostics& diagnostics);

}  // namespace p4bpf::editor
