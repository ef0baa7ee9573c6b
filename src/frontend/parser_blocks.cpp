// Parsers and their states, controls, actions (P4_16 sections 13 to 15).
#include "frontend/parser.h"

namespace p4bpf::frontend {

using namespace ast;

/// parserDeclaration: parserTypeDeclaration optConstructorParameters "{" parserLocalElements parserStates "}"
/// parserTypeDeclaration: optAnnotations PARSER name optTypeParameters "(" parameterList ")"; then ";" for a type alone
DeclId Parser::parse_parser(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kParser);
  Name name = parse_name("the name of a parser");
  declare(name, true);
  const Scope scope(*this);
  ParserDecl parser;
  parser.type_params = parse_type_parameters();
  parser.params = parse_parameters();
  if (take(TokenKind::kSemicolon)) {
    BlockTypeDecl type{true, std::move(parser.type_params), std::move(parser.params)};
    return add_decl(first, std::move(name), std::move(annotations), std::move(type));
  }
  if (at(TokenKind::kLeftParen)) parser.constructor_params = parse_parameters();
  const Token open = expect(TokenKind::kLeftBrace);
  const auto at_member = [this] {
    const bool is_state = at(TokenKind::kState) && at_name(1) && kind(2) == TokenKind::kLeftBrace;
    return is_state || !at_end_of_block();
  };
  while (at_member()) {
    const std::size_t before = element_first_ = next_;
    try {
      Annotations member_annotations = parse_annotations();
      if (!at(TokenKind::kState)) refuse_misplaced();
      if (at(TokenKind::kState) && kind(1) != TokenKind::kLeftParen) {
        parser.states.push_back(parse_state(std::move(member_annotations)));
      } else if (!parser.states.empty()) {
        fail_expected("a state or '}'");
      } else if (at(TokenKind::kValueSet)) {
        parser.locals.push_back(parse_value_set(std::move(member_annotations)));
      } else if (at_local_declaration()) {
        parser.locals.push_back(parse_local(std::move(member_annotations)));
      } else {
        fail_expected("a declaration or a state");
      }
    } catch (const Recover&) {
      skip_to_semicolon(before);
    }
  }
  expect_close(TokenKind::kRightBrace, open);
  return add_decl(first, std::move(name), std::move(annotations), std::move(parser));
}

/// valueSetDeclaration: optAnnotations VALUESET "<" baseType ">" "(" expression ")" name ";"; tupleType and typeName
/// alike
DeclId Parser::parse_value_set(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kValueSet);
  const Token less = expect(TokenKind::kLess);
  ValueSetDecl set;
  set.element = parse_type();
  expect_close(TokenKind::kGreater, less);
  const Token open = expect(TokenKind::kLeftParen);
  set.size = parse_expression();
  expect_close(TokenKind::kRightParen, open);
  Name name = parse_name("the name of a value set");
  declare(name, false);
  expect(TokenKind::kSemicolon);
  return add_decl(first, std::move(name), std::move(annotations), set);
}

/// parserState: optAnnotations STATE name "{" parserStatements transitionStatement "}"
DeclId Parser::parse_state(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kState);
  Name name = parse_name("the name of a state");
  const Token open = expect(TokenKind::kLeftBrace);
  const Scope scope(*this);
  StateDecl state;
  in_state_ = true;
  state.statements = parse_statements(true);
  in_state_ = false;
  try {
    state.transition = parse_transition();
  } catch (const Recover&) {
    skip_to_semicolon(0);
  }
  if (!at_end_of_block()) {
    report(DiagnosticKind::kSyntax, peek().span,
           "found " + token_name(peek()) + ", expected '}', since 'transition' ends a state");
    while (!at_end_of_block()) skip_to_semicolon(next_);
  }
  expect_close(TokenKind::kRightBrace, open);
  return add_decl(first, std::move(name), std::move(annotations), std::move(state));
}

