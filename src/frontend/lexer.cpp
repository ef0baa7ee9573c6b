// The lexer: longest match, one switch over the first character.
#include "frontend/lexer.h"

#include <array>

namespace p4bpf {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Punctuator {
  std::string_view text;
  TokenKind kind;
};

#define P4BPF_TOKEN(kind, spelling) {spelling, TokenKind::kind},
constexpr Punctuator kPunctuators[] = {P4BPF_PUNCTUATORS(P4BPF_TOKEN)};
#undef P4BPF_TOKEN

/// For each first character, the punctuators that start with it, longest first.
std::array<std::vector<Punctuator>, 128> punctuators_by_first() {
  std::array<std::vector<Punctuator>, 128> table;
  for (std::size_t length = 4; length >= 1; --length) {
    for (const Punctuator& row : kPunctuators) {
      if (row.text.size() == length) table[static_cast<std::size_t>(row.text.front())].push_back(row);
    }
  }
  return table;
}

}  // namespace

/// Length of the string literal that `text` starts with, 0 if its closing quote is missing. A string may hold newlines.
std::size_t string_literal_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return 0;
}

bool Lexer::skip_continuation() {
  if (peek() != '\\') return false;
  const std::size_t length = peek(1) == '\r' && peek(2) == '\n' ? 3 : peek(1) == '\n' ? 2 : 0;
  at_ += length;
  return length != 0;
}

bool Lexer::skip_comment() {
  if (peek() != '/') return false;
  if (peek(1) == '/') {
    while (!done() && peek() != '\n') {
      if (!skip_continuation()) ++at_;
    }
    return true;
  }
  if (peek(1) != '*') return false;
  const std::size_t close = text_.find("*/", at_ + 2);
  if (close == std::string_view::npos) {
    const std::uint32_t start = here().offset;
    unterminated_comment_ = Span{Loc{start}, Loc{start + 2}};
    at_ = text_.size();
  } else {
    at_ = close + 2;
  }
  return true;
}

void Lexer::skip_space() {
  while (!done()) {
    const char c = peek();
    if (c == '\n') {
      line_start_ = true;
      ++at_;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      ++at_;
    } else if (!skip_comment() && !skip_continuation()) {
      return;
    }
    space_ = true;
  }
}

Token Lexer::make(TokenKind kind, std::size_t length) {
  Token token;
  token.kind = kind;
  token.space_before = space_;
  token.line_start = line_start_;
  token.span = {here(), Loc{here().offset + static_cast<std::uint32_t>(length)}};
  token.text = text_.substr(at_, length);
  at_ += length;
  space_ = line_start_ = false;
  return token;
}

Token Lexer::next() {
  static const std::array<std::vector<Punctuator>, 128> punctuators = punctuators_by_first();
  skip_space();
  if (done()) return make(TokenKind::kEnd, 0);
  const char c = peek();
  if (is_letter(c) || is_digit(c)) {
    std::size_t length = 1;
    while (is_letter(peek(length)) || is_digit(peek(length))) ++length;
    return make(is_digit(c) ? TokenKind::kInteger : TokenKind::kIdentifier, length);
  }
  if (c == '"') {
    std::size_t length = string_literal_length(text_.substr(at_));
    // A quote without partner ends with its line, so that the rest of the file still means what it says.
    if (length == 0) length = std::min(text_.find('\n', at_), text_.size()) - at_;
    return make(TokenKind::kStringLiteral, length);
  }
  if (static_cast<unsigned char>(c) < 128) {
    for (const Punctuator& row : punctuators[static_cast<std::size_t>(c)]) {
      if (text_.substr(at_, row.text.size()) == row.text) return make(row.kind, row.text.size());
    }
  }
  // The bytes of one UTF-8 character stay together, so that a message shows the character.
  std::size_t length = 1;
  while (static_cast<unsigned char>(c) >= 0xc0 && length < 4 &&
         (static_cast<unsigned char>(peek(length)) & 0xc0) == 0x80) {
    ++length;
  }
  return make(TokenKind::kUnexpected, length);
}

void Lexer::rewind(const Token& token) {
  at_ = token.span.begin.offset - begin_.offset;
  line_start_ = token.line_start;
  space_ = token.space_before;
}

std::string Lexer::rest_of_line() {
  std::string out;
  while (!done() && peek() != '\n') {
    if (peek() == '"') {
      const std::size_t start = at_;
      skip_string_in_line();
      out += text_.substr(start, at_ - start);
    } else if (skip_comment() || skip_continuation()) {
      out += ' ';
    } else {
      out += text_[at_++];
    }
  }
  const std::size_t first = out.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(" \t\r") - first + 1);
}

void Lexer::skip_string_in_line() {
  ++at_;
  while (!done() && peek() != '\n' && peek() != '"')
    at_ += peek() == '\\' && peek(1) != '\n' && at_ + 1 < text_.size() ? 2 : 1;
  if (peek() == '"') ++at_;
}

Token Lexer::skip_to_directive() {
  while (true) {
    skip_space();
    if (done()) return make(TokenKind::kEnd, 0);
    if (line_start_ && peek() == '#') return make(TokenKind::kUnexpected, 1);
    line_start_ = false;
    while (!done() && peek() != '\n') {
      if (peek() == '"') {
        skip_string_in_line();
      } else if (!skip_comment() && !skip_continuation()) {
        ++at_;
      }
    }
  }
}

}  // namespace p4bpf
