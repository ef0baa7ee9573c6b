// The arithmetic of #if (ISO C11 6.10.1): 64-bit integers, all C operators without assignment; a name that is no macro
// is 0.
#include <cstdint>
#include <limits>

#include "frontend/literals.h"
#include "frontend/preprocessor.h"

namespace p4bpf::preprocessor {
namespace {

/// Recursive descent over one line. After the first report it runs on quietly to the end.
class Evaluator {
 public:
  Evaluator(const std::vector<Token>& tokens, Span span, Diagnostics& diagnostics)
      : tokens_(tokens), span_(span), diagnostics_(diagnostics) {}

  bool run() {
    if (tokens_.empty()) {
      fail(span_, "#if expects an expression");
      return false;
    }
    const std::int64_t value = parse_conditional(true);
    if (next_ < tokens_.size())
      fail(tokens_[next_].span, "found " + token_name(tokens_[next_]) + " after the expression of #if");
    return !failed_ && value != 0;
  }

 private:
  void fail(Span span, std::string message) {
    if (!failed_) diagnostics_.report(DiagnosticKind::kBadDirective, span, std::move(message));
    failed_ = true;
    next_ = tokens_.size();
  }
  TokenKind kind(std::size_t ahead = 0) const {
    return next_ + ahead < tokens_.size() ? tokens_[next_ + ahead].kind : TokenKind::kEnd;
  }
  bool take(TokenKind wanted) {
    if (kind() != wanted) return false;
    ++next_;
    return true;
  }

  /// `is_used` is false in a branch that && || ?: leave out: a division by zero is no mistake there.
  std::int64_t parse_conditional(bool is_used) {
    if (++depth_ > kMaxConditionDepth) {
      fail(span_, "the expression of #if nests too deeply");
      return 0;
    }
    std::int64_t value = parse_binary(0, is_used);
    if (take(TokenKind::kQuestion)) {
      const std::int64_t yes = parse_conditional(is_used && value != 0);
      if (!take(TokenKind::kColon)) fail(span_, "expected ':' in the expression of #if");
      const std::int64_t no = parse_conditional(is_used && value == 0);
      value = value != 0 ? yes : no;
    }
    --depth_;
    return value;
  }

  struct Operator {
    int level;  // higher binds tighter; 0 is no operator
    std::size_t tokens;
    TokenKind kind;
  };
  Operator peek_operator() const {
    switch (kind()) {
      case TokenKind::kOrOr:
        return {1, 1, kind()};
      case TokenKind::kAndAnd:
        return {2, 1, kind()};
      case TokenKind::kPipe:
        return {3, 1, kind()};
      case TokenKind::kCaret:
        return {4, 1, kind()};
      case TokenKind::kAmpersand:
        return {5, 1, kind()};
      case TokenKind::kEqual:
      case TokenKind::kNotEqual:
        return {6, 1, kind()};
      case TokenKind::kGreater:
        if (kind(1) == TokenKind::kGreater && !tokens_[next_ + 1].space_before)
          return {8, 2, TokenKind::kShiftRightAssign};
        return {7, 1, kind()};
      case TokenKind::kLess:
      case TokenKind::kLessEqual:
      case TokenKind::kGreaterEqual:
        return {7, 1, kind()};
      case TokenKind::kShiftLeft:
        return {8, 1, kind()};
      case TokenKind::kPlus:
      case TokenKind::kMinus:
        return {9, 1, kind()};
      case TokenKind::kStar:
      case TokenKind::kSlash:
      case TokenKind::kPercent:
        return {10, 1, kind()};
      default:
        return {0, 0, kind()};
    }
  }

  std::int64_t parse_binary(int above, bool is_used) {
    std::int64_t left = parse_unary(is_used);
    while (true) {
      const Operator found = peek_operator();
      if (found.level <= above) return left;
      next_ += found.tokens;
      const bool needs_right =
          found.kind == TokenKind::kOrOr ? left == 0 : found.kind != TokenKind::kAndAnd || left != 0;
      const std::int64_t right = parse_binary(found.level, is_used && needs_right);
      left = apply(found.kind, left, right, is_used && needs_right);
    }
  }

