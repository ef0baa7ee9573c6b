// The printer's inside; ast_printer.h is its outside.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "frontend/ast.h"

namespace p4bpf::frontend {

class AstPrinter {
 public:
  explicit AstPrinter(const ast::Ast& ast) : ast_(ast) {}
  std::string take() { return std::move(out_); }
  void print_program();
  void print_type(ast::TypeRefId id);
  /// Parenthesized if it binds less tightly than `level` (see level_of in ast_printer.cpp).
  void print_expr(ast::ExprId id, int level = 0);
  void print_keyset(ast::ExprId id);
  void print_stmt(ast::StmtId id);

 private:
  // ast_printer.cpp
  void print_type_arguments(const std::vector<ast::TypeRefId>& arguments);
  void print_binary(const ast::Binary& binary);
  void print_call(const ast::Call& call);
  void print_list(const ast::ListExpr& list);
  void print_struct(const ast::StructExpr& fields);
  void print_arguments(const std::vector<ast::Argument>& arguments);
  void print_argument(const ast::Argument& argument);
  void print_annotations(const ast::Annotations& annotations, std::string_view separator);
  void print_annotation(const ast::Annotation& annotation);
  void print_expr_node(const ast::Expr& expr);
  template <class List, class PrintOne>
  void print_separated(const List& list, PrintOne print_one);

  // ast_printer_statements.cpp
  void print_stmt_on_line(ast::StmtId id);
  void print_simple(const ast::Stmt& stmt);
  void print_block(const ast::Block& block);
  void print_if(const ast::If& node);
  void print_switch(const ast::Switch& node);
  void print_for(const ast::For& node);
  void print_for_in(const ast::ForIn& node);

  // ast_printer_declarations.cpp
  void print_decl(ast::DeclId id);
  void print_decl_on_line(ast::DeclId id);
  void print_node(const ast::Decl& decl, const ast::VarDecl& node);
  void print_node(const ast::Decl& decl, const ast::InstanceDecl& node);
  void print_node(const ast::Decl& decl, const ast::Typedef& node);
  void print_node(const ast::Decl& decl, const ast::StructDecl& node);
  void print_node(const ast::Decl& decl, const ast::EnumDecl& node);
  void print_node(const ast::Decl& decl, const ast::FunctionDecl& node);
  void print_node(const ast::Decl& decl, const ast::ExternDecl& node);
  void print_node(const ast::Decl& decl, const ast::ParserDecl& node);
  void print_node(const ast::Decl& decl, const ast::StateDecl& node);
  void print_node(const ast::Decl& decl, const ast::ControlDecl& node);
  void print_node(const ast::Decl& decl, const ast::TableDecl& node);
  void print_param(const ast::Decl& decl, const ast::Param& node);
  void print_members(const std::vector<ast::DeclId>& members);
  void print_type_params(const std::vector<ast::DeclId>& params);
  void print_params(const std::vector<ast::DeclId>& params);
  void print_select(const ast::Select& select);
  void print_action_ref(const ast::ActionRef& action);
  void print_entry(const ast::EntryDecl& entry);

  void open(std::string_view text = "{");
  void close(std::string_view text = "}");
  void line();

  const ast::Ast& ast_;
  std::string out_;
  std::size_t indent_ = 0;
  /// Within a list that commas separate, `a < b, c > (d)` would read as a call with type arguments.
  bool in_list_ = false;
};

template <class List, class PrintOne>
void AstPrinter::print_separated(const List& list, PrintOne print_one) {
  bool is_first = true;
  for (const auto& element : list) {
    if (!is_first) out_ += ", ";
    is_first = false;
    print_one(element);
  }
}

}  // namespace p4bpf::frontend
