// Keyword table and the names of tokens in messages and dumps.
#include "frontend/token.h"

#include <unordered_map>

namespace p4bpf {
namespace {

constexpr std::size_t kLongestShown = 40;

struct Spelling {
  TokenKind kind;
  std::string_view text;
};

#define P4BPF_TOKEN(kind, spelling) {TokenKind::kind, spelling},
constexpr Spelling kKeywords[] = {P4BPF_KEYWORDS(P4BPF_TOKEN)};
constexpr Spelling kPunctuators[] = {P4BPF_PUNCTUATORS(P4BPF_TOKEN)};
#undef P4BPF_TOKEN

std::string_view spelling_of(TokenKind kind) {
  for (const Spelling& row : kKeywords) {
    if (row.kind == kind) return row.text;
  }
  for (const Spelling& row : kPunctuators) {
    if (row.kind == kind) return row.text;
  }
  return {};
}

bool is_keyword(TokenKind kind) { return kind >= TokenKind::kAbstract && kind <= TokenKind::kDontCare; }

std::string_view group_name(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "end";
    case TokenKind::kIdentifier:
      return "name";
    case TokenKind::kInteger:
      return "integer";
    case TokenKind::kStringLiteral:
      return "string";
    case TokenKind::kUnexpected:
      return "unexpected";
    default:
      return is_keyword(kind) ? "keyword" : "punctuator";
  }
}

}  // namespace

TokenKind keyword_kind(std::string_view word) {
  static const std::unordered_map<std::string_view, TokenKind> table = [] {
    std::unordered_map<std::string_view, TokenKind> made;
    for (const Spelling& row : kKeywords) made.emplace(row.text, row.kind);
    return made;
  }();
  const auto at = table.find(word);
  return at == table.end() ? TokenKind::kIdentifier : at->second;
}

bool is_word(TokenKind kind) { return kind == TokenKind::kIdentifier || is_keyword(kind); }

std::string token_kind_name(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "the end of the file";
    case TokenKind::kIdentifier:
      return "a name";
    case TokenKind::kInteger:
      return "an integer";
    case TokenKind::kStringLiteral:
      return "a string";
    case TokenKind::kUnexpected:
      return "an unexpected character";
    default:
      return "'" + std::string(spelling_of(kind)) + "'";
  }
}

std::string token_name(const Token& token) {
  if (token.kind == TokenKind::kEnd) return "the end of the file";
  if (token.kind == TokenKind::kStringLiteral) return "a string";
  std::string text(token.text.substr(0, kLongestShown));
  if (text.size() < token.text.size()) text += "...";
  return (is_keyword(token.kind) ? "keyword '" : "'") + text + "'";
}

std::string dump_tokens(const TokenStream& stream, const SourceMap& sources) {
  std::string out;
  for (const Token& token : stream.tokens) {
    const Position at = sources.position(token.span.begin);
    out += at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
    out += group_name(token.kind);
    if (!token.text.empty()) out += " " + std::string(token.text);
    out += "\n";
  }
  return out;
}

}  // namespace p4bpf
