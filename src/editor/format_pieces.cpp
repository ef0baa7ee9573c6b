// Cuts text with the front end's lexer; what the lexer skips between two tokens is cut here.
#include "editor/format_pieces.h"

#include <algorithm>

#include "frontend/lexer.h"

namespace p4bpf::editor {
namespace {

constexpr std::size_t kTab = 4;
constexpr std::size_t kMaxConditions = 200;

std::string without_trailing_space(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\f\v");
  return std::string(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

/// A comment's lines without the white space at their ends. A `\` must not come to stand at the end of a line comment.
std::string tidy_comment(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    std::string tidy = without_trailing_space(line);
    const bool continues = end < text.size() && (tidy.size() == line.size() || line[tidy.size()] == '\r');
    if (!tidy.empty() && tidy.back() == '\\' && !continues) tidy += ' ';
    out += (at == 0 ? "" : "\n") + tidy;
    at = end + 1;
  }
  return out;
}

/// Whether a condition is `0`.
bool is_zero(std::string_view words) {
  const std::size_t first = words.find_first_not_of(" \t");
  return first != std::string_view::npos && without_trailing_space(words.substr(first)) == "0";
}

class Cutter {
 public:
  Cutter(Loc file, Diagnostics& diagnostics)
      : diagnostics_(diagnostics),
        text_(diagnostics.sources().file_text(file)),
        begin_(file),
        lexer_(text_, file),
        errors_before_(diagnostics.error_count()) {}

  std::optional<std::vector<Piece>> run() {
    while (true) {
      const Token token = lexer_.next();
      const std::size_t at = offset(token.span.begin);
      cut_gap(at);
      if (token.kind == TokenKind::kEnd) break;
      if (token.line_start && token.text == "#") {
        cut_directive(at);
      } else if (is_pragma(token)) {
        cut_pragma(at);
      } else {
        check(token);
        add(PieceKind::kToken, at, at + token.text.size()).token =
            token.kind == TokenKind::kIdentifier ? keyword_kind(token.text) : token.kind;
      }
    }
    if (lexer_.unterminated_comment())
      diagnostics_.report(DiagnosticKind::kUnterminated, lexer_.unterminated_comment(), "the comment has no end");
    for (const Span& open : conditions_)
      diagnostics_.report(DiagnosticKind::kBadDirective, open, "the #if has no #endif");
    if (diagnostics_.error_count() != errors_before_) return std::nullopt;
    return std::move(pieces_);
  }

 private:
  std::size_t offset(Loc loc) const { return loc.offset - begin_.offset; }
  Loc loc(std::size_t at) const { return {begin_.offset + static_cast<std::uint32_t>(at)}; }

  /// The text [at, end) as a piece; the white space since the last one is counted.
  Piece& add(PieceKind kind, std::size_t at, std::size_t end) {
    Piece piece;
    piece.kind = kind;
    piece.span = {loc(at), loc(end)};
    piece.text = std::string(text_.substr(at, end - at));
    piece.newlines = newlines_;
    piece.spaces = spaces_;
    for (std::size_t i = line_start(at); i < at; ++i) piece.column += text_[i] == '\t' ? kTab : 1;
    end_ = end;
    newlines_ = spaces_ = 0;
    return pieces_.emplace_back(std::move(piece));
  }

  std::size_t line_start(std::size_t at) const {
    const std::size_t newline = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
  }

  /// The white space and comments between the last piece and `to`.
  void cut_gap(std::size_t to) {
    for (std::size_t at = end_; at < to;) {
      const std::string_view rest = text_.substr(at, to - at);
      if (rest.starts_with("//")) {
        std::size_t end = at;
        while (end < to && text_[end] != '\n') end += continuation(end) != 0 ? continuation(end) : 1;
        Piece& piece = add(PieceKind::kLineComment, at, end);
        piece.text = tidy_comment(piece.text);
        at = end;
      } else if (rest.starts_with("/*")) {
        const std::size_t close = text_.find("*/", at + 2);
        const std::size_t end = close == std::string_view::npos ? to : close + 2;
        Piece& piece = add(PieceKind::kBlockComment, at, end);
        piece.text = tidy_comment(piece.text);
        at = end;
      } else if (const std::size_t length = continuation(at)) {
        at += length;
        ++spaces_;
      } else {
        const char c = text_[at++];
        newlines_ += c == '\n';
        spaces_ = c == '\n' ? 0 : spaces_ + (c == '\t' ? kTab : c == '\r' ? 0 : 1);
      }
    }
  }

  std::size_t continuation(std::size_t at) const {
    const std::string_view rest = text_.substr(at, 3);
    return rest == "\\\r\n" ? 3 : rest.starts_with("\\\n") ? 2 : 0;
  }

  /// From the white space before `#` to the line's end; that of `#if 0` holds what it leaves out.
  void cut_directive(std::size_t at) {
    const std::string words = lexer_.rest_of_line();
    const std::size_t first = std::min(words.find_first_not_of(" \t"), words.size());
    const std::string name = words.substr(first, words.find_first_of(" \t(!", first) - first);
    std::size_t begin = at;
    while (begin > end_ && (text_[begin - 1] == ' ' || text_[begin - 1] == '\t')) --begin;
    if (begin != line_start(at)) begin = at;  // a comment stands before it
    const Span span{loc(at), loc(at + 1)};
    Piece& piece = add(PieceKind::kDirective, begin, offset(lexer_.here()));
    if (name == "if" || name == "ifdef" || name == "ifndef") {
      piece.directive = DirectiveKind::kIf;
      if (conditions_.size() == kMaxConditions)
        diagnostics_.report(DiagnosticKind::kTooDeep, span, "conditions nest too deeply here");
      conditions_.push_back(span);
      piece.leaves_out = name == "if" && is_zero(words.substr(first + 2));
      if (piece.leaves_out) leave_out(piece, begin);
    } else if (name == "else" || name.starts_with("elif") || name == "endif") {
      piece.directive = name == "endif" ? DirectiveKind::kEndif : DirectiveKind::kElse;
      if (conditions_.empty()) {
        diagnostics_.report(DiagnosticKind::kBadDirective, span, "the #" + name + " has no #if before it");
      } else if (name == "endif") {
        conditions_.pop_back();
      }
    }
    piece.text = without_trailing_space(piece.text);
  }

  /// The lexer goes on at the #else or #endif of an `#if 0`.
  void leave_out(Piece& piece, std::size_t begin) {
    std::size_t depth = 0;
    while (true) {
      const Token token = lexer_.skip_to_directive();
      std::size_t end = offset(token.span.begin);
      const Token name = token.kind == TokenKind::kEnd ? token : lexer_.next();
      if (token.kind != TokenKind::kEnd) {
        if (name.text == "if" || name.text == "ifdef" || name.text == "ifndef") ++depth;
        const bool ends = name.text == "endif";
        if (depth != 0 || !(ends || name.text == "else" || name.text.starts_with("elif"))) {
          depth -= ends && depth != 0;
          lexer_.rewind(name);
          continue;
        }
        lexer_.rewind(token);
      }
      while (end > begin && std::string_view(" \t\r\n").find(text_[end - 1]) != std::string_view::npos) --end;
      piece.text = std::string(text_.substr(begin, end - begin));
      end_ = end;
      return;
    }
  }

  bool is_pragma(const Token& at) {
    if (at.kind != TokenKind::kAt) return false;
    const Token name = lexer_.next();
    lexer_.rewind(name);
    return name.text == "pragma" && !name.line_start;
  }

  void cut_pragma(std::size_t at) {
    Token token = lexer_.next();
    std::size_t end = at;
    while (!token.line_start && token.kind != TokenKind::kEnd) {
      end = offset(token.span.end);
      token = lexer_.next();
    }
    lexer_.rewind(token);
    Piece& piece = add(PieceKind::kToken, at, end);
    piece.token = TokenKind::kAt;
    piece.is_pragma = true;
  }

  void check(const Token& token) {
    if (token.kind == TokenKind::kStringLiteral && string_literal_length(token.text) != token.text.size())
      diagnostics_.report(DiagnosticKind::kUnterminated, token.span, "the string has no closing quote");
    // A line that came to begin with it would be a directive.
    if (token.text == "#") diagnostics_.report(DiagnosticKind::kBadCharacter, token.span, "a '#' cannot stand here");
  }

  Diagnostics& diagnostics_;
  std::string_view text_;
  Loc begin_;
  Lexer lexer_;
  std::size_t errors_before_;
  std::vector<Piece> pieces_;
  std::vector<Span> conditions_;
  std::size_t end_ = 0;  // of the last piece
  std::size_t newlines_ = 0;
  std::size_t spaces_ = 0;
};

}  // namespace

std::optional<std::vector<Piece>> cut_pieces(Loc file, Diagnostics& diagnostics) {
  return Cutter(file, diagnostics).run();
}

}  // namespace p4bpf::editor
