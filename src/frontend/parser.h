// The parser's inside; parse.h is its outside. Recursive descent: one function for each rule of the P4_16 1.2.5
// grammar, the rule standing above the function. Split over parser_*.cpp by construct.
//
// Errors: the function that meets one reports it and throws Recover, which never leaves the parser; lists
// (declarations, statements, fields, table properties) catch it, skip to where their next element may start, and go on.
// A second report at the same token is noise and is dropped. A declaration where none can stand either shows that a `}`
// is missing, then it ends the block, or is misplaced, then it is skipped: braces that match tell.
//
// P4 cannot be parsed without knowing which names are types: `(a) - b` is a cast if and only if `a` is one. Declared
// names are therefore kept in scopes; nothing else is resolved here.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "frontend/ast.h"
#include "frontend/token.h"

namespace p4bpf::frontend {

/// How deep expressions, types and statements may nest: what walks the Ast recursively must not run out of stack.
constexpr std::uint32_t kMaxDepth = 500;
constexpr std::size_t kMaxSyntaxErrors = 100;

class Parser {
 public:
  Parser(const TokenStream& stream, Diagnostics& diagnostics);
  ast::Ast run();

 private:
  struct Recover {};
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser) { parser_.enter(); }
    ~Nesting() { --parser_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };
  class Scope {
   public:
    explicit Scope(Parser& parser) : parser_(parser) { parser_.scopes_.emplace_back(); }
    ~Scope() { parser_.scopes_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Parser& parser_;
  };

  // Tokens, places, errors, scopes: parser_core.cpp.
  const Token& peek(std::size_t ahead = 0) const;
  TokenKind kind(std::size_t ahead = 0) const { return peek(ahead).kind; }
  bool at(TokenKind wanted) const { return kind() == wanted; }
  bool at_end() const { return kind() == TokenKind::kEnd; }
  const Token& next();
  bool take(TokenKind wanted);
  const Token& expect(TokenKind wanted);
  void expect_close(TokenKind wanted, const Token& open);
  bool at_name(std::size_t ahead = 0) const;
  bool at_non_type_name(std::size_t ahead = 0) const;
  bool at_shift_right() const;
  ast::Name parse_name(std::string_view what = "a name");
  Span span_from(std::size_t first_token) const;
  /// Nothing if the report is noise. The Diagnostic is good until the next report.
  Diagnostic* report(DiagnosticKind kind, Span span, std::string message);
  [[noreturn]] void fail_expected(std::string_view what);
  void enter();
  void check_depth(std::uint32_t depth);
  void skip_to_semicolon(std::size_t element_first);
  void skip_to_declaration();
  bool at_declaration_keyword() const;
  bool at_end_of_block() const;
  void refuse_misplaced();
  void suggest_keyword(Diagnostic& made) const;
  void drop_unexpected_characters();
  std::size_t foreign_word(std::size_t at, std::size_t& kept);
  void declare(const ast::Name& name, bool is_type) { scopes_.back()[name.text] = is_type; }
  enum class NameUse { kUnknown, kValue, kType };
  NameUse look_up(std::string_view name) const;
  ast::DeclId add_decl(std::size_t first, ast::Name name, ast::Annotations annotations, decltype(ast::Decl::node) node);

  // Scanning ahead without building: position behind what was found, 0 if it is not there.
  static constexpr std::size_t kNotFound = 0;
  std::size_t scan_balanced(std::size_t at) const;
  std::size_t scan_type(std::size_t at, std::uint32_t depth = 0) const;
  std::size_t scan_width(std::size_t at) const;
  std::size_t scan_type_arguments(std::size_t at, std::uint32_t depth = 0) const;
  TokenKind kind_at(std::size_t at) const { return tokens_[std::min(at, tokens_.size() - 1)].kind; }
  bool name_at(std::size_t at) const;

  // parser_types.cpp
  ast::TypeRefId add_type(std::size_t first, decltype(ast::TypeRef::node) node, std::uint32_t child_depth = 0);
  ast::TypeRefId parse_type();
  ast::TypeRefId parse_type_without_stack();
  ast::TypeRefId parse_sized_type(ast::SizedType::Kind kind);
  ast::TypeRefId parse_named_type();
  ast::TypeRefId parse_type_or_void();
  ast::TypeRefId parse_type_argument();
  std::vector<ast::TypeRefId> parse_type_arguments();
  std::vector<ast::DeclId> parse_type_parameters();
  std::vector<ast::DeclId> parse_parameters();
  ast::DeclId parse_parameter();
  ast::DeclId parse_derived_type(ast::Annotations annotations);
  ast::DeclId parse_struct(ast::StructDecl::Kind kind, ast::Annotations annotations);
  ast::DeclId parse_enum(ast::Annotations annotations);
  ast::DeclId parse_typedef(ast::Annotations annotations);
  std::vector<ast::DeclId> parse_members(bool with_values);

