// The parser's ground: tokens, errors and recovery, scopes, and scanning ahead.
#include "frontend/parse.h"
#include "frontend/parser.h"

namespace p4bpf {

Result<ast::Ast> parse_file(const std::string& path, const SourceOptions& options, SourceMap& sources,
                            Diagnostics& diagnostics) {
  const Result<TokenStream> stream = preprocess_file(path, options, sources, diagnostics);
  if (!stream) return fail(stream.error());
  return parse_tokens(*stream, diagnostics);
}

ast::Ast parse_text(const std::string& name, std::string text, const SourceOptions& options, SourceMap& sources,
                    Diagnostics& diagnostics) {
  return parse_tokens(preprocess_text(name, std::move(text), options, sources, diagnostics), diagnostics);
}

ast::Ast parse_tokens(const TokenStream& stream, Diagnostics& diagnostics) {
  return frontend::Parser(stream, diagnostics).run();
}

namespace frontend {

Parser::Parser(const TokenStream& stream, Diagnostics& diagnostics)
    : diagnostics_(diagnostics), tokens_(stream.tokens), is_cut_(diagnostics.error_count() != 0) {
  if (tokens_.empty()) tokens_.emplace_back();
  drop_unexpected_characters();
  scopes_.emplace_back();
}

ast::Ast Parser::run() {
  parse_top_level();
  return std::move(ast_);
}

namespace {

bool is_beyond_ascii(const Token& token) {
  return token.kind == TokenKind::kUnexpected && static_cast<unsigned char>(token.text.front()) >= 128;
}
bool continues(const Token& before, const Token& after) {
  return !after.text.empty() && before.text.data() + before.text.size() == after.text.data();
}

}  // namespace

/// `größe` is one mistake, and still a name for what follows: joins the character at `at` with the words that touch it,
/// the one before it having been kept at `kept` - 1. Returns how many tokens from `at` on it took, 0 for none.
std::size_t Parser::foreign_word(std::size_t at, std::size_t& kept) {
  if (!is_beyond_ascii(tokens_[at])) return 0;
  const bool has_start = kept != 0 && is_word(tokens_[kept - 1].kind) && continues(tokens_[kept - 1], tokens_[at]);
  std::size_t last = at;
  const auto is_part = [&](const Token& next) {
    return continues(tokens_[last], next) &&
           (is_word(next.kind) || next.kind == TokenKind::kInteger || is_beyond_ascii(next));
  };
  while (last + 1 < tokens_.size() && is_part(tokens_[last + 1])) ++last;
  if (!has_start && last == at) return 0;
  Token word = has_start ? tokens_[--kept] : tokens_[at];
  word.kind = TokenKind::kIdentifier;
  word.text = {word.text.data(),
               static_cast<std::size_t>(tokens_[last].text.data() - word.text.data()) + tokens_[last].text.size()};
  word.span.end = tokens_[last].span.end;
  if (errors_++ < kMaxSyntaxErrors) {
    diagnostics_.report(DiagnosticKind::kBadCharacter, word.span, "a name has ASCII letters, digits and '_' only");
  }
  tokens_[kept++] = word;
  return last - at + 1;
}

/// A stray character is reported once and left out, except where it is legal: in `@name(...)`. There too it must be
/// ASCII.
void Parser::drop_unexpected_characters() {
  std::size_t depth = 0;  // of parentheses in an annotation's body
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const Token token = tokens_[i];
    const bool starts_body = kept >= 2 && is_word(tokens_[kept - 1].kind) && tokens_[kept - 2].kind == TokenKind::kAt;
    if (token.kind == TokenKind::kLeftParen && (depth != 0 || starts_body)) ++depth;
    if (token.kind == TokenKind::kRightParen && depth != 0) --depth;
    if (token.kind == TokenKind::kUnexpected) {
      if (const std::size_t parts = depth == 0 ? foreign_word(i, kept) : 0; parts != 0) {
        i += parts - 1;
        continue;
      }
      const bool is_graphic = token.text.size() == 1 && token.text[0] > ' ' && token.text[0] < 127;
      if (depth == 0 || !is_graphic) {
        if (errors_++ < kMaxSyntaxErrors) {
          diagnostics_.report(DiagnosticKind::kBadCharacter, token.span, "this character starts no token of P4");
        }
        continue;
      }
    }
    tokens_[kept++] = token;
  }
  tokens_.resize(kept);
}

const Token& Parser::peek(std::size_t ahead) const { return tokens_[std::min(next_ + ahead, tokens_.size() - 1)]; }

const Token& Parser::next() {
  const Token& token = peek();
  if (next_ + 1 < tokens_.size()) ++next_;
  return token;
}

bool Parser::take(TokenKind wanted) {
  if (!at(wanted)) return false;
  next();
  return true;
}

const Token& Parser::expect(TokenKind wanted) {
  if (at(wanted)) return next();
  Diagnostic* const made = report(DiagnosticKind::kSyntax, peek().span,
                                  "found " + token_name(peek()) + ", expected " + token_kind_name(wanted));
  if (made != nullptr && wanted == TokenKind::kSemicolon && peek().line_start && next_ != 0) {
    made->notes.push_back({tokens_[next_ - 1].span, "it is missing behind this"});
  }
  throw Recover{};
}

/// Expects what closes `open`, which the message points to if something else is found.
void Parser::expect_close(TokenKind wanted, const Token& open) {
  if (take(wanted)) return;
  if (Diagnostic* const made = report(DiagnosticKind::kSyntax, peek().span,
                                      "found " + token_name(peek()) + ", expected " + token_kind_name(wanted))) {
    made->notes.push_back({open.span, "to close this " + token_kind_name(open.kind)});
  }
  throw Recover{};
}

/// name: nonTypeName | LIST | TYPE_IDENTIFIER
bool Parser::at_name(std::size_t ahead) const { return name_at(next_ + ahead); }

bool Parser::name_at(std::size_t at) const {
  switch (kind_at(at)) {
    case TokenKind::kIdentifier:
    case TokenKind::kApply:
    case TokenKind::kKey:
    case TokenKind::kActions:
    case TokenKind::kState:
    case TokenKind::kEntries:
    case TokenKind::kType:
    case TokenKind::kPriority:
    case TokenKind::kList:
      return true;
    default:
      return false;
  }
}

/// nonTypeName: IDENTIFIER | APPLY | KEY | ACTIONS | STATE | ENTRIES | TYPE | PRIORITY
bool Parser::at_non_type_name(std::size_t ahead) const { return at_name(ahead) && kind(ahead) != TokenKind::kList; }

/// `>>` is written without space between.
bool Parser::at_shift_right() const {
  return at(TokenKind::kGreater) && kind(1) == TokenKind::kGreater && !peek(1).space_before;
}

ast::Name Parser::parse_name(std::string_view what) {
  if (!at_name()) fail_expected(what);
  const Token& token = next();
  return ast::Name{std::string(token.text), token.span};
}

/// From the token `first_token` to the last one read. Tokens of macros and of other files may stand out of order: then
/// the first.
Span Parser::span_from(std::size_t first_token) const {
  const Span first = tokens_[first_token].span;
  if (next_ <= first_token) return first;
  const Span last = tokens_[next_ - 1].span;
  return last.end < first.end ? first : Span{first.begin, last.end};
}

Diagnostic* Parser::report(DiagnosticKind kind, Span span, std::string message) {
  if (reported_at_ == next_) return nullptr;
  reported_at_ = next_;
  if (is_cut_ && at_end()) return nullptr;
  if (errors_ >= kMaxSyntaxErrors) return nullptr;
  if (++errors_ == kMaxSyntaxErrors) next_ = reported_at_ = tokens_.size() - 1;
  Diagnostic& made = diagnostics_.report(kind, span, std::move(message));
  if (kind == DiagnosticKind::kSyntax) suggest_keyword(made);
  return &made;
}

/// A misspelled keyword is taken for a name, and the parser stumbles there or soon after: looks at the words around
/// this token, and at those that started what is being parsed.
void Parser::suggest_keyword(Diagnostic& made) const {
  static const std::vector<std::string> keywords = {
#define P4BPF_TOKEN(kind, spelling) spelling,
      P4BPF_KEYWORDS(P4BPF_TOKEN)
#undef P4BPF_TOKEN
  };
  constexpr std::size_t kMinLetters = 4;  // a shorter name is near to a keyword by chance
  std::vector<std::size_t> places = {next_};
  for (std::size_t back = 1; back <= 2 && back <= next_; ++back) places.push_back(next_ - back);
  places.insert(places.end(), {element_first_, outermost_first_});
  for (const std::size_t place : places) {
    const Token& word = tokens_[place];
    if (word.kind != TokenKind::kIdentifier || word.text.size() < kMinLetters) continue;
    if (look_up(word.text) != NameUse::kUnknown || (place != 0 && kind_at(place - 1) == TokenKind::kDot)) continue;
    const std::string keyword = nearest_name(word.text, keywords);
    if (keyword.empty()) continue;
    if (place == next_) {
      made.notes.push_back({{}, "did you mean '" + keyword + "'?"});
    } else {
      made.notes.push_back({word.span, "perhaps '" + keyword + "' is meant here"});
    }
    return;
  }
}

void Parser::fail_expected(std::string_view what) {
  report(DiagnosticKind::kSyntax, peek().span, "found " + token_name(peek()) + ", expected " + std::string(what));
  throw Recover{};
}

void Parser::enter() {
  // The destructor of a Nesting whose constructor throws does not run, so count only what is entered.
  check_depth(depth_ + 1);
  ++depth_;
}

/// Gives up the whole program: whoever nests this deeply would only produce noise.
void Parser::check_depth(std::uint32_t depth) {
  if (depth <= kMaxDepth) return;
  report(DiagnosticKind::kTooDeep, peek().span, "this nests more than " + std::to_string(kMaxDepth) + " levels deep");
  next_ = tokens_.size() - 1;
  reported_at_ = next_;
  throw Recover{};
}

/// Whether a declaration starts here that cannot stand within a block, tables and actions in controls and states in
/// parsers apart.
bool Parser::at_declaration_keyword() const {
  switch (kind()) {
    case TokenKind::kControl:
    case TokenKind::kParser:
    case TokenKind::kPackage:
    case TokenKind::kExtern:
    case TokenKind::kHeader:
    case TokenKind::kHeaderUnion:
    case TokenKind::kStruct:
    case TokenKind::kEnum:
    case TokenKind::kTypedef:
    case TokenKind::kTable:
    case TokenKind::kAction:
      return true;
    case TokenKind::kState:
      return at_name(1) && kind(2) == TokenKind::kLeftBrace;
    case TokenKind::kMatchKind:
    case TokenKind::kError:
      return kind(1) == TokenKind::kLeftBrace;
    default:
      return false;
  }
}

/// Whether the list between braces ends here: at its `}`, or where a declaration shows that this `}` is missing. That
/// it is missing shows in the outermost `{`, which then has no partner; otherwise the declaration is misplaced.
bool Parser::at_end_of_block() const {
  if (at(TokenKind::kRightBrace) || at_end()) return true;
  if (!at_declaration_keyword()) return false;
  std::size_t open = outermost_first_;
  while (open < next_ && kind_at(open) != TokenKind::kLeftBrace) ++open;
  return scan_balanced(open) == kNotFound;
}

/// For the start of a list's element: reports a declaration that cannot be one.
void Parser::refuse_misplaced() {
  if (!at_declaration_keyword()) return;
  if (Diagnostic* const made =
          report(DiagnosticKind::kSyntax, peek().span, "found " + token_name(peek()) + ", which cannot stand here")) {
    const bool is_in_control = at(TokenKind::kTable) || at(TokenKind::kAction);
    made->notes.push_back({{},
                           is_in_control           ? "it is declared in a control, before 'apply'"
                           : at(TokenKind::kState) ? "it is declared in a parser, behind all else"
                                                   : "it is declared at the outermost level"});
  }
  throw Recover{};
}

/// Skips behind the next `;` or `{...}` of this level, or to a `}` that closes it, or to a declaration that cannot
/// stand here.
/// A list whose element started at `element_first` gets on by one token at least, so that no list runs for ever.
void Parser::skip_to_semicolon(std::size_t element_first) {
  if (next_ == element_first && at_declaration_keyword()) next();
  while (!at_end() && !at(TokenKind::kRightBrace) && !at_declaration_keyword()) {
    if (take(TokenKind::kSemicolon)) return;
    if (at(TokenKind::kLeftBrace)) {
      const std::size_t end = scan_balanced(next_);
      next_ = end == kNotFound ? tokens_.size() - 1 : end;
      // `x = {...};`: the list was a part of the statement. Anything else was its end.
      if (!at(TokenKind::kSemicolon) && !at(TokenKind::kRightParen) && !at(TokenKind::kComma)) return;
      continue;
    }
    next();
  }
  if (next_ == element_first && !at(TokenKind::kRightBrace)) next();
}

/// Skips to where a declaration of the outermost level may start.
void Parser::skip_to_declaration() {
  bool is_first = reported_at_ == next_;
  while (!at_end()) {
    if (!is_first && at_declaration_keyword() && peek().line_start) return;
    is_first = false;
    if (take(TokenKind::kSemicolon)) return;
    if (at(TokenKind::kLeftBrace)) {
      const std::size_t end = scan_balanced(next_);
      next_ = end == kNotFound ? next_ + 1 : end;
      if (!at(TokenKind::kSemicolon)) return;
      continue;
    }
    if (take(TokenKind::kRightBrace)) return;
    next();
  }
}

Parser::NameUse Parser::look_up(std::string_view name) const {
  const std::string key(name);
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->find(key); found != scope->end())
      return found->second ? NameUse::kType : NameUse::kValue;
  }
  return NameUse::kUnknown;
}

