// Statements as text.
#include <optional>

#include "frontend/ast_printer_impl.h"

namespace p4bpf::frontend {

using namespace ast;

namespace {

std::string_view assignment_text(const std::optional<BinaryOp>& op) {
  if (!op) return " = ";
  switch (*op) {
    case BinaryOp::kMul:
      return " *= ";
    case BinaryOp::kDiv:
      return " /= ";
    case BinaryOp::kMod:
      return " %= ";
    case BinaryOp::kAdd:
      return " += ";
    case BinaryOp::kSub:
      return " -= ";
    case BinaryOp::kSatAdd:
      return " |+|= ";
    case BinaryOp::kSatSub:
      return " |-|= ";
    case BinaryOp::kShl:
      return " <<= ";
    case BinaryOp::kShr:
      return " >>= ";
    case BinaryOp::kBitAnd:
      return " &= ";
    case BinaryOp::kBitOr:
      return " |= ";
    case BinaryOp::kBitXor:
      return " ^= ";
    default:
      return " = ";
  }
}

}  // namespace

void AstPrinter::print_stmt_on_line(StmtId id) {
  line();
  print_stmt(id);
}

/// A statement with its semicolon.
void AstPrinter::print_stmt(StmtId id) {
  const Stmt& stmt = ast_[id];
  const auto print = Match{
      [this](const Block& node) { print_block(node); },
      [this](const If& node) { print_if(node); },
      [this](const Switch& node) { print_switch(node); },
      [this](const For& node) { print_for(node); },
      [this](const ForIn& node) { print_for_in(node); },
      [&](const auto&) {
        print_simple(stmt);
        const auto* declaration = std::get_if<DeclStmt>(&stmt.node);
        const bool has_semicolon =
            declaration != nullptr && !std::holds_alternative<VarDecl>(ast_[declaration->declaration].node);
        if (!has_semicolon) out_ += ';';
      },
  };
  std::visit(print, stmt.node);
}

/// A statement that holds no other, without its semicolon.
void AstPrinter::print_simple(const Stmt& stmt) {
  const auto print = Match{
      [this](const Assign& node) {
        print_expr(node.left);
        out_ += assignment_text(node.op);
        print_expr(node.right);
      },
      [this](const CallStmt& node) { print_expr(node.call); },
      [this](const Return& node) {
        out_ += "return";
        if (!node.value) return;
        out_ += ' ';
        print_expr(node.value);
      },
      [this](const Exit&) { out_ += "exit"; },
      [this](const Break&) { out_ += "break"; },
      [this](const Continue&) { out_ += "continue"; },
      [this](const DeclStmt& node) { print_decl(node.declaration); },
      [](const auto&) {},
  };
  std::visit(print, stmt.node);
}

void AstPrinter::print_block(const Block& block) {
  print_annotations(block.annotations, " ");
  open();
  for (const StmtId statement : block.statements) print_stmt_on_line(statement);
  close();
}

void AstPrinter::print_if(const If& node) {
  out_ += "if (";
  print_expr(node.condition);
  out_ += ") ";
  print_stmt(node.then_branch);
  if (!node.else_branch) return;
  out_ += " else ";
  print_stmt(node.else_branch);
}

void AstPrinter::print_switch(const Switch& node) {
  out_ += "switch (";
  print_expr(node.subject);
  open(") {");
  for (const SwitchCase& one : node.cases) {
    line();
    print_expr(one.label);
    out_ += ':';
    if (!one.body) continue;
    out_ += ' ';
    print_stmt(one.body);
  }
  close();
}

void AstPrinter::print_for(const For& node) {
  print_annotations(node.annotations, " ");
  out_ += "for (";
  const bool outer = std::exchange(in_list_, true);
  print_separated(node.init, [this](StmtId init) { print_simple(ast_[init]); });
  out_ += "; ";
  print_expr(node.condition);
  out_ += "; ";
  print_separated(node.update, [this](StmtId update) { print_simple(ast_[update]); });
  in_list_ = outer;
  out_ += ") ";
  print_stmt(node.body);
}

void AstPrinter::print_for_in(const ForIn& node) {
  print_annotations(node.annotations, " ");
  out_ += "for (";
  if (node.variable) {
    print_decl(node.variable);
  } else {
    print_expr(node.target);
  }
  out_ += " in ";
  print_expr(node.collection);
  out_ += ") ";
  print_stmt(node.body);
}

}  // namespace p4bpf::frontend
