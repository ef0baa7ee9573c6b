// The program's outermost level, constants, variables, instances, functions, externs, packages (P4_16 sections 5 and
// 11).
#include "frontend/parser.h"

namespace p4bpf::frontend {

using namespace ast;

/// p4program: (empty) | p4program declaration | p4program ";"
void Parser::parse_top_level() {
  while (!at_end()) {
    if (take(TokenKind::kSemicolon)) continue;
    outermost_first_ = element_first_ = next_;
    try {
      ast_.program.push_back(parse_declaration());
    } catch (const Recover&) {
      skip_to_declaration();
    }
  }
}

/// declaration: constantDeclaration | externDeclaration | actionDeclaration | parserDeclaration | typeDeclaration
///            | controlDeclaration | instantiation | errorDeclaration | matchKindDeclaration | functionDeclaration
DeclId Parser::parse_declaration() {
  Annotations annotations = parse_annotations();
  switch (kind()) {
    case TokenKind::kConst:
      return parse_const(std::move(annotations));
    case TokenKind::kExtern:
      return parse_extern(std::move(annotations));
    case TokenKind::kAction:
      return parse_action(std::move(annotations));
    case TokenKind::kParser:
      return parse_parser(std::move(annotations));
    case TokenKind::kControl:
      return parse_control(std::move(annotations));
    case TokenKind::kPackage:
      return parse_package(std::move(annotations));
    case TokenKind::kHeader:
    case TokenKind::kHeaderUnion:
    case TokenKind::kStruct:
    case TokenKind::kEnum:
      return parse_derived_type(std::move(annotations));
    case TokenKind::kTypedef:
      return parse_typedef(std::move(annotations));
    case TokenKind::kType:
      if (scan_type(next_ + 1) != kNotFound && name_at(scan_type(next_ + 1)))
        return parse_typedef(std::move(annotations));
      break;
    case TokenKind::kError:
    case TokenKind::kMatchKind:
      if (kind(1) == TokenKind::kLeftBrace) return parse_error_or_match_kind(std::move(annotations));
      break;
    default:
      break;
  }
  refuse_misplaced();
  if (at_function()) return parse_function(std::move(annotations));
  if (const std::size_t end = scan_type(next_); end != kNotFound && kind_at(end) == TokenKind::kLeftParen) {
    return parse_instance(std::move(annotations));
  }
  if (at_local_declaration()) {
    report(DiagnosticKind::kSyntax, peek().span,
           "a variable cannot be declared at the outermost level, only a constant");
    throw Recover{};
  }
  fail_expected("a declaration");
}

/// Whether `typeRef "(" ... ")" name` follows, then ";" or "=" or "[size];".
bool Parser::at_instance() const {
  const std::size_t end = scan_type(next_);
  if (end == kNotFound || kind_at(end) != TokenKind::kLeftParen) return false;
  std::size_t close = scan_balanced(end);
  if (close == kNotFound || !name_at(close)) return false;
  ++close;
  if (kind_at(close) == TokenKind::kLeftBracket) close = scan_balanced(close);
  return close != kNotFound && (kind_at(close) == TokenKind::kSemicolon || kind_at(close) == TokenKind::kAssign);
}

/// Whether `typeOrVoid name "("` or `typeOrVoid name "<"` follows.
bool Parser::at_function() const {
  const std::size_t end = scan_type(next_);
  return end != kNotFound && name_at(end) &&
         (kind_at(end + 1) == TokenKind::kLeftParen || kind_at(end + 1) == TokenKind::kLess);
}

/// constantDeclaration: optAnnotations CONST typeRef name "=" initializer ";"
DeclId Parser::parse_const(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kConst);
  const TypeRefId type = parse_type();
  Name name = parse_name("the name of a constant");
  expect(TokenKind::kAssign);
  const ExprId value = parse_expression();
  expect(TokenKind::kSemicolon);
  declare(name, false);
  return add_decl(first, std::move(name), std::move(annotations), ConstDecl{type, value});
}

/// variableDeclarationWithoutSemicolon: annotations typeRef name optInitializer | typeRef name optInitializer
DeclId Parser::parse_variable(Annotations annotations) {
  const std::size_t first = next_;
  VarDecl variable;
  variable.type = parse_type();
  Name name = parse_name("the name of a variable");
  if (take(TokenKind::kAssign)) variable.initial = parse_expression();
  declare(name, false);
  return add_decl(first, std::move(name), std::move(annotations), variable);
}

/// instantiation: annotations typeRef "(" argumentList ")" name ";" | typeRef "(" argumentList ")" name "="
/// objInitializer ";" | ...
DeclId Parser::parse_instance(Annotations annotations) {
  const std::size_t first = next_;
  InstanceDecl instance;
  instance.type = parse_type();
  instance.arguments = parse_arguments();
  Name name = parse_name("the name of an instance");
  declare(name, false);
  if (at(TokenKind::kLeftBracket)) {
    const Token open = next();
    instance.array_size = parse_expression();
    expect_close(TokenKind::kRightBracket, open);
  }
  if (take(TokenKind::kAssign)) {
    instance.has_body = true;
    instance.body = parse_object_body();
  }
  expect(TokenKind::kSemicolon);
  return add_decl(first, std::move(name), std::move(annotations), std::move(instance));
}