ast::DeclId Parser::add_decl(std::size_t first, ast::Name name, ast::Annotations annotations,
                             decltype(ast::Decl::node) node) {
  return ast_.decls.add(ast::Decl{span_from(first), std::move(name), std::move(annotations), std::move(node)});
}

/// Behind the bracket that closes the one at `at`.
std::size_t Parser::scan_balanced(std::size_t at) const {
  std::size_t depth = 0;
  for (; at < tokens_.size(); ++at) {
    switch (tokens_[at].kind) {
      case TokenKind::kLeftParen:
      case TokenKind::kLeftBracket:
      case TokenKind::kLeftBrace:
        ++depth;
        break;
      case TokenKind::kRightParen:
      case TokenKind::kRightBracket:
      case TokenKind::kRightBrace:
        if (--depth == 0) return at + 1;
        break;
      default:
        break;
    }
  }
  return kNotFound;
}

/// Behind the type at `at`, stack brackets included.
std::size_t Parser::scan_type(std::size_t at, std::uint32_t depth) const {
  constexpr std::uint32_t kMaxScanDepth = 64;
  if (depth > kMaxScanDepth) return kNotFound;
  switch (kind_at(at)) {
    case TokenKind::kBool:
    case TokenKind::kError:
    case TokenKind::kMatchKind:
    case TokenKind::kString:
    case TokenKind::kVoid:
      return at + 1;
    case TokenKind::kBit:
    case TokenKind::kInt:
    case TokenKind::kVarbit:
      if (kind_at(at + 1) != TokenKind::kLess) return at + 1;
      return scan_width(at + 2);
    default:
      break;
  }
  if (kind_at(at) == TokenKind::kDot) ++at;
  if (kind_at(at) != TokenKind::kTuple && !name_at(at)) return kNotFound;
  ++at;
  if (kind_at(at) == TokenKind::kLess) at = scan_type_arguments(at, depth + 1);
  while (at != kNotFound && kind_at(at) == TokenKind::kLeftBracket) at = scan_balanced(at);
  return at;
}