/// transitionStatement: (empty) | TRANSITION stateExpression
/// stateExpression: name ";" | selectExpression
Transition Parser::parse_transition() {
  const std::size_t first = next_;
  Transition transition;
  transition.span = peek().span;
  if (!take(TokenKind::kTransition)) return transition;
  if (at(TokenKind::kSelect)) {
    transition.target = parse_select();
  } else {
    transition.target = parse_name("the name of a state or 'select'");
    expect(TokenKind::kSemicolon);
  }
  transition.span = span_from(first);
  return transition;
}

/// selectExpression: SELECT "(" expressionList ")" "{" selectCaseList "}"
/// selectCase: keysetExpression ":" name ";"
Select Parser::parse_select() {
  expect(TokenKind::kSelect);
  const Token open = expect(TokenKind::kLeftParen);
  Select select;
  select.keys = parse_expression_list(TokenKind::kRightParen);
  expect_close(TokenKind::kRightParen, open);
  select.cases = parse_braced_list<SelectCase>([this] {
    const std::size_t first = next_;
    SelectCase one;
    one.keyset = parse_keyset();
    expect(TokenKind::kColon);
    one.state = parse_name("the name of a state");
    expect(TokenKind::kSemicolon);
    one.span = span_from(first);
    return one;
  });
  return select;
}

/// controlDeclaration: controlTypeDeclaration optConstructorParameters "{" controlLocalDeclarations APPLY controlBody
/// "}" controlTypeDeclaration: optAnnotations CONTROL name optTypeParameters "(" parameterList ")"; then ";" for a type
/// alone
DeclId Parser::parse_control(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kControl);
  Name name = parse_name("the name of a control");
  declare(name, true);
  const Scope scope(*this);
  ControlDecl control;
  control.type_params = parse_type_parameters();
  control.params = parse_parameters();
  if (take(TokenKind::kSemicolon)) {
    BlockTypeDecl type{false, std::move(control.type_params), std::move(control.params)};
    return add_decl(first, std::move(name), std::move(annotations), std::move(type));
  }
  if (at(TokenKind::kLeftParen)) control.constructor_params = parse_parameters();
  const Token open = expect(TokenKind::kLeftBrace);
  const auto at_member = [this] {
    const bool is_local = at(TokenKind::kTable) || at(TokenKind::kAction);
    return is_local || !at_end_of_block();
  };
  while (at_member()) {
    const std::size_t before = element_first_ = next_;
    try {
      Annotations member_annotations = parse_annotations();
      const bool is_apply = at(TokenKind::kApply) && (kind(1) == TokenKind::kLeftBrace || kind(1) == TokenKind::kAt);
      if (!at(TokenKind::kAction) && !at(TokenKind::kTable)) refuse_misplaced();
      if (control.apply) {
        report(DiagnosticKind::kSyntax, peek().span,
               "found " + token_name(peek()) + ", expected '}', since 'apply' ends a control");
      }
      if (is_apply) {
        refuse_annotations(member_annotations);
        next();
        control.apply = parse_block(parse_annotations());
      } else if (at(TokenKind::kAction)) {
        control.locals.push_back(parse_action(std::move(member_annotations)));
      } else if (at(TokenKind::kTable)) {
        control.locals.push_back(parse_table(std::move(member_annotations)));
      } else if (at_local_declaration()) {
        control.locals.push_back(parse_local(std::move(member_annotations)));
      } else {
        fail_expected("a declaration or 'apply'");
      }
    } catch (const Recover&) {
      skip_to_semicolon(before);
    }
  }
  if (!control.apply && at(TokenKind::kRightBrace) && reported_at_ == static_cast<std::size_t>(-1)) {
    report(DiagnosticKind::kSyntax, peek().span, "found '}', expected 'apply': every control has one");
  }
  expect_close(TokenKind::kRightBrace, open);
  return add_decl(first, std::move(name), std::move(annotations), std::move(control));
}

/// actionDeclaration: optAnnotations ACTION name "(" parameterList ")" blockStatement
DeclId Parser::parse_action(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kAction);
  Name name = parse_name("the name of an action");
  declare(name, false);
  const Scope scope(*this);
  ActionDecl action;
  action.params = parse_parameters();
  action.body = parse_block(parse_annotations());
  return add_decl(first, std::move(name), std::move(annotations), std::move(action));
}

}  // namespace p4bpf::frontend
