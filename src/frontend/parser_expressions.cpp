// Expressions, arguments, and keysets (P4_16 section 8; keysets: 12.6 and 14.2.1.4).
//
// The grammar lists binary operators with precedences; parse_binary climbs them. Two rules need to look ahead: `(` may
// open a cast, and `<` may open type arguments. A `<` does so if what follows reads as types up to `>` and then `(` or
// `.`: no well-typed comparison looks like this.
#include <optional>

#include "frontend/literals.h"
#include "frontend/parser.h"

namespace p4bpf::frontend {

using namespace ast;

ExprId Parser::add_expr(std::size_t first, decltype(Expr::node) node, std::uint32_t child_depth) {
  check_depth(child_depth + 1);
  expr_depth_.push_back(static_cast<std::uint16_t>(child_depth + 1));
  return ast_.exprs.add(Expr{span_from(first), std::move(node)});
}

std::uint32_t Parser::depth_of(const std::vector<Argument>& arguments) const {
  std::uint32_t depth = 0;
  for (const Argument& argument : arguments) depth = std::max(depth, depth_of(argument.value));
  return depth;
}

/// expression: expression "?" expression ":" expression | (see parse_binary)
ExprId Parser::parse_expression() {
  const Nesting nesting(*this);
  const std::size_t first = next_;
  const ExprId condition = parse_binary(0);
  if (!take(TokenKind::kQuestion)) return condition;
  const ExprId yes = parse_expression();
  expect(TokenKind::kColon);
  const ExprId no = parse_expression();
  return add_expr(first, Conditional{condition, yes, no}, std::max({depth_of(condition), depth_of(yes), depth_of(no)}));
}

namespace {

struct BinaryOperator {
  int level;  // higher binds tighter
  BinaryOp op;
};

/// The precedence table of the grammar, from "||" to "*"; nothing for a token that is no binary operator.
std::optional<BinaryOperator> binary_operator(TokenKind kind) {
  switch (kind) {
    case TokenKind::kOrOr:
      return BinaryOperator{1, BinaryOp::kOr};
    case TokenKind::kAndAnd:
      return BinaryOperator{2, BinaryOp::kAnd};
    case TokenKind::kEqual:
      return BinaryOperator{3, BinaryOp::kEq};
    case TokenKind::kNotEqual:
      return BinaryOperator{3, BinaryOp::kNe};
    case TokenKind::kLess:
      return BinaryOperator{4, BinaryOp::kLt};
    case TokenKind::kGreater:
      return BinaryOperator{4, BinaryOp::kGt};
    case TokenKind::kLessEqual:
      return BinaryOperator{4, BinaryOp::kLe};
    case TokenKind::kGreaterEqual:
      return BinaryOperator{4, BinaryOp::kGe};
    case TokenKind::kPipe:
      return BinaryOperator{5, BinaryOp::kBitOr};
    case TokenKind::kCaret:
      return BinaryOperator{6, BinaryOp::kBitXor};
    case TokenKind::kAmpersand:
      return BinaryOperator{7, BinaryOp::kBitAnd};
    case TokenKind::kShiftLeft:
      return BinaryOperator{8, BinaryOp::kShl};
    case TokenKind::kConcat:
      return BinaryOperator{9, BinaryOp::kConcat};
    case TokenKind::kPlus:
      return BinaryOperator{9, BinaryOp::kAdd};
    case TokenKind::kMinus:
      return BinaryOperator{9, BinaryOp::kSub};
    case TokenKind::kSatPlus:
      return BinaryOperator{9, BinaryOp::kSatAdd};
    case TokenKind::kSatMinus:
      return BinaryOperator{9, BinaryOp::kSatSub};
    case TokenKind::kStar:
      return BinaryOperator{10, BinaryOp::kMul};
    case TokenKind::kSlash:
      return BinaryOperator{10, BinaryOp::kDiv};
    case TokenKind::kPercent:
      return BinaryOperator{10, BinaryOp::kMod};
    default:
      return std::nullopt;
  }
}

}  // namespace

/// expression: expression "*" expression | expression "/" expression | ... | expression "||" expression
/// Operators that bind no tighter than `above` are left to the caller; all associate to the left.
ExprId Parser::parse_binary(int above) {
  const std::size_t first = next_;
  ExprId left = parse_unary();
  while (true) {
    std::optional<BinaryOperator> found = binary_operator(kind());
    if (at(TokenKind::kPlus) && kind(1) == TokenKind::kColon) return left;  // base[lo +: width]
    const bool is_shift = at_shift_right();
    if (is_shift) found = BinaryOperator{8, BinaryOp::kShr};
    if (!found || found->level <= above) return left;
    next();
    if (is_shift) next();
    const ExprId right = parse_binary(found->level);
    left = add_expr(first, Binary{found->op, left, right}, std::max(depth_of(left), depth_of(right)));
  }
}

/// expression: "!" expression | "~" expression | "-" expression | "+" expression | "(" typeRef ")" expression
ExprId Parser::parse_unary() {
  const std::size_t first = next_;
  std::optional<Unary::Op> op;
  switch (kind()) {
    case TokenKind::kNot:
      op = Unary::Op::kNot;
      break;
    case TokenKind::kComplement:
      op = Unary::Op::kComplement;
      break;
    case TokenKind::kMinus:
      op = Unary::Op::kNegate;
      break;
    case TokenKind::kPlus:
      op = Unary::Op::kPlus;
      break;
    case TokenKind::kLeftParen:
      if (!is_cast(next_)) return parse_postfix();
      break;
    default:
      return parse_postfix();
  }
  const Nesting nesting(*this);
  next();
  if (op) {
    const ExprId operand = parse_unary();
    return add_expr(first, Unary{*op, operand}, depth_of(operand));
  }
  const TypeRefId type = parse_type();
  expect(TokenKind::kRightParen);
  const ExprId operand = parse_unary();
  return add_expr(first, Cast{type, operand}, std::max(depth_of(type), depth_of(operand)));
}

/// Whether the `(` at `open` opens `(type) operand`.
bool Parser::is_cast(std::size_t open, std::uint32_t depth) const {
  constexpr std::uint32_t kMaxCasts = 64;
  const std::size_t end = scan_type(open + 1);
  if (end == kNotFound || kind_at(end) != TokenKind::kRightParen) return false;
  const std::size_t name = open + (kind_at(open + 1) == TokenKind::kDot ? 2 : 1);
  const bool is_plain_name = name_at(name) && kind_at(name + 1) != TokenKind::kLess;
  if (!is_plain_name) return true;
  switch (kind_at(end + 1)) {
    case TokenKind::kInteger:
    case TokenKind::kStringLiteral:
    case TokenKind::kLeftBrace:
    case TokenKind::kInvalid:
    case TokenKind::kNot:
    case TokenKind::kComplement:
    case TokenKind::kTrue:
    case TokenKind::kFalse:
    case TokenKind::kThis:
    case TokenKind::kError:
    case TokenKind::kDots:
      return true;
    case TokenKind::kLeftParen:
      // `(A)(B) x` with names that nobody declared: the second cannot be an argument, so the first is no function.
      if (look_up(tokens_[name].text) == NameUse::kUnknown) return depth < kMaxCasts && is_cast(end + 1, depth + 1);
      [[fallthrough]];
    case TokenKind::kPlus:
    case TokenKind::kMinus:
    case TokenKind::kDot:
      return look_up(tokens_[name].text) == NameUse::kType;
    default:
      return name_at(end + 1);
  }
}

/// expression: expression "[" ... "]" | expression "." member | expression "(" argumentList ")"
///           | expression "<" realTypeArgumentList ">" "(" argumentList ")" | typeName "." member | ERROR "." member
ExprId Parser::parse_postfix() {
  const std::size_t first = next_;
  ExprId base = parse_primary();
  while (true) {
    if (at(TokenKind::kLeftBracket)) {
      base = parse_index(first, base);
    } else if (at(TokenKind::kLeftParen)) {
      base = parse_call(first, base);
    } else if (at(TokenKind::kDot)) {
      next();
      Name member = parse_name("the name of a member");
      base = add_expr(first, Member{base, std::move(member)}, depth_of(base));
    } else if (at(TokenKind::kLess)) {
      const auto& node = ast_[base].node;
      if (!std::holds_alternative<NameExpr>(node) && !std::holds_alternative<Member>(node)) return base;
      const std::size_t end = scan_type_arguments(next_);
      if (end == kNotFound || kind_at(end) != TokenKind::kLeftParen) return base;
      base = parse_call(first, base);
    } else {
      return base;
    }
  }
}

/// callee "(" argumentList ")" | callee "<" realTypeArgumentList ">" "(" argumentList ")"
ExprId Parser::parse_call(std::size_t first, ExprId callee) {
  Call call;
  call.callee = callee;
  if (at(TokenKind::kLess)) call.type_arguments = parse_type_arguments();
  call.arguments = parse_arguments();
  const std::uint32_t depth = std::max({depth_of(callee), depth_of(call.type_arguments), depth_of(call.arguments)});
  return add_expr(first, std::move(call), depth);
}

/// expression "[" expression "]" | expression "[" expression ":" expression "]" | expression "[" expression "+" ":"
/// expression "]"
ExprId Parser::parse_index(std::size_t first, ExprId base) {
  const Token open = expect(TokenKind::kLeftBracket);
  const ExprId index = parse_expression();
  const std::uint32_t depth = std::max(depth_of(base), depth_of(index));
  const bool is_plus = at(TokenKind::kPlus);
  if (is_plus) next();
  if (is_plus || at(TokenKind::kColon)) {
    expect(TokenKind::kColon);
    const ExprId second = parse_expression();
    expect_close(TokenKind::kRightBracket, open);
    if (is_plus) return add_expr(first, PlusSlice{base, index, second}, std::max(depth, depth_of(second)));
    return add_expr(first, Slice{base, index, second}, std::max(depth, depth_of(second)));
  }
  expect_close(TokenKind::kRightBracket, open);
  return add_expr(first, Index{base, index}, depth);
}

/// expression: INTEGER | DOTS | STRING_LITERAL | TRUE | FALSE | THIS | prefixedNonTypeName | "{" ... "}" | "{#}" | "("
/// expression ")"
ExprId Parser::parse_primary() {
  const std::size_t first = next_;
  const auto leaf = [&](auto node) {
    next();
    return add_expr(first, std::move(node));
  };
  switch (kind()) {
    case TokenKind::kInteger:
      return parse_integer();
    case TokenKind::kStringLiteral:
      return leaf(StringLiteral{unescape_string(peek().text)});
    case TokenKind::kTrue:
      return leaf(BoolLiteral{true});
    case TokenKind::kFalse:
      return leaf(BoolLiteral{false});
    case TokenKind::kThis:
      return leaf(ThisExpr{});
    case TokenKind::kDots:
      return leaf(DotsExpr{});
    case TokenKind::kInvalid:
      return leaf(InvalidExpr{});
    case TokenKind::kLeftBrace:
      return parse_brace_expression();
    case TokenKind::kError: {
      next();
      const TypeRefId type = add_type(first, BaseType{BaseType::Kind::kError});
      if (!at(TokenKind::kDot)) fail_expected("'.' and the name of an error");
      return add_expr(first, TypeExpr{type}, depth_of(type));
    }
    case TokenKind::kLeftParen: {
      const Token open = next();
      const ExprId inner = parse_expression();
      expect_close(TokenKind::kRightParen, open);
      return inner;
    }
    default:
      return parse_name_expression();
  }
}

ExprId Parser::parse_integer() {
  const std::size_t first = next_;
  const Token& token = expect(TokenKind::kInteger);
  auto literal = read_integer(token.text);
  if (literal) return add_expr(first, std::move(*literal));
  if (errors_++ < kMaxSyntaxErrors) diagnostics_.report(DiagnosticKind::kBadLiteral, token.span, literal.error());
  return add_expr(first, ErrorExpr{});
}

/// prefixedNonTypeName: nonTypeName | dotPrefix nonTypeName
/// namedType "(" argumentList ")" and specializedType "." APPLY: a type with type arguments becomes a TypeExpr.
ExprId Parser::parse_name_expression() {
  const std::size_t first = next_;
  const bool is_global = at(TokenKind::kDot);
  const std::size_t name_at_token = next_ + (is_global ? 1 : 0);
  if (!name_at(name_at_token)) fail_expected("an expression");
  if (kind_at(name_at_token + 1) == TokenKind::kLess) {
    const std::size_t end = scan_type_arguments(name_at_token + 1);
    const bool is_type = look_up(tokens_[name_at_token].text) == NameUse::kType;
    if (end != kNotFound && (kind_at(end) == TokenKind::kDot || (kind_at(end) == TokenKind::kLeftParen && is_type))) {
      const TypeRefId type = parse_named_type();
      return add_expr(first, TypeExpr{type}, depth_of(type));
    }
  }
  NameExpr name;
  name.is_global = take(TokenKind::kDot);
  name.name = parse_name();
  return add_expr(first, std::move(name));
}

/// expression: "{" expressionList optTrailingComma "}" | "{" kvList optTrailingComma "}" | "{" kvList "," DOTS
/// optTrailingComma "}" A final `...` is has_rest; the grammar of lists has it as an expression.
ExprId Parser::parse_brace_expression() {
  const std::size_t first = next_;
  const Token open = expect(TokenKind::kLeftBrace);
  ListExpr list;
  StructExpr fields;
  const bool is_struct = at_name() && kind(1) == TokenKind::kAssign;
  bool has_rest = false;
  while (!at(TokenKind::kRightBrace) && !at_end()) {
    const bool closes =
        kind(1) == TokenKind::kRightBrace || (kind(1) == TokenKind::kComma && kind(2) == TokenKind::kRightBrace);
    if (at(TokenKind::kDots) && closes) {
      next();
      has_rest = true;
    } else if (is_struct) {
      Argument field;
      field.name = parse_name("the name of a field");
      expect(TokenKind::kAssign);
      field.value = parse_expression();
      fields.fields.push_back(std::move(field));
    } else {
      list.elements.push_back(parse_expression());
    }
    if (!take(TokenKind::kComma)) break;
  }
  expect_close(TokenKind::kRightBrace, open);
  list.has_rest = fields.has_rest = has_rest;
  const std::uint32_t depth = std::max(depth_of(list.elements), depth_of(fields.fields));
  if (is_struct) return add_expr(first, std::move(fields), depth);
  return add_expr(first, std::move(list), depth);
}

/// argumentList: (empty) | nonEmptyArgList; the parentheses around it are read too.
std::vector<Argument> Parser::parse_arguments() {
  std::vector<Argument> arguments;
  const Token open = expect(TokenKind::kLeftParen);
  if (!at(TokenKind::kRightParen)) {
    do {
      arguments.push_back(parse_argument());
    } while (take(TokenKind::kComma));
  }
  expect_close(TokenKind::kRightParen, open);
  return arguments;
}

/// argument: expression | name "=" expression | "_" | name "=" "_"
Argument Parser::parse_argument() {
  Argument argument;
  if (at_name() && kind(1) == TokenKind::kAssign) {
    argument.name = parse_name();
    next();
  }
  const std::size_t first = next_;
  argument.value = take(TokenKind::kDontCare) ? add_expr(first, DontCareExpr{}) : parse_expression();
  return argument;
}

/// expressionList: (empty) | expression | expressionList "," expression; up to `close`, which is left.
std::vector<ExprId> Parser::parse_expression_list(TokenKind close) {
  std::vector<ExprId> expressions;
  if (at(close)) return expressions;
  do {
    expressions.push_back(parse_expression());
  } while (take(TokenKind::kComma));
  return expressions;
}

/// keysetExpression: tupleKeysetExpression | simpleKeysetExpression
/// tupleKeysetExpression: "(" simpleKeysetExpression "," simpleExpressionList ")" | "(" reducedSimpleKeysetExpression
/// ")" Parentheses around the whole of it are those of a tuple; `(a) + b` is a simple one.
ExprId Parser::parse_keyset() {
  const std::size_t close = at(TokenKind::kLeftParen) ? scan_balanced(next_) : kNotFound;
  if (close == kNotFound || kind_at(close) != TokenKind::kColon) return parse_simple_keyset();
  const std::size_t first = next_;
  const Token open = next();
  std::vector<ExprId> elements;
  do {
    elements.push_back(parse_simple_keyset());
  } while (take(TokenKind::kComma));
  expect_close(TokenKind::kRightParen, open);
  if (elements.size() == 1) return elements[0];
  const std::uint32_t depth = depth_of(elements);
  return add_expr(first, ListExpr{std::move(elements), false}, depth);
}

/// simpleKeysetExpression: expression | expression "&&&" expression | expression ".." expression | DEFAULT | "_"
ExprId Parser::parse_simple_keyset() {
  const std::size_t first = next_;
  if (at(TokenKind::kDefault) || at(TokenKind::kDontCare)) {
    return add_expr(first, DontCareExpr{next().kind == TokenKind::kDefault});
  }
  const ExprId left = parse_expression();
  const bool is_mask = at(TokenKind::kMask);
  if (!is_mask && !at(TokenKind::kRange)) return left;
  next();
  const ExprId right = parse_expression();
  const std::uint32_t depth = std::max(depth_of(left), depth_of(right));
  if (is_mask) return add_expr(first, MaskExpr{left, right}, depth);
  return add_expr(first, RangeExpr{left, right}, depth);
}

}  // namespace p4bpf::frontend
