// Macro expansion after C (ISO C11 6.10.3): the expansion of a macro is read again with that macro disabled; a name
// that is met while its macro is disabled is never expanded later either. Arguments are expanded before they replace a
// parameter, unless # or ## stands beside it.
#include <charconv>

#include "frontend/literals.h"
#include "frontend/preprocessor.h"

namespace p4bpf::preprocessor {
namespace {

/// Whether ## stands at body[at].
bool is_paste(const std::vector<Token>& body, std::size_t at) {
  return at + 1 < body.size() && body[at].text == "#" && body[at + 1].text == "#" && !body[at + 1].space_before;
}

std::size_t find_param(const Macro& macro, const Token& token) {
  std::size_t at = 0;
  while (at < macro.params.size() && (token.kind != TokenKind::kIdentifier || macro.params[at] != token.text)) ++at;
  return at;
}

/// The tokens as they were written, one space where there was any.
std::string spell(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (token.space_before && !text.empty()) text += ' ';
    text += token.text;
  }
  return text;
}

}  // namespace

bool Preprocessor::count_tokens(std::size_t count, Span span) {
  expanded_ += count + 1;
  if (expanded_ <= kMaxExpansionTokens || stopped_) return !stopped_;
  report(DiagnosticKind::kTooDeep, span, "macros expand to too many tokens");
  stopped_ = true;
  return false;
}

Token Preprocessor::next_raw() {
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.next < frame.tokens.size()) return frame.tokens[frame.next++];
    if (frame.is_barrier) return Token{};
    if (frame.macro != nullptr) frame.macro->is_disabled = false;
    frames_.pop_back();
  }
  return file_->lexer.next();
}

Token Preprocessor::peek_raw() {
  const Token token = next_raw();
  if (!frames_.empty()) {
    if (token.kind != TokenKind::kEnd) --frames_.back().next;
  } else {
    file_->lexer.rewind(token);
  }
  return token;
}

Token Preprocessor::make_token(TokenKind kind, std::string text, Span span) {
  Token token;
  token.kind = kind;
  token.span = span;
  token.text = out_.made.emplace_back(std::move(text));
  return token;
}

/// If `name` is a macro to be expanded here, makes its expansion the next tokens.
bool Preprocessor::read_macro(Token& name) {
  if (name.no_expand) return false;
  const auto at = macros_.find(name.text);
  if (at == macros_.end()) {
    if (name.text != "__LINE__" && name.text != "__FILE__") return false;
    const Position position = sources_.position(name.span.begin);
    const bool is_line = name.text == "__LINE__";
    const Token made = make_token(is_line ? TokenKind::kInteger : TokenKind::kStringLiteral,
                                  is_line ? std::to_string(position.line) : quote_string(position.file), name.span);
    frames_.push_back(Frame{nullptr, {made}, 0, false});
    return count_tokens(1, name.span);
  }
  Macro& macro = at->second;
  if (macro.is_disabled) {
    name.no_expand = true;
    return false;
  }
  std::vector<std::vector<Token>> arguments;
  if (macro.is_function && peek_raw().kind != TokenKind::kLeftParen) return false;
  out_.macro_uses.push_back(MacroUse{name.span, macro.span});
  if (macro.is_function) {
    next_raw();
    if (!collect_arguments(macro, name, arguments)) return true;
  }
  if (macro.is_disabled) return true;  // looking for `(` cannot disable it, but stay safe
  std::vector<Token> tokens = substitute(macro, name, arguments);
  if (!count_tokens(tokens.size(), name.span)) return true;
  if (!tokens.empty()) {
    tokens.front().space_before = name.space_before;
    tokens.front().line_start = name.line_start;
  }
  sources_.add_expansion(name.span, macro.span);
  macro.is_disabled = true;
  frames_.push_back(Frame{&macro, std::move(tokens), 0, false});
  return true;
}

/// Reads up to the `)` that closes the macro's arguments. False after a report.
bool Preprocessor::collect_arguments(const Macro& macro, const Token& use, std::vector<std::vector<Token>>& arguments) {
  arguments.emplace_back();
  std::size_t depth = 0;
  while (true) {
    const Token token = next_raw();
    if (token.kind == TokenKind::kEnd) {
      report(DiagnosticKind::kUnterminated, use.span, "the arguments of this macro have no ')'");
      return false;
    }
    if (token.kind == TokenKind::kLeftParen) ++depth;
    if (token.kind == TokenKind::kRightParen && depth-- == 0) break;
    const bool takes_rest = macro.is_variadic && arguments.size() == macro.params.size();
    if (token.kind == TokenKind::kComma && depth == 0 && !takes_rest) {
      arguments.emplace_back();
    } else {
      arguments.back().push_back(token);
    }
  }
  if (macro.params.empty() && arguments.size() == 1 && arguments[0].empty()) arguments.clear();
  if (macro.is_variadic && arguments.size() + 1 == macro.params.size()) arguments.emplace_back();
  if (arguments.size() == macro.params.size()) return true;
  report(DiagnosticKind::kBadDirective, use.span,
         "this macro takes " + std::to_string(macro.params.size()) + " arguments, found " +
             std::to_string(arguments.size()));
  return false;
}

