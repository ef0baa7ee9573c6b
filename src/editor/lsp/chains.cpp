// Chains of names (chains.h).
#include "editor/lsp/chains.h"

#include "frontend/lexer.h"

namespace p4bpf::editor {

using ast::DeclId;

TokensBefore tokens_before(std::string_view text, std::size_t offset) {
  TokensBefore found;
  Lexer lexer(text, Loc{1});
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd && token.span.begin.offset <= offset;
       token = lexer.next()) {
    const bool touches = token.span.end.offset > offset;  // places count from 1: the end is at or behind the offset
    if (token.kind == TokenKind::kIdentifier) {
      if (touches) {
        found.prefix = token.text.substr(0, offset + 1 - token.span.begin.offset);
        break;
      }
      token.kind = keyword_kind(token.text);
    }
    if (token.span.end.offset > offset + 1) break;
    if (token.kind == TokenKind::kLeftBrace || token.kind == TokenKind::kLeftParen ||
        token.kind == TokenKind::kLeftBracket)
      found.open.push_back(found.tokens.size());
    if (token.kind == TokenKind::kRightBrace || token.kind == TokenKind::kRightParen ||
        token.kind == TokenKind::kRightBracket) {
      if (!found.open.empty()) found.open.pop_back();
    }
    found.tokens.push_back(token);
  }
  return found;
}

std::size_t Chains::matching(std::size_t close) const {
  std::size_t depth = 0;
  for (std::size_t i = close + 1; i > 0; --i) {
    const TokenKind kind = tokens_[i - 1].kind;
    if (kind == TokenKind::kRightParen || kind == TokenKind::kRightBracket || kind == TokenKind::kRightBrace) ++depth;
    if (kind == TokenKind::kLeftParen || kind == TokenKind::kLeftBracket || kind == TokenKind::kLeftBrace) {
      if (--depth == 0) return i - 1;
    }
  }
  return tokens_.size();
}

std::optional<Meaning> Chains::named(DeclId decl) const {
  if (!decl) return std::nullopt;
  return Meaning{decl, analysis_.typed.type_of_decl[decl]};
}

std::optional<Meaning> Chains::member(const Meaning& base, std::string_view name) const {
  if (!base.type) return std::nullopt;
  const Type::Node node = analysis_.typed.types[base.type];
  if (const auto* stack = std::get_if<type::Stack>(&node)) {
    if (name == "next" || name == "last") return Meaning{{}, stack->element};
    return Meaning{{}, analysis_.typed.types.bits(32)};
  }
  const auto* declared = std::get_if<type::Declared>(&node);
  if (declared == nullptr) return std::nullopt;
  for (const DeclId id : members_of(analysis_.ast, declared->decl)) {
    if (analysis_.ast[id].name.text == name) return Meaning{id, field_type(analysis_, base.type, id)};
  }
  return std::nullopt;
}

/// The value of a call.
std::optional<Meaning> Chains::called(const Meaning& callee) const {
  if (!callee.decl) return std::nullopt;
  if (analysis_.decl<ast::TableDecl>(callee.decl) != nullptr)
    return Meaning{{}, analysis_.typed.types.add(type::ApplyResult{callee.decl})};
  const auto* function = analysis_.decl<ast::FunctionDecl>(callee.decl);
  if (function == nullptr || !function->return_type) return std::nullopt;
  return Meaning{{}, analysis_.typed.type_of_ref[function->return_type]};
}

std::optional<Meaning> Chains::before(std::size_t end) const { return before(end, 0); }

std::optional<Meaning> Chains::before(std::size_t end, int depth) const {
  constexpr int kMaxDepth = 100;
  if (end == 0 || end > tokens_.size() || depth > kMaxDepth) return std::nullopt;
  const Token& last = tokens_[end - 1];
  if (last.kind == TokenKind::kRightBracket) {
    const std::size_t open = matching(end - 1);
    const std::optional<Meaning> base = open == tokens_.size() ? std::nullopt : before(open, depth + 1);
    if (!base || !base->type) return std::nullopt;
    const auto* stack = analysis_.typed.types.get<type::Stack>(base->type);
    return stack == nullptr ? std::nullopt : std::optional(Meaning{{}, stack->element});
  }
  if (last.kind == TokenKind::kRightParen) {
    const std::size_t open = matching(end - 1);
    if (open == tokens_.size() || open == 0) return std::nullopt;
    const bool applies =
        tokens_[open - 1].kind == TokenKind::kApply && open >= 2 && tokens_[open - 2].kind == TokenKind::kDot;
    const std::optional<Meaning> callee = before(applies ? open - 2 : open, depth + 1);
    return callee ? called(*callee) : std::nullopt;
  }
  if (!is_word(last.kind)) return std::nullopt;
  if (end >= 2 && tokens_[end - 2].kind == TokenKind::kDot) {
    if (end == 2 || !(is_word(tokens_[end - 3].kind) || tokens_[end - 3].kind == TokenKind::kRightParen ||
                      tokens_[end - 3].kind == TokenKind::kRightBracket))
      return named(analysis_.index.find(analysis_.ast, last.text, Loc{1}));  // `.name`
    const std::optional<Meaning> base = before(end - 2, depth + 1);
    return base ? member(*base, last.text) : std::nullopt;
  }
  return named(analysis_.index.find(analysis_.ast, last.text, scope_));
}

}  // namespace p4bpf::editor
