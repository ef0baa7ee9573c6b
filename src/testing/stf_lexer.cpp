// Cuts a line of STF into words (stf_lexer.h).
#include "testing/stf_lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace p4bpf::testing::stf {
namespace {

/// More than the 2048 bits of the widest value take in binary.
constexpr std::size_t kMaxDigits = 4096;

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }
bool is_name_part(char c) { return is_name_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class LineLexer {
 public:
  LineLexer(std::string_view line, Loc begin, Diagnostics& diagnostics)
      : line_(line), begin_(begin), diagnostics_(diagnostics) {}

  std::optional<std::vector<Token>> run() {
    while (true) {
      while (at_ < line_.size() && std::isspace(static_cast<unsigned char>(line_[at_])) != 0) ++at_;
      if (at_ == line_.size() || line_[at_] == '#') break;
      if (!token()) return std::nullopt;
    }
    add(Token::Kind::kEnd, at_, "");
    return std::move(tokens_);
  }

 private:
  Span span(std::size_t from) const {
    return {Loc{begin_.offset + static_cast<std::uint32_t>(from)},
            Loc{begin_.offset + static_cast<std::uint32_t>(at_)}};
  }
  Token& add(Token::Kind kind, std::size_t from, std::string text) {
    tokens_.push_back(Token{kind, std::move(text), false, {}, span(from)});
    return tokens_.back();
  }

  bool token() {
    const char c = line_[at_];
    if (is_name_start(c)) return name();
    if (c == '"') return quoted();
    if (is_digit(c)) return number();
    return punctuation();
  }

  bool name() {
    const std::size_t from = at_;
    while (at_ < line_.size() && is_name_part(line_[at_])) ++at_;
    add(Token::Kind::kName, from, std::string(line_.substr(from, at_ - from)));
    return true;
  }

  bool quoted() {
    const std::size_t from = at_;
    const std::size_t end = line_.find('"', from + 1);
    at_ = std::min(end, line_.size() - 1) + 1;
    if (end == std::string_view::npos || end == from + 1) {
      diagnostics_.report(DiagnosticKind::kStfSyntax, span(from),
                          end == from + 1 ? "found an empty name" : "this quote is not closed");
      return false;
    }
    add(Token::Kind::kName, from, std::string(line_.substr(from + 1, end - from - 1))).quoted = true;
    return true;
  }

  std::size_t scan(std::string_view digits) {
    const std::size_t from = at_;
    while (at_ < line_.size() && digits.find(line_[at_]) != std::string_view::npos) ++at_;
    return at_ - from;
  }

  bool number() {
    const std::size_t from = at_;
    std::uint32_t base = 10;
    if (line_[at_] == '0' && at_ + 1 < line_.size()) {
      const char prefix = static_cast<char>(std::tolower(static_cast<unsigned char>(line_[at_ + 1])));
      base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : prefix == 'o' ? 8 : 10;
    }
    if (base != 10) at_ += 2;
    const std::size_t digits = at_;
    scan(base == 16 ? "0123456789abcdefABCDEF*" : base == 2 ? "01*" : base == 8 ? "01234567" : "0123456789");
    // A rate of a meter; `..` is a range instead.
    const bool is_real = base == 10 && at_ + 1 < line_.size() && line_[at_] == '.' && is_digit(line_[at_ + 1]);
    if (is_real) {
      ++at_;
      scan("0123456789");
      add(Token::Kind::kReal, from, std::string(line_.substr(from, at_ - from)));
      return true;
    }
    if (at_ == digits || (at_ < line_.size() && is_name_part(line_[at_]))) {
      while (at_ < line_.size() && is_name_part(line_[at_])) ++at_;
      diagnostics_.report(DiagnosticKind::kStfSyntax, span(from),
                          fmt::format("'{}' is not a number", line_.substr(from, at_ - from)));
      return false;
    }
    if (at_ - digits > kMaxDigits) {
      diagnostics_.report(DiagnosticKind::kStfSyntax, span(from),
                          fmt::format("a number has {} digits at most", kMaxDigits));
      return false;
    }
    Token& token = add(Token::Kind::kNumber, from, std::string(line_.substr(from, at_ - from)));
    token.number.base = base;
    token.number.span = token.span;
    for (const char c : line_.substr(digits, at_ - digits)) {
      token.number.digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return true;
  }

  bool punctuation() {
    constexpr std::array<std::string_view, 18> kWords{"&&&", "==", "!=", "<=", ">=", "->", "..", "<", ">",
                                                      "=",   ":",  ",",  ".",  "[",  "]",  "(",  ")", "/"};
    const std::size_t from = at_;
    for (const std::string_view word : kWords) {
      if (!line_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      add(Token::Kind::kPunctuation, from, std::string(word));
      return true;
    }
    ++at_;
    diagnostics_.report(DiagnosticKind::kStfSyntax, span(from), "found a character that no command has");
    return false;
  }

  std::string_view line_;
  Loc begin_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::optional<std::vector<Token>> lex_line(std::string_view line, Loc begin, Diagnostics& diagnostics) {
  return LineLexer(line, begin, diagnostics).run();
}

}  // namespace p4bpf::testing::stf