/// `tokens` with all macros in them expanded, as if they were the whole program.
std::vector<Token> Preprocessor::expand_list(std::vector<Token> tokens) {
  std::vector<Token> out;
  if (tokens.empty() || stopped_) return out;
  if (++argument_depth_ > kMaxMacroArgumentDepth) {
    report(DiagnosticKind::kTooDeep, tokens.front().span, "macro arguments nest too deeply");
    stopped_ = true;
  }
  const std::size_t below = frames_.size();
  frames_.push_back(Frame{nullptr, std::move(tokens), 0, true});
  Token token;
  while (!stopped_ && (token = next_raw()).kind != TokenKind::kEnd) {
    if (token.kind != TokenKind::kIdentifier || !read_macro(token)) out.push_back(token);
  }
  while (frames_.size() > below) {
    if (frames_.back().macro != nullptr) frames_.back().macro->is_disabled = false;
    frames_.pop_back();
  }
  --argument_depth_;
  return out;
}

/// `left` ## `right`; reports and gives a token that is only `left` if they make none together.
Token Preprocessor::paste(const Token& left, const Token& right, Span span) {
  const Token made = make_token(TokenKind::kEnd, std::string(left.text) + std::string(right.text), span);
  Lexer lexer(made.text, span.begin);
  Token token = lexer.next();
  if (token.text.size() != made.text.size() || token.kind == TokenKind::kUnexpected) {
    report(DiagnosticKind::kBadDirective, span, "## joins two tokens here that make none together");
    return left;
  }
  token.span = span;
  token.space_before = left.space_before;
  token.line_start = false;
  return token;
}

std::vector<Token> Preprocessor::substitute(const Macro& macro, const Token& use,
                                            const std::vector<std::vector<Token>>& arguments) {
  std::vector<std::vector<Token>> expanded(arguments.size());
  std::vector<bool> is_expanded(arguments.size());
  std::vector<Token> out;
  bool is_pasting = false;
  bool has_left = false;  // whether the operand left of ## gave a token
  const auto append = [&](const std::vector<Token>& tokens) {
    if (!count_tokens(tokens.size(), use.span)) return;
    std::size_t first = 0;
    if (is_pasting && has_left && !tokens.empty()) {
      out.back() = paste(out.back(), tokens[0], use.span);
      first = 1;
    }
    out.insert(out.end(), tokens.begin() + static_cast<std::ptrdiff_t>(first), tokens.end());
    has_left = is_pasting ? has_left || !tokens.empty() : !tokens.empty();
    is_pasting = false;
  };
  const std::vector<Token>& body = macro.body;
  for (std::size_t i = 0; i < body.size() && !stopped_; ++i) {
    if (is_paste(body, i) && i != 0) {
      is_pasting = true;
      ++i;
      continue;
    }
    Token token = body[i];
    token.span = use.span;
    token.line_start = false;
    const std::size_t next_param = i + 1 < body.size() ? find_param(macro, body[i + 1]) : arguments.size();
    if (macro.is_function && token.text == "#" && next_param < arguments.size()) {
      append({make_token(TokenKind::kStringLiteral, quote_string(spell(arguments[next_param])), use.span)});
      ++i;
      continue;
    }
    const std::size_t param = find_param(macro, token);
    if (param >= arguments.size()) {
      // `, ## __VA_ARGS__` drops the comma if there are no further arguments, and pastes nothing otherwise.
      if (token.kind == TokenKind::kComma && macro.is_variadic && is_paste(body, i + 1) && i + 3 < body.size() &&
          find_param(macro, body[i + 3]) + 1 == arguments.size()) {
        if (!arguments.back().empty()) append({token});
        i += 2;
        continue;
      }
      append({token});
    } else if (is_pasting || is_paste(body, i + 1)) {
      append(arguments[param]);
    } else {
      if (!is_expanded[param]) {
        expanded[param] = expand_list(arguments[param]);
        is_expanded[param] = true;
      }
      append(expanded[param]);
      if (!expanded[param].empty() && !out.empty()) {
        out[out.size() - expanded[param].size()].space_before = token.space_before;
      }
    }
  }
  return out;
}

}  // namespace p4bpf::preprocessor
