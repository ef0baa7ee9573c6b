// Statements (P4_16 section 12).
#include <optional>

#include "frontend/parser.h"

namespace p4bpf::frontend {

using namespace ast;

StmtId Parser::add_stmt(std::size_t first, decltype(Stmt::node) node) {
  return ast_.stmts.add(Stmt{span_from(first), std::move(node)});
}

/// blockStatement: optAnnotations "{" statOrDeclList "}"
StmtId Parser::parse_block(Annotations annotations) {
  const std::size_t first = next_;
  const Token open = expect(TokenKind::kLeftBrace);
  const Scope scope(*this);
  std::vector<StmtId> statements = parse_statements();
  expect_close(TokenKind::kRightBrace, open);
  return add_stmt(first, Block{std::move(annotations), std::move(statements)});
}

/// statOrDeclList: (empty) | statOrDeclList statementOrDeclaration
/// Those of a state end before its transition.
std::vector<StmtId> Parser::parse_statements(bool of_state) {
  std::vector<StmtId> statements;
  while (!at_end_of_block() && !(of_state && at(TokenKind::kTransition))) {
    const std::size_t before = element_first_ = next_;
    try {
      refuse_misplaced();
      statements.push_back(parse_statement());
    } catch (const Recover&) {
      skip_to_semicolon(before);
    }
  }
  return statements;
}

/// statementOrDeclaration: variableDeclaration | constantDeclaration | statement
StmtId Parser::parse_statement() {
  const Nesting nesting(*this);
  const std::size_t first = next_;
  Annotations annotations = parse_annotations();
  return parse_unannotated_statement(first, std::move(annotations));
}

/// What `if`, `else` and `for` hold: a statement, where a block alone may declare.
StmtId Parser::parse_substatement() {
  if (at_local_declaration())
    report(DiagnosticKind::kSyntax, peek().span, "found a declaration, expected a statement; put it between braces");
  return parse_statement();
}

/// For what the grammar of parser states leaves out (section 13.5); reported, and parsed nevertheless.
void Parser::refuse_in_state(std::string_view statement) {
  if (in_state_)
    report(DiagnosticKind::kBadStatement, peek().span, "a parser state cannot hold " + std::string(statement));
}

/// statement: assignmentOrMethodCallStatement | directApplication | conditionalStatement | emptyStatement |
/// blockStatement
///          | returnStatement | breakStatement | continueStatement | exitStatement | switchStatement | forStatement
StmtId Parser::parse_unannotated_statement(std::size_t first, Annotations annotations) {
  if (at_local_declaration()) {
    const DeclId declaration = parse_local(std::move(annotations));
    return add_stmt(first, DeclStmt{declaration});
  }
  if (at(TokenKind::kLeftBrace)) return parse_block(std::move(annotations));
  if (at(TokenKind::kFor)) return parse_for(std::move(annotations));
  refuse_annotations(annotations);
  const auto word = [&](auto node) {
    next();
    expect(TokenKind::kSemicolon);
    return add_stmt(first, std::move(node));
  };
  switch (kind()) {
    case TokenKind::kSemicolon:
      next();
      return add_stmt(first, Empty{});
    case TokenKind::kIf:
      return parse_if();
    case TokenKind::kSwitch:
      return parse_switch();
    case TokenKind::kReturn:
      return parse_return();
    case TokenKind::kExit:
      refuse_in_state("'exit'");
      return word(Exit{});
    case TokenKind::kBreak:
      return word(Break{});
    case TokenKind::kContinue:
      return word(Continue{});
    default:
      break;
  }
  const StmtId statement = parse_assignment_or_call();
  expect(TokenKind::kSemicolon);
  return statement;
}

/// Whether a constant, a variable or an instance is declared here, rather than a name used.
bool Parser::at_local_declaration() const {
  switch (kind()) {
    case TokenKind::kConst:
    case TokenKind::kBool:
    case TokenKind::kBit:
    case TokenKind::kInt:
    case TokenKind::kVarbit:
    case TokenKind::kString:
    case TokenKind::kTuple:
    case TokenKind::kError:
    case TokenKind::kMatchKind:
      return true;
    default:
      break;
  }
  const std::size_t end = scan_type(next_);
  return end != kNotFound && (name_at(end) || at_instance());
}

/// lvalue "(" argumentList ")" | lvalue "<" typeArgumentList ">" "(" argumentList ")" | lvalue "=" expression
/// | lvalue "*=" expression | ... ; without the semicolon
StmtId Parser::parse_assignment_or_call() {
  const std::size_t first = next_;
  if (at(TokenKind::kTransition)) fail_expected("a statement, since a transition ends a state");
  if (!at_name() && !at(TokenKind::kDot) && !at(TokenKind::kThis) && !at(TokenKind::kLeftParen))
    fail_expected("a statement");
  const ExprId left = parse_postfix();
  std::optional<BinaryOp> op;
  switch (kind()) {
    case TokenKind::kAssign:
      break;
    case TokenKind::kPlusAssign:
      op = BinaryOp::kAdd;
      break;
    case TokenKind::kMinusAssign:
      op = BinaryOp::kSub;
      break;
    case TokenKind::kStarAssign:
      op = BinaryOp::kMul;
      break;
    case TokenKind::kSlashAssign:
      op = BinaryOp::kDiv;
      break;
    case TokenKind::kPercentAssign:
      op = BinaryOp::kMod;
      break;
    case TokenKind::kSatPlusAssign:
      op = BinaryOp::kSatAdd;
      break;
    case TokenKind::kSatMinusAssign:
      op = BinaryOp::kSatSub;
      break;
    case TokenKind::kShiftLeftAssign:
      op = BinaryOp::kShl;
      break;
    case TokenKind::kShiftRightAssign:
      op = BinaryOp::kShr;
      break;
    case TokenKind::kAndAssign:
      op = BinaryOp::kBitAnd;
      break;
    case TokenKind::kOrAssign:
      op = BinaryOp::kBitOr;
      break;
    case TokenKind::kXorAssign:
      op = BinaryOp::kBitXor;
      break;
    default:
      if (std::holds_alternative<Call>(ast_[left].node)) return add_stmt(first, CallStmt{left});
      fail_expected("'=' or '('");
  }
  next();
  const ExprId right = parse_expression();
  return add_stmt(first, Assign{left, right, op});
}

/// conditionalStatement: IF "(" expression ")" statement | IF "(" expression ")" statement ELSE statement
StmtId Parser::parse_if() {
  const std::size_t first = next_;
  expect(TokenKind::kIf);
  const Token open = expect(TokenKind::kLeftParen);
  If node;
  node.condition = parse_expression();
  expect_close(TokenKind::kRightParen, open);
  node.then_branch = parse_substatement();
  if (take(TokenKind::kElse)) node.else_branch = parse_substatement();
  return add_stmt(first, node);
}

/// returnStatement: RETURN ";" | RETURN expression ";"
StmtId Parser::parse_return() {
  const std::size_t first = next_;
  refuse_in_state("'return'");
  expect(TokenKind::kReturn);
  Return node;
  if (!at(TokenKind::kSemicolon)) node.value = parse_expression();
  expect(TokenKind::kSemicolon);
  return add_stmt(first, node);
}

/// switchStatement: SWITCH "(" expression ")" "{" switchCases "}"
/// switchCase: switchLabel ":" blockStatement | switchLabel ":"
/// switchLabel: DEFAULT | nonBraceExpression
StmtId Parser::parse_switch() {
  const std::size_t first = next_;
  refuse_in_state("'switch'");
  expect(TokenKind::kSwitch);
  const Token open = expect(TokenKind::kLeftParen);
  Switch node;
  node.subject = parse_expression();
  expect_close(TokenKind::kRightParen, open);
  node.cases = parse_braced_list<SwitchCase>([this] {
    const std::size_t case_first = next_;
    SwitchCase one;
    if (take(TokenKind::kDefault)) {
      one.label = add_expr(case_first, DontCareExpr{true});
    } else {
      if (at(TokenKind::kLeftBrace)) fail_expected("a label");
      one.label = parse_expression();
    }
    expect(TokenKind::kColon);
    if (at(TokenKind::kLeftBrace) || at(TokenKind::kAt)) one.body = parse_block(parse_annotations());
    one.span = span_from(case_first);
    return one;
  });
  return add_stmt(first, std::move(node));
}

/// forStatement: optAnnotations FOR "(" forInitStatements ";" expression ";" forUpdateStatements ")" statement
///             | optAnnotations FOR "(" optAnnotations typeRef name IN forCollectionExpr ")" statement
StmtId Parser::parse_for(Annotations annotations) {
  const std::size_t first = next_;
  refuse_in_state("'for'");
  expect(TokenKind::kFor);
  const Token open = expect(TokenKind::kLeftParen);
  const Scope scope(*this);
  const std::size_t type_end = scan_type(next_);
  const bool declares = type_end != kNotFound && name_at(type_end) && kind_at(type_end + 1) == TokenKind::kIn;
  if (declares || at(TokenKind::kAt) || (at_name() && kind(1) == TokenKind::kIn)) {
    return parse_for_in(first, std::move(annotations));
  }
  For node;
  node.annotations = std::move(annotations);
  if (!at(TokenKind::kSemicolon)) {
    do {
      node.init.push_back(parse_for_init());
    } while (take(TokenKind::kComma));
  }
  expect(TokenKind::kSemicolon);
  node.condition = parse_expression();
  expect(TokenKind::kSemicolon);
  if (!at(TokenKind::kRightParen)) {
    do {
      node.update.push_back(parse_assignment_or_call());
    } while (take(TokenKind::kComma));
  }
  expect_close(TokenKind::kRightParen, open);
  node.body = parse_substatement();
  return add_stmt(first, std::move(node));
}

/// FOR "(" optAnnotations typeRef name IN forCollectionExpr ")" statement, from behind the "("
/// forCollectionExpr: expression | expression ".." expression
StmtId Parser::parse_for_in(std::size_t first, Annotations annotations) {
  ForIn node;
  node.annotations = std::move(annotations);
  Annotations variable_annotations = parse_annotations();
  const std::size_t variable_first = next_;
  if (at_name() && kind(1) == TokenKind::kIn) {
    refuse_annotations(variable_annotations);
    node.target = parse_name_expression();
  } else {
    const TypeRefId type = parse_type();
    Name name = parse_name("the name of a variable");
    declare(name, false);
    node.variable = add_decl(variable_first, std::move(name), std::move(variable_annotations), VarDecl{type, {}});
  }
  expect(TokenKind::kIn);
  const std::size_t collection_first = next_;
  node.collection = parse_expression();
  if (take(TokenKind::kRange)) {
    const ExprId hi = parse_expression();
    const std::uint32_t depth = std::max(depth_of(node.collection), depth_of(hi));
    node.collection = add_expr(collection_first, RangeExpr{node.collection, hi}, depth);
  }
  expect(TokenKind::kRightParen);
  node.body = parse_substatement();
  return add_stmt(first, std::move(node));
}

/// declOrAssignmentOrMethodCallStatement: variableDeclarationWithoutSemicolon |
/// assignmentOrMethodCallStatementWithoutSemicolon
StmtId Parser::parse_for_init() {
  const std::size_t first = next_;
  Annotations annotations = parse_annotations();
  if (at(TokenKind::kConst)) fail_expected("a variable or an assignment");
  if (!at_local_declaration() && annotations.empty()) return parse_assignment_or_call();
  const DeclId variable = parse_variable(std::move(annotations));
  return add_stmt(first, DeclStmt{variable});
}

}  // namespace p4bpf::frontend