  std::int64_t apply(TokenKind op, std::int64_t left, std::int64_t right, bool is_used) {
    const auto a = static_cast<std::uint64_t>(left);
    const auto b = static_cast<std::uint64_t>(right);
    switch (op) {
      case TokenKind::kOrOr:
        return left != 0 || right != 0;
      case TokenKind::kAndAnd:
        return left != 0 && right != 0;
      case TokenKind::kPipe:
        return left | right;
      case TokenKind::kCaret:
        return left ^ right;
      case TokenKind::kAmpersand:
        return left & right;
      case TokenKind::kEqual:
        return left == right;
      case TokenKind::kNotEqual:
        return left != right;
      case TokenKind::kLess:
        return left < right;
      case TokenKind::kGreater:
        return left > right;
      case TokenKind::kLessEqual:
        return left <= right;
      case TokenKind::kGreaterEqual:
        return left >= right;
      case TokenKind::kShiftLeft:
        return b > 63 ? 0 : static_cast<std::int64_t>(a << b);
      case TokenKind::kShiftRightAssign:
        return left >> (b > 63 ? 63 : b);
      case TokenKind::kPlus:
        return static_cast<std::int64_t>(a + b);
      case TokenKind::kMinus:
        return static_cast<std::int64_t>(a - b);
      case TokenKind::kStar:
        return static_cast<std::int64_t>(a * b);
      default:
        break;
    }
    if (right == 0) {
      if (is_used) fail(span_, "division by zero in the expression of #if");
      return 0;
    }
    if (right == -1) return op == TokenKind::kSlash ? static_cast<std::int64_t>(0 - a) : 0;  // INT64_MIN / -1 traps
    return op == TokenKind::kSlash ? left / right : left % right;
  }

  std::int64_t parse_unary(bool is_used) {
    if (++depth_ > kMaxConditionDepth) {
      fail(span_, "the expression of #if nests too deeply");
      return 0;
    }
    std::int64_t value = 0;
    if (take(TokenKind::kNot)) {
      value = parse_unary(is_used) == 0;
    } else if (take(TokenKind::kMinus)) {
      value = static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(parse_unary(is_used)));
    } else if (take(TokenKind::kPlus)) {
      value = parse_unary(is_used);
    } else if (take(TokenKind::kComplement)) {
      value = ~parse_unary(is_used);
    } else {
      value = parse_primary(is_used);
    }
    --depth_;
    return value;
  }

  std::int64_t parse_primary(bool is_used) {
    if (take(TokenKind::kLeftParen)) {
      const std::int64_t value = parse_conditional(is_used);
      if (!take(TokenKind::kRightParen)) fail(span_, "expected ')' in the expression of #if");
      return value;
    }
    if (take(TokenKind::kIdentifier)) return tokens_[next_ - 1].text == "true" ? 1 : 0;
    if (kind() == TokenKind::kInteger) return parse_number(tokens_[next_++]);
    fail(next_ < tokens_.size() ? tokens_[next_].span : span_,
         next_ < tokens_.size() ? "found " + token_name(tokens_[next_]) + " in the expression of #if, expected a value"
                                : "the expression of #if ends where a value is expected");
    return 0;
  }

  std::int64_t parse_number(const Token& token) {
    std::string_view text = token.text;
    while (!text.empty() && std::string_view("uUlL").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    std::string octal;
    if (text.size() > 1 && text[0] == '0' && text.find_first_not_of("01234567") == std::string_view::npos) {
      octal = "0o" + std::string(text.substr(1));
      text = octal;
    }
    const auto literal = read_integer(text);
    if (!literal || literal->value > std::numeric_limits<std::uint64_t>::max()) {
      fail(token.span, "found " + token_name(token) + " in the expression of #if, expected a 64-bit integer");
      return 0;
    }
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(literal->value));
  }

  const std::vector<Token>& tokens_;
  Span span_;
  Diagnostics& diagnostics_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
  bool failed_ = false;
};

}  // namespace

bool evaluate_condition(const std::vector<Token>& tokens, Span span, Diagnostics& diagnostics) {
  return Evaluator(tokens, span, diagnostics).run();
}

}  // namespace p4bpf::preprocessor
