// Text to raw tokens: one file, no macros, no directives; every word is an identifier until the preprocessor is done
// with it.
//
// The lexer reports nothing: what is wrong with a token (a string without end) is a question that matters only where
// the token is used, and text under `#if 0` is not used.
#pragma once

#include <string>
#include <string_view>

#include "frontend/token.h"

namespace p4bpf {

class Lexer {
 public:
  /// `text` is the file whose first byte is at `begin`; it must outlive the lexer and its tokens.
  Lexer(std::string_view text, Loc begin) : text_(text), begin_(begin) {}

  /// The next token; kEnd for ever at the end. Comments and `\` newline count as space (section 6.3.2).
  Token next();
  /// Puts the lexer back to just before `token`, which it gave.
  void rewind(const Token& token);
  /// The text from here to the end of the line, comments removed; leaves the lexer before the newline.
  std::string rest_of_line();
  /// Skips whole lines until one whose first token is `#`, which is returned, or to the end (kEnd). Strings and
  /// characters that would be errors are skipped over: for groups that a condition leaves out.
  Token skip_to_directive();
  /// Where a comment began that the file's end cut off; nowhere if none.
  Span unterminated_comment() const { return unterminated_comment_; }
  Loc here() const { return Loc{begin_.offset + static_cast<std::uint32_t>(at_)}; }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool done() const { return at_ >= text_.size(); }
  void skip_space();
  bool skip_comment();
  bool skip_continuation();
  void skip_string_in_line();
  Token make(TokenKind kind, std::size_t length);

  std::string_view text_;
  Loc begin_;
  std::size_t at_ = 0;
  bool line_start_ = true;
  bool space_ = false;
  Span unterminated_comment_;
};

/// Length of the string literal that `text` starts with, 0 if its closing quote is missing.
std::size_t string_literal_length(std::string_view text);

}  // namespace p4bpf