/// Behind the `>` that ends the width at `at`.
std::size_t Parser::scan_width(std::size_t at) const {
  while (at != kNotFound) {
    switch (kind_at(at)) {
      case TokenKind::kGreater:
        return at + 1;
      case TokenKind::kLeftParen:
      case TokenKind::kLeftBracket:
        at = scan_balanced(at);
        break;
      case TokenKind::kEnd:
      case TokenKind::kSemicolon:
      case TokenKind::kComma:
      case TokenKind::kLess:
      case TokenKind::kRightParen:
      case TokenKind::kLeftBrace:
      case TokenKind::kRightBrace:
        return kNotFound;
      default:
        ++at;
    }
  }
  return kNotFound;
}

/// Behind `<type, ...>`.
std::size_t Parser::scan_type_arguments(std::size_t at, std::uint32_t depth) const {
  ++at;
  if (kind_at(at) == TokenKind::kGreater) return at + 1;
  while (true) {
    at = kind_at(at) == TokenKind::kDontCare ? at + 1 : scan_type(at, depth);
    if (at == kNotFound) return kNotFound;
    if (kind_at(at) == TokenKind::kGreater) return at + 1;
    if (kind_at(at) != TokenKind::kComma) return kNotFound;
    ++at;
  }
}

}  // namespace frontend
}  // namespace p4bpf