/// objInitializer: "{" objDeclarations "}"
/// objDeclaration: functionDeclaration | instantiation
std::vector<DeclId> Parser::parse_object_body() {
  const Scope scope(*this);
  return parse_braced_list<DeclId>([this] {
    Annotations annotations = parse_annotations();
    return at_instance() ? parse_instance(std::move(annotations)) : parse_function(std::move(annotations));
  });
}

/// constantDeclaration | variableDeclaration | instantiation: what may be declared among statements and in blocks.
DeclId Parser::parse_local(Annotations annotations) {
  if (at(TokenKind::kConst)) return parse_const(std::move(annotations));
  if (at_instance()) return parse_instance(std::move(annotations));
  const DeclId variable = parse_variable(std::move(annotations));
  expect(TokenKind::kSemicolon);
  return variable;
}

/// functionPrototype: typeOrVoid name optTypeParameters "(" parameterList ")"
/// The caller's scope takes the parameters in.
FunctionDecl Parser::parse_prototype(Name& name) {
  FunctionDecl function;
  function.return_type = parse_type_or_void();
  name = parse_name("the name of a function");
  function.type_params = parse_type_parameters();
  function.params = parse_parameters();
  return function;
}

/// functionDeclaration: annotations functionPrototype blockStatement | functionPrototype blockStatement
DeclId Parser::parse_function(Annotations annotations) {
  const std::size_t first = next_;
  Name name;
  FunctionDecl function;
  {
    const Scope scope(*this);
    function = parse_prototype(name);
    function.body = parse_block(parse_annotations());
  }
  declare(name, false);
  return add_decl(first, std::move(name), std::move(annotations), std::move(function));
}

/// externDeclaration: optAnnotations EXTERN nonTypeName optTypeParameters "{" methodPrototypes "}"
///                  | optAnnotations EXTERN functionPrototype ";"
DeclId Parser::parse_extern(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kExtern);
  std::size_t body = kNotFound;
  if (at_name()) body = kind(1) == TokenKind::kLess ? scan_type_arguments(next_ + 1) : next_ + 1;
  if (body == kNotFound || kind_at(body) != TokenKind::kLeftBrace) {
    Name name;
    FunctionDecl function;
    {
      const Scope scope(*this);
      function = parse_prototype(name);
    }
    declare(name, false);
    function.is_extern = true;
    expect(TokenKind::kSemicolon);
    return add_decl(first, std::move(name), std::move(annotations), std::move(function));
  }
  Name name = parse_name("the name of an extern");
  declare(name, true);
  const Scope scope(*this);
  ExternDecl decl{parse_type_parameters(), {}};
  decl.methods = parse_braced_list<DeclId>([&] { return parse_method(name); });
  return add_decl(first, std::move(name), std::move(annotations), std::move(decl));
}

/// methodPrototype: optAnnotations functionPrototype ";" | optAnnotations ABSTRACT functionPrototype ";"
///                | optAnnotations TYPE_IDENTIFIER "(" parameterList ")" ";"
DeclId Parser::parse_method(const Name& extern_name) {
  Annotations annotations = parse_annotations();
  const std::size_t first = next_;
  const Scope scope(*this);
  Name name;
  FunctionDecl method;
  if (at_name() && kind(1) == TokenKind::kLeftParen) {
    if (peek().text != extern_name.text) {
      report(DiagnosticKind::kSyntax, peek().span,
             "found a method without a return type, and a constructor has the extern's name");
    }
    name = parse_name();
    method.is_constructor = true;
    method.params = parse_parameters();
  } else {
    const bool is_abstract = take(TokenKind::kAbstract);
    method = parse_prototype(name);
    method.is_abstract = is_abstract;
  }
  method.is_extern = true;
  expect(TokenKind::kSemicolon);
  return add_decl(first, std::move(name), std::move(annotations), std::move(method));
}

/// packageTypeDeclaration: optAnnotations PACKAGE name optTypeParameters "(" parameterList ")"; then ";"
DeclId Parser::parse_package(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kPackage);
  Name name = parse_name("the name of a package");
  declare(name, true);
  const Scope scope(*this);
  PackageDecl package;
  package.type_params = parse_type_parameters();
  package.params = parse_parameters();
  expect(TokenKind::kSemicolon);
  return add_decl(first, std::move(name), std::move(annotations), std::move(package));
}

/// errorDeclaration: ERROR "{" identifierList "}"
/// matchKindDeclaration: MATCH_KIND "{" identifierList optTrailingComma "}"
DeclId Parser::parse_error_or_match_kind(Annotations annotations) {
  const std::size_t first = next_;
  const bool is_error = next().kind == TokenKind::kError;
  std::vector<DeclId> members = parse_members(false);
  if (is_error) return add_decl(first, {}, std::move(annotations), ErrorDecl{std::move(members)});
  return add_decl(first, {}, std::move(annotations), MatchKindDecl{std::move(members)});
}

}  // namespace p4bpf::frontend
