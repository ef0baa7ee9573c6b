// Annotations (P4_16 section 20).
#include "frontend/literals.h"
#include "frontend/parser.h"

namespace p4bpf::frontend {

using namespace ast;

/// optAnnotations: (empty) | annotations
/// annotations: annotation | annotations annotation
Annotations Parser::parse_annotations() {
  Annotations annotations;
  while (at(TokenKind::kAt))
    annotations.push_back(kind(1) == TokenKind::kIdentifier && peek(1).text == "pragma" && !peek(1).line_start
                              ? parse_pragma()
                              : parse_annotation());
  return annotations;
}

/// annotation: "@" name | "@" name "(" annotationBody ")" | "@" name "[" structuredAnnotationBody "]"
/// Keywords are names here: no program that means something else can hold them.
Annotation Parser::parse_annotation() {
  expect(TokenKind::kAt);
  if (!is_word(kind())) fail_expected("the name of an annotation");
  const Token& name = next();
  Annotation annotation;
  annotation.name = {std::string(name.text), name.span};
  if (at(TokenKind::kLeftParen)) {
    parse_annotation_body(annotation);
  } else if (at(TokenKind::kLeftBracket)) {
    parse_structured_body(annotation);
  }
  return annotation;
}

/// "@" "pragma" name tokens, up to the end of the line.
Annotation Parser::parse_pragma() {
  expect(TokenKind::kAt);
  next();
  if (peek().line_start || !is_word(kind())) fail_expected("the name of a pragma");
  const Token& name = next();
  Annotation annotation;
  annotation.is_pragma = true;
  annotation.name = {std::string(name.text), name.span};
  while (!peek().line_start && !at_end()) annotation.body.push_back(piece_of(next()));
  return annotation;
}

Annotation::Piece Parser::piece_of(const Token& token) {
  const bool is_string = token.kind == TokenKind::kStringLiteral;
  return {is_string ? unescape_string(token.text) : std::string(token.text), token.span, is_string};
}

/// annotationBody: (empty) | annotationBody "(" annotationBody ")" | annotationBody annotationToken
void Parser::parse_annotation_body(Annotation& annotation) {
  const Token open = expect(TokenKind::kLeftParen);
  annotation.has_body = true;
  std::size_t depth = 0;
  while (!at_end() && (depth != 0 || !at(TokenKind::kRightParen))) {
    if (at(TokenKind::kLeftParen)) ++depth;
    if (at(TokenKind::kRightParen)) --depth;
    annotation.body.push_back(piece_of(next()));
  }
  expect_close(TokenKind::kRightParen, open);
}

/// structuredAnnotationBody: expressionList optTrailingComma | kvList optTrailingComma
/// kvPair: name "=" expression
void Parser::parse_structured_body(Annotation& annotation) {
  const Token open = expect(TokenKind::kLeftBracket);
  annotation.is_structured = true;
  while (!at(TokenKind::kRightBracket) && !at_end()) {
    Argument argument;
    if (at_name() && kind(1) == TokenKind::kAssign) {
      argument.name = parse_name();
      next();
    }
    argument.value = parse_expression();
    const bool mixes =
        !annotation.arguments.empty() && annotation.arguments[0].name.text.empty() != argument.name.text.empty();
    if (mixes) fail_expected("either expressions or 'name = expression' in one annotation");
    annotation.arguments.push_back(std::move(argument));
    if (!take(TokenKind::kComma)) break;
  }
  expect_close(TokenKind::kRightBracket, open);
}

/// For places where the grammar has no annotations.
void Parser::refuse_annotations(const Annotations& annotations) {
  if (!annotations.empty())
    report(DiagnosticKind::kSyntax, annotations[0].name.span, "an annotation cannot stand here");
}

}  // namespace p4bpf::frontend
