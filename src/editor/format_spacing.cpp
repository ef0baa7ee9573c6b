// Spaces between tokens, and which `<` are brackets.
#include <algorithm>

#include "editor/format_structure.h"
#include "frontend/lexer.h"

namespace p4bpf::editor {
namespace {

using enum TokenKind;

bool any_of(TokenKind kind, std::initializer_list<TokenKind> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// Whether the two, written without a space, are read as something else.
bool merge(const std::string& before, const std::string& after) {
  const std::string both = before + after;
  return Lexer(both, Loc{1}).next().text.size() != before.size();
}

bool closes(const Piece& piece) { return any_of(piece.token, {kRightParen, kRightBracket, kRightBrace}); }

bool wants_space(const Piece& before, const Piece& after, bool operand) {
  if (after.role == Role::kAnnotated) return after.spaces + after.newlines != 0;
  if (before.role == Role::kUnary || before.role == Role::kCastClose || before.role == Role::kOpenAngle) return false;
  if (before.role == Role::kSliceColon || after.role == Role::kSliceColon) return false;
  if (after.role == Role::kOpenBlock) return true;
  if (before.role == Role::kOpenBlock) return after.token != kRightBrace;
  if (after.role == Role::kOpenAngle || after.role == Role::kCloseAngle) return false;
  // `>` `>` is a shift.
  if (before.role == Role::kBinary && after.role == Role::kBinary) return false;
  if (any_of(after.token, {kSemicolon, kComma, kRightParen, kRightBracket}) || after.role == Role::kLabelColon)
    return false;
  if (any_of(before.token, {kLeftParen, kLeftBracket, kDot, kAt})) return false;
  if (before.token == kRange || after.token == kRange) return false;
  if (after.token == kRightBrace) return before.token != kLeftBrace;
  if (after.token == kDot) return !operand;
  if (after.token == kLeftBracket) return !(operand || closes(before));
  if (after.token != kLeftParen) return true;
  if (before.role == Role::kCloseAngle || closes(before)) return false;
  return !is_word(before.token) || any_of(before.token, {kIf, kFor, kSwitch, kReturn, kIn, kTransition, kElse});
}

/// Where the search for the `>` of a `<` ended: its place and what was passed.
struct Arguments {
  std::size_t close = 0;
  bool has_comma = false;
  bool has_type = false;    // what can only be a type
  bool has_number = false;  // outside bit<>, where no type can be a number
  std::vector<std::size_t> brackets;
};

bool takes_width(TokenKind kind) { return any_of(kind, {kBit, kInt, kVarbit}); }
bool is_type_keyword(TokenKind kind) {
  return takes_width(kind) || any_of(kind, {kTuple, kList, kValueSet, kBool, kVoid, kString, kError});
}

/// Passes over parentheses; `at` is the opening one. The closing one, or the end.
std::size_t close_of(const std::vector<Piece>& pieces, std::size_t at) {
  std::size_t depth = 0;
  for (; at < pieces.size() && pieces[at].kind != PieceKind::kDirective; ++at) {
    if (pieces[at].is(kLeftParen)) ++depth;
    if (pieces[at].is(kRightParen) && --depth == 0) return at;
    if (any_of(pieces[at].token, {kSemicolon, kLeftBrace, kRightBrace})) break;
  }
  return pieces.size();
}

std::optional<Arguments> find_arguments(const std::vector<Piece>& pieces, std::size_t open, TokenKind before) {
  Arguments found;
  std::vector<TokenKind> owners;  // what stands before each `<` that is open
  TokenKind previous = before;
  // No list of types is longer, and a<a<a<... must not be read once for each of its `<`.
  const std::size_t end = std::min(pieces.size(), open + 1000);
  for (std::size_t at = open; at < end; ++at) {
    const Piece& piece = pieces[at];
    if (piece.is_comment()) continue;
    if (piece.kind == PieceKind::kDirective || piece.is_pragma) return std::nullopt;
    const TokenKind token = piece.token;
    if (token == kLess && is_word(previous)) {
      owners.push_back(previous);
      found.brackets.push_back(at);
    } else if (token == kGreater) {
      owners.pop_back();
      found.brackets.push_back(at);
      found.close = at;
      if (owners.empty()) return found;
    } else if (token == kLeftParen && takes_width(owners.back())) {
      at = close_of(pieces, at);
    } else if (token == kComma || token == kInteger) {
      found.has_comma |= token == kComma && owners.size() == 1;
      found.has_number |= token == kInteger && !takes_width(owners.back());
    } else if (!is_word(token) && token != kDot && token != kLeftBracket && token != kRightBracket) {
      return std::nullopt;
    }
    found.has_type |= is_type_keyword(token);
    previous = token;
  }
  return std::nullopt;
}

/// Names of types by custom: Headers, port_t.
bool looks_like_type(const std::string& name) {
  return (name[0] >= 'A' && name[0] <= 'Z' &&
          std::any_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; })) ||
         name.ends_with("_t");
}

}  // namespace

bool space_between(const Piece& before, const Piece& after, bool operand) {
  return wants_space(before, after, operand) || merge(before.text, after.text);
}

int precedence(TokenKind kind) {
  constexpr std::pair<TokenKind, int> kRows[] = {
      {kOrOr, 2},      {kAndAnd, 3},       {kEqual, 4},   {kNotEqual, 4}, {kLess, 5},      {kGreater, 5},
      {kLessEqual, 5}, {kGreaterEqual, 5}, {kPipe, 6},    {kCaret, 7},    {kAmpersand, 8}, {kMask, 9},
      {kRange, 9},     {kShiftLeft, 10},   {kConcat, 11}, {kPlus, 11},    {kMinus, 11},    {kSatPlus, 11},
      {kSatMinus, 11}, {kStar, 12},        {kSlash, 12},  {kPercent, 12}};
  for (const auto& [token, level] : kRows) {
    if (token == kind) return level;
  }
  return 0;
}

TokenKind next_token(const std::vector<Piece>& pieces, std::size_t at) {
  while (at < pieces.size() && pieces[at].kind != PieceKind::kToken) ++at;
  return at < pieces.size() ? pieces[at].token : kEnd;
}

void mark_type_arguments(std::vector<Piece>& pieces, std::size_t open, bool in_declaration) {
  std::size_t name = open;
  while (name > 0 && pieces[name - 1].is_comment()) --name;
  if (name == 0 || pieces[open].role == Role::kOpenAngle) return;
  const Piece& before = pieces[name - 1];
  if (before.kind != PieceKind::kToken || !is_word(before.token) || any_of(before.token, {kReturn, kTrue, kFalse}))
    return;
  const std::optional<Arguments> found = find_arguments(pieces, open, before.token);
  if (!found) return;
  if (!is_type_keyword(before.token)) {
    const TokenKind after = next_token(pieces, found->close + 1);
    const bool ends =
        any_of(after, {kLeftParen, kRightParen, kComma, kLeftBrace, kSemicolon, kDot, kLeftBracket, kGreater});
    if (found->has_number || (!ends && !is_word(after))) return;
    // f(a < b, c > d): two comparisons, unless something says that they are types.
    if (is_word(after) && found->has_comma && !found->has_type && !in_declaration && !looks_like_type(before.text))
      return;
  }
  for (const std::size_t at : found->brackets)
    pieces[at].role = pieces[at].token == kLess ? Role::kOpenAngle : Role::kCloseAngle;
}

}  // namespace p4bpf::editor