  // parser_expressions.cpp
  ast::ExprId add_expr(std::size_t first, decltype(ast::Expr::node) node, std::uint32_t child_depth = 0);
  std::uint32_t depth_of(ast::ExprId id) const { return id ? expr_depth_[id.index()] : 0; }
  std::uint32_t depth_of(ast::TypeRefId id) const { return id ? type_depth_[id.index()] : 0; }
  std::uint32_t depth_of(const std::vector<ast::Argument>& arguments) const;
  template <class T>
  std::uint32_t depth_of(const std::vector<T>& ids) const {
    std::uint32_t depth = 0;
    for (const T id : ids) depth = std::max(depth, depth_of(id));
    return depth;
  }
  ast::ExprId parse_expression();
  ast::ExprId parse_binary(int above);
  ast::ExprId parse_unary();
  ast::ExprId parse_postfix();
  ast::ExprId parse_primary();
  ast::ExprId parse_integer();
  ast::ExprId parse_name_expression();
  ast::ExprId parse_paren_or_cast();
  bool is_cast(std::size_t open, std::uint32_t depth = 0) const;
  ast::ExprId parse_brace_expression();
  ast::ExprId parse_call(std::size_t first, ast::ExprId callee);
  ast::ExprId parse_index(std::size_t first, ast::ExprId base);
  std::vector<ast::Argument> parse_arguments();
  ast::Argument parse_argument();
  std::vector<ast::ExprId> parse_expression_list(TokenKind close);
  ast::ExprId parse_keyset();
  ast::ExprId parse_simple_keyset();

  // parser_statements.cpp
  ast::StmtId add_stmt(std::size_t first, decltype(ast::Stmt::node) node);
  ast::StmtId parse_block(ast::Annotations annotations = {});
  std::vector<ast::StmtId> parse_statements(bool of_state = false);
  ast::StmtId parse_statement();
  ast::StmtId parse_substatement();
  ast::StmtId parse_unannotated_statement(std::size_t first, ast::Annotations annotations);
  bool at_local_declaration() const;
  ast::StmtId parse_assignment_or_call();
  ast::StmtId parse_if();
  ast::StmtId parse_return();
  ast::StmtId parse_switch();
  ast::StmtId parse_for(ast::Annotations annotations);
  ast::StmtId parse_for_in(std::size_t first, ast::Annotations annotations);
  ast::StmtId parse_for_init();
  void refuse_in_state(std::string_view statement);

  // parser_declarations.cpp
  void parse_top_level();
  ast::DeclId parse_declaration();
  ast::DeclId parse_const(ast::Annotations annotations);
  ast::DeclId parse_variable(ast::Annotations annotations);
  ast::DeclId parse_instance(ast::Annotations annotations);
  std::vector<ast::DeclId> parse_object_body();
  ast::DeclId parse_local(ast::Annotations annotations);
  ast::DeclId parse_function(ast::Annotations annotations);
  ast::FunctionDecl parse_prototype(ast::Name& name);
  ast::DeclId parse_extern(ast::Annotations annotations);
  ast::DeclId parse_method(const ast::Name& extern_name);
  ast::DeclId parse_package(ast::Annotations annotations);
  ast::DeclId parse_error_or_match_kind(ast::Annotations annotations);
  bool at_instance() const;
  bool at_function() const;

  // parser_blocks.cpp
  ast::DeclId parse_parser(ast::Annotations annotations);
  ast::DeclId parse_value_set(ast::Annotations annotations);
  ast::DeclId parse_state(ast::Annotations annotations);
  ast::Transition parse_transition();
  ast::Select parse_select();
  ast::DeclId parse_control(ast::Annotations annotations);
  ast::DeclId parse_action(ast::Annotations annotations);

  // parser_tables.cpp
  ast::DeclId parse_table(ast::Annotations annotations);
  void parse_table_property(ast::TableDecl& table);
  std::vector<ast::KeyElement> parse_key();
  std::vector<ast::ActionRef> parse_actions();
  std::vector<ast::EntryDecl> parse_entries();
  ast::EntryDecl parse_entry();
  ast::ActionRef parse_action_ref(ast::Annotations annotations);
  template <class Element, class ParseElement>
  std::vector<Element> parse_braced_list(ParseElement parse_element);

  // parser_annotations.cpp
  ast::Annotations parse_annotations();
  ast::Annotation parse_annotation();
  ast::Annotation parse_pragma();
  void parse_annotation_body(ast::Annotation& annotation);
  void parse_structured_body(ast::Annotation& annotation);
  static ast::Annotation::Piece piece_of(const Token& token);
  void refuse_annotations(const ast::Annotations& annotations);

  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t reported_at_ = static_cast<std::size_t>(-1);
  std::size_t errors_ = 0;
  std::size_t outermost_first_ = 0;  // where the declaration of the outermost level starts
  std::size_t element_first_ = 0;    // where the element of the innermost list starts that was begun last
  bool is_cut_;  // the text has mistakes below the grammar, such as a comment without end: its end says nothing
  std::uint32_t depth_ = 0;
  bool in_state_ = false;
  ast::Ast ast_;
  std::vector<std::uint16_t> expr_depth_;
  std::vector<std::uint16_t> type_depth_;
  std::vector<std::unordered_map<std::string, bool>> scopes_;
};

/// The elements between `{` and `}`, each parsed by `parse_element`; an element with an error is left out.
template <class Element, class ParseElement>
std::vector<Element> Parser::parse_braced_list(ParseElement parse_element) {
  std::vector<Element> elements;
  const Token open = expect(TokenKind::kLeftBrace);
  while (!at_end_of_block()) {
    const std::size_t before = element_first_ = next_;
    try {
      refuse_misplaced();
      elements.push_back(parse_element());
    } catch (const Recover&) {
      skip_to_semicolon(before);
    }
  }
  expect_close(TokenKind::kRightBrace, open);
  return elements;
}

}  // namespace p4bpf::frontend
