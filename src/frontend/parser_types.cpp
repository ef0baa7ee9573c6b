// Types as written, type declarations, and parameters (P4_16 section 7).
#include "frontend/parser.h"

namespace p4bpf::frontend {

using namespace ast;

TypeRefId Parser::add_type(std::size_t first, decltype(TypeRef::node) node, std::uint32_t child_depth) {
  check_depth(child_depth + 1);
  type_depth_.push_back(static_cast<std::uint16_t>(child_depth + 1));
  return ast_.types.add(TypeRef{span_from(first), std::move(node)});
}

/// typeRef: baseType | typeName | specializedType | headerStackType | p4listType | tupleType
/// headerStackType: typeName "[" expression "]" | specializedType "[" expression "]"
TypeRefId Parser::parse_type() {
  const Nesting nesting(*this);
  const std::size_t first = next_;
  TypeRefId type = parse_type_without_stack();
  while (at(TokenKind::kLeftBracket)) {
    const Token open = next();
    const ExprId size = parse_expression();
    expect_close(TokenKind::kRightBracket, open);
    type = add_type(first, StackType{type, size}, std::max(depth_of(type), depth_of(size)));
  }
  return type;
}

/// baseType: BOOL | MATCH_KIND | ERROR | BIT | STRING | INT | BIT "<" INTEGER ">" | ... (see parse_sized_type)
/// tupleType: TUPLE "<" typeArgumentList ">"
/// p4listType: LIST "<" typeArg ">"
TypeRefId Parser::parse_type_without_stack() {
  const std::size_t first = next_;
  const auto base = [&](BaseType::Kind base_kind) {
    next();
    return add_type(first, BaseType{base_kind});
  };
  switch (kind()) {
    case TokenKind::kBool:
      return base(BaseType::Kind::kBool);
    case TokenKind::kMatchKind:
      return base(BaseType::Kind::kMatchKind);
    case TokenKind::kError:
      return base(BaseType::Kind::kError);
    case TokenKind::kString:
      return base(BaseType::Kind::kString);
    case TokenKind::kBit:
      return parse_sized_type(SizedType::Kind::kBit);
    case TokenKind::kVarbit:
      return parse_sized_type(SizedType::Kind::kVarbit);
    case TokenKind::kInt:
      return kind(1) == TokenKind::kLess ? parse_sized_type(SizedType::Kind::kInt) : base(BaseType::Kind::kInt);
    case TokenKind::kTuple: {
      next();
      std::vector<TypeRefId> elements = parse_type_arguments();
      const std::uint32_t depth = depth_of(elements);
      return add_type(first, TupleType{std::move(elements)}, depth);
    }
    case TokenKind::kList:
      if (kind(1) == TokenKind::kLess) {
        next();
        const std::vector<TypeRefId> elements = parse_type_arguments();
        if (elements.size() != 1) fail_expected("one type between the angle brackets of a list");
        return add_type(first, ListType{elements[0]}, depth_of(elements));
      }
      [[fallthrough]];
    default:
      return parse_named_type();
  }
}

/// baseType: BIT | BIT "<" INTEGER ">" | INT "<" INTEGER ">" | VARBIT "<" INTEGER ">"
///         | BIT "<" "(" expression ")" ">" | INT "<" "(" expression ")" ">" | VARBIT "<" "(" expression ")" ">"
/// Beyond the grammar, sums and products need no parentheses: programs in use have `bit<W>` and `bit<A - 1>`.
TypeRefId Parser::parse_sized_type(SizedType::Kind sized_kind) {
  const std::size_t first = next_;
  next();
  if (sized_kind == SizedType::Kind::kBit && !at(TokenKind::kLess)) return add_type(first, SizedType{sized_kind, {}});
  expect(TokenKind::kLess);
  constexpr int kShiftLevel = 8;
  const ExprId width = parse_binary(kShiftLevel);
  expect(TokenKind::kGreater);
  return add_type(first, SizedType{sized_kind, width}, depth_of(width));
}

/// typeName: prefixedType
/// prefixedType: TYPE_IDENTIFIER | dotPrefix TYPE_IDENTIFIER
/// specializedType: typeName "<" typeArgumentList ">"
TypeRefId Parser::parse_named_type() {
  const std::size_t first = next_;
  NamedType type;
  type.is_global = take(TokenKind::kDot);
  type.name = parse_name("a type");
  type.has_arguments = at(TokenKind::kLess);
  if (type.has_arguments) type.arguments = parse_type_arguments();
  const std::uint32_t depth = depth_of(type.arguments);
  return add_type(first, std::move(type), depth);
}

/// typeOrVoid: typeRef | VOID | IDENTIFIER
TypeRefId Parser::parse_type_or_void() {
  const std::size_t first = next_;
  if (take(TokenKind::kVoid)) return add_type(first, BaseType{BaseType::Kind::kVoid});
  return parse_type();
}

/// typeArg: typeRef | nonTypeName | VOID | "_"
TypeRefId Parser::parse_type_argument() {
  const std::size_t first = next_;
  if (take(TokenKind::kDontCare)) return add_type(first, DontCareType{});
  return parse_type_or_void();
}

/// typeArgumentList: (empty) | typeArg | typeArgumentList "," typeArg; the angle brackets around it are read too.
std::vector<TypeRefId> Parser::parse_type_arguments() {
  std::vector<TypeRefId> arguments;
  const Token open = expect(TokenKind::kLess);
  if (!at(TokenKind::kGreater)) {
    do {
      arguments.push_back(parse_type_argument());
    } while (take(TokenKind::kComma));
  }
  expect_close(TokenKind::kGreater, open);
  return arguments;
}

/// optTypeParameters: (empty) | "<" typeParameterList ">"
/// typeParameterList: name | typeParameterList "," name
std::vector<DeclId> Parser::parse_type_parameters() {
  std::vector<DeclId> params;
  if (!at(TokenKind::kLess)) return params;
  const Token open = next();
  do {
    const std::size_t first = next_;
    Name name = parse_name("the name of a type parameter");
    declare(name, true);
    params.push_back(add_decl(first, std::move(name), {}, TypeParam{}));
  } while (take(TokenKind::kComma));
  expect_close(TokenKind::kGreater, open);
  return params;
}

/// parameterList: (empty) | nonEmptyParameterList; the parentheses around it are read too.
std::vector<DeclId> Parser::parse_parameters() {
  std::vector<DeclId> params;
  const Token open = expect(TokenKind::kLeftParen);
  if (!at(TokenKind::kRightParen)) {
    do {
      params.push_back(parse_parameter());
    } while (take(TokenKind::kComma));
  }
  expect_close(TokenKind::kRightParen, open);
  return params;
}

/// parameter: optAnnotations direction typeRef name | optAnnotations direction typeRef name "=" expression
DeclId Parser::parse_parameter() {
  Annotations annotations = parse_annotations();
  const std::size_t first = next_;
  Param param;
  if (take(TokenKind::kIn)) {
    param.direction = Direction::kIn;
  } else if (take(TokenKind::kOut)) {
    param.direction = Direction::kOut;
  } else if (take(TokenKind::kInout)) {
    param.direction = Direction::kInout;
  }
  param.type = parse_type();
  Name name = parse_name("the name of a parameter");
  if (take(TokenKind::kAssign)) param.default_value = parse_expression();
  declare(name, false);
  return add_decl(first, std::move(name), std::move(annotations), std::move(param));
}

/// derivedTypeDeclaration: headerTypeDeclaration | headerUnionDeclaration | structTypeDeclaration | enumDeclaration
DeclId Parser::parse_derived_type(Annotations annotations) {
  switch (kind()) {
    case TokenKind::kHeader:
      return parse_struct(StructDecl::Kind::kHeader, std::move(annotations));
    case TokenKind::kHeaderUnion:
      return parse_struct(StructDecl::Kind::kUnion, std::move(annotations));
    case TokenKind::kStruct:
      return parse_struct(StructDecl::Kind::kStruct, std::move(annotations));
    default:
      return parse_enum(std::move(annotations));
  }
}

/// structTypeDeclaration: optAnnotations STRUCT name optTypeParameters "{" structFieldList "}"; HEADER and HEADER_UNION
/// alike
DeclId Parser::parse_struct(StructDecl::Kind struct_kind, Annotations annotations) {
  const std::size_t first = next_;
  next();
  Name name = parse_name("the name of a type");
  declare(name, true);
  const Scope scope(*this);
  StructDecl decl{struct_kind, parse_type_parameters(), {}};
  decl.fields = parse_braced_list<DeclId>([this] {
    Annotations field_annotations = parse_annotations();
    const std::size_t field_first = next_;
    const TypeRefId type = parse_type();
    Name field_name = parse_name("the name of a field");
    expect(TokenKind::kSemicolon);
    return add_decl(field_first, std::move(field_name), std::move(field_annotations), Field{type});
  });
  return add_decl(first, std::move(name), std::move(annotations), std::move(decl));
}

/// enumDeclaration: optAnnotations ENUM name "{" identifierList optTrailingComma "}"
///                | optAnnotations ENUM typeRef name "{" specifiedIdentifierList optTrailingComma "}"
DeclId Parser::parse_enum(Annotations annotations) {
  const std::size_t first = next_;
  expect(TokenKind::kEnum);
  EnumDecl decl;
  const bool is_plain = at_name() && kind(1) == TokenKind::kLeftBrace;
  if (!is_plain) decl.representation = parse_type();
  Name name = parse_name("the name of an enum");
  declare(name, true);
  decl.members = parse_members(!is_plain);
  return add_decl(first, std::move(name), std::move(annotations), std::move(decl));
}

/// identifierList: name | identifierList "," name
/// specifiedIdentifier: name "=" initializer
/// The braces around them are read too.
std::vector<DeclId> Parser::parse_members(bool with_values) {
  std::vector<DeclId> members;
  const Token open = expect(TokenKind::kLeftBrace);
  while ((members.empty() || !at(TokenKind::kRightBrace)) && !at_end()) {
    Annotations annotations = parse_annotations();
    const std::size_t first = next_;
    Name name = parse_name();
    EnumMember member;
    if (with_values) {
      expect(TokenKind::kAssign);
      member.value = parse_expression();
    }
    members.push_back(add_decl(first, std::move(name), std::move(annotations), std::move(member)));
    if (!take(TokenKind::kComma)) break;
  }
  expect_close(TokenKind::kRightBrace, open);
  return members;
}

/// typedefDeclaration: optAnnotations TYPEDEF typeRef name | optAnnotations TYPEDEF derivedTypeDeclaration name
///                   | optAnnotations TYPE typeRef name
DeclId Parser::parse_typedef(Annotations annotations) {
  const std::size_t first = next_;
  Typedef decl;
  decl.is_new_type = next().kind == TokenKind::kType;
  Annotations inner = parse_annotations();
  const bool is_derived =
      at(TokenKind::kHeader) || at(TokenKind::kHeaderUnion) || at(TokenKind::kStruct) || at(TokenKind::kEnum);
  if (is_derived && !decl.is_new_type) {
    decl.derived = parse_derived_type(std::move(inner));
  } else {
    refuse_annotations(inner);
    decl.type = parse_type();
  }
  Name name = parse_name("the name of a type");
  declare(name, true);
  expect(TokenKind::kSemicolon);
  return add_decl(first, std::move(name), std::move(annotations), std::move(decl));
}

}  // namespace p4bpf::frontend
