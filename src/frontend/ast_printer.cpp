// Types, expressions and annotations as text.
#include "frontend/ast_printer.h"

#include "frontend/ast_printer_impl.h"
#include "frontend/literals.h"

namespace p4bpf {

std::string print_ast(const ast::Ast& ast) {
  frontend::AstPrinter printer(ast);
  printer.print_program();
  return printer.take();
}

std::string print_expr(const ast::Ast& ast, ast::ExprId expr) {
  frontend::AstPrinter printer(ast);
  printer.print_expr(expr);
  return printer.take();
}

std::string print_keyset(const ast::Ast& ast, ast::ExprId keyset) {
  frontend::AstPrinter printer(ast);
  printer.print_keyset(keyset);
  return printer.take();
}

std::string print_stmt(const ast::Ast& ast, ast::StmtId stmt) {
  frontend::AstPrinter printer(ast);
  printer.print_stmt(stmt);
  return printer.take();
}

std::string print_type(const ast::Ast& ast, ast::TypeRefId type) {
  frontend::AstPrinter printer(ast);
  printer.print_type(type);
  return printer.take();
}

namespace frontend {

using namespace ast;

namespace {

constexpr int kUnaryLevel = 11;
constexpr int kPostfixLevel = 12;

struct OperatorText {
  int level;
  std::string_view text;
};

OperatorText text_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::kOr:
      return {1, "||"};
    case BinaryOp::kAnd:
      return {2, "&&"};
    case BinaryOp::kEq:
      return {3, "=="};
    case BinaryOp::kNe:
      return {3, "!="};
    case BinaryOp::kLt:
      return {4, "<"};
    case BinaryOp::kGt:
      return {4, ">"};
    case BinaryOp::kLe:
      return {4, "<="};
    case BinaryOp::kGe:
      return {4, ">="};
    case BinaryOp::kBitOr:
      return {5, "|"};
    case BinaryOp::kBitXor:
      return {6, "^"};
    case BinaryOp::kBitAnd:
      return {7, "&"};
    case BinaryOp::kShl:
      return {8, "<<"};
    case BinaryOp::kShr:
      return {8, ">>"};
    case BinaryOp::kConcat:
      return {9, "++"};
    case BinaryOp::kAdd:
      return {9, "+"};
    case BinaryOp::kSub:
      return {9, "-"};
    case BinaryOp::kSatAdd:
      return {9, "|+|"};
    case BinaryOp::kSatSub:
      return {9, "|-|"};
    case BinaryOp::kMul:
      return {10, "*"};
    case BinaryOp::kDiv:
      return {10, "/"};
    case BinaryOp::kMod:
      return {10, "%"};
  }
  return {0, ""};
}

std::string_view text_of(Unary::Op op) {
  switch (op) {
    case Unary::Op::kNot:
      return "!";
    case Unary::Op::kComplement:
      return "~";
    case Unary::Op::kNegate:
      return "-";
    case Unary::Op::kPlus:
      return "+";
  }
  return "";
}

/// How tightly an expression binds: 0 for what stands alone, 1 to 10 for binary operators, then unary, then postfix.
int level_of(const Expr& expr) {
  if (std::holds_alternative<Conditional>(expr.node) || std::holds_alternative<MaskExpr>(expr.node) ||
      std::holds_alternative<RangeExpr>(expr.node)) {
    return 0;
  }
  if (const auto* binary = std::get_if<Binary>(&expr.node)) return text_of(binary->op).level;
  if (std::holds_alternative<Unary>(expr.node) || std::holds_alternative<Cast>(expr.node)) return kUnaryLevel;
  return kPostfixLevel;
}

bool is_less(const Expr& expr) {
  const auto* binary = std::get_if<Binary>(&expr.node);
  return binary != nullptr && binary->op == BinaryOp::kLt;
}

std::string_view text_of(BaseType::Kind kind) {
  switch (kind) {
    case BaseType::Kind::kBool:
      return "bool";
    case BaseType::Kind::kError:
      return "error";
    case BaseType::Kind::kMatchKind:
      return "match_kind";
    case BaseType::Kind::kString:
      return "string";
    case BaseType::Kind::kInt:
      return "int";
    case BaseType::Kind::kVoid:
      return "void";
  }
  return "";
}

}  // namespace

void AstPrinter::print_type_arguments(const std::vector<TypeRefId>& arguments) {
  out_ += '<';
  print_separated(arguments, [this](TypeRefId argument) { print_type(argument); });
  out_ += '>';
}

void AstPrinter::print_type(TypeRefId id) {
  const auto print = Match{
      [this](const BaseType& node) { out_ += text_of(node.kind); },
      [this](const SizedType& node) {
        out_ += node.kind == SizedType::Kind::kBit ? "bit" : node.kind == SizedType::Kind::kInt ? "int" : "varbit";
        if (!node.width) return;
        const bool is_literal = std::holds_alternative<IntLiteral>(ast_[node.width].node);
        out_ += is_literal ? "<" : "<(";
        print_expr(node.width);
        out_ += is_literal ? ">" : ")>";
      },
      [this](const NamedType& node) {
        if (node.is_global) out_ += '.';
        out_ += node.name.text;
        if (node.has_arguments) print_type_arguments(node.arguments);
      },
      [this](const StackType& node) {
        print_type(node.element);
        out_ += '[';
        print_expr(node.size);
        out_ += ']';
      },
      [this](const TupleType& node) {
        out_ += "tuple";
        print_type_arguments(node.elements);
      },
      [this](const ListType& node) {
        out_ += "list<";
        print_type(node.element);
        out_ += '>';
      },
      [this](const DontCareType&) { out_ += '_'; },
  };
  std::visit(print, ast_[id].node);
}

void AstPrinter::print_expr(ExprId id, int level) {
  const Expr& expr = ast_[id];
  const bool needs_parens = level_of(expr) < level || (in_list_ && is_less(expr));
  if (needs_parens) out_ += '(';
  print_expr_node(expr);
  if (needs_parens) out_ += ')';
}

void AstPrinter::print_expr_node(const Expr& expr) {
  const auto print = Match{
      [this](const IntLiteral& node) {
        if (node.width) out_ += std::to_string(*node.width) + (node.is_signed ? "s" : "w");
        out_ += node.value < 1024 ? node.value.str() : to_hex(node.value);
      },
      [this](const BoolLiteral& node) { out_ += node.value ? "true" : "false"; },
      [this](const StringLiteral& node) { out_ += quote_string(node.value); },
      [this](const NameExpr& node) { out_ += (node.is_global ? "." : "") + node.name.text; },
      [this](const ThisExpr&) { out_ += "this"; },
      [this](const TypeExpr& node) { print_type(node.type); },
      [this](const Member& node) {
        print_expr(node.base, kPostfixLevel);
        out_ += "." + node.member.text;
      },
      [this](const Index& node) {
        print_expr(node.base, kPostfixLevel);
        out_ += '[';
        print_expr(node.index);
        out_ += ']';
      },
      [this](const Slice& node) {
        print_expr(node.base, kPostfixLevel);
        out_ += '[';
        print_expr(node.hi);
        out_ += ':';
        print_expr(node.lo);
        out_ += ']';
      },
      [this](const PlusSlice& node) {
        print_expr(node.base, kPostfixLevel);
        out_ += '[';
        print_expr(node.lo);
        out_ += " +: ";
        print_expr(node.width);
        out_ += ']';
      },
      [this](const Unary& node) {
        out_ += text_of(node.op);
        if (std::holds_alternative<Unary>(ast_[node.operand].node)) out_ += ' ';  // `+ +x`, since `++` is a token
        print_expr(node.operand, kUnaryLevel);
      },
      [this](const Binary& node) { print_binary(node); },
      [this](const Conditional& node) {
        print_expr(node.condition, 1);
        out_ += " ? ";
        print_expr(node.yes);
        out_ += " : ";
        print_expr(node.no);
      },
      [this](const Cast& node) {
        out_ += '(';
        print_type(node.type);
        out_ += ") ";
        print_expr(node.operand, kUnaryLevel);
      },
      [this](const Call& node) { print_call(node); },
      [this](const ListExpr& node) { print_list(node); },
      [this](const StructExpr& node) { print_struct(node); },
      [this](const InvalidExpr&) { out_ += "{#}"; },
      [this](const MaskExpr& node) {
        print_expr(node.value);
        out_ += " &&& ";
        print_expr(node.mask);
      },
      [this](const RangeExpr& node) {
        print_expr(node.lo);
        out_ += " .. ";
        print_expr(node.hi);
      },
      [this](const DontCareExpr& node) { out_ += node.is_default ? "default" : "_"; },
      [this](const DotsExpr&) { out_ += "..."; },
      [this](const ErrorExpr&) { out_ += "/* error */"; },
  };
  std::visit(print, expr.node);
}

void AstPrinter::print_binary(const Binary& binary) {
  const auto [level, text] = text_of(binary.op);
  // `(a < b) > (c)`: without parentheses this would read as a call with type arguments.
  const bool guards_left = binary.op == BinaryOp::kGt && is_less(ast_[binary.left]);
  print_expr(binary.left, guards_left ? level + 1 : level);
  out_ += ' ';
  out_ += text;
  out_ += ' ';
  print_expr(binary.right, level + 1);
}

void AstPrinter::print_call(const Call& call) {
  print_expr(call.callee, kPostfixLevel);
  if (!call.type_arguments.empty()) print_type_arguments(call.type_arguments);
  print_arguments(call.arguments);
}

void AstPrinter::print_argument(const Argument& argument) {
  if (!argument.name.text.empty()) out_ += argument.name.text + " = ";
  print_expr(argument.value);
}

void AstPrinter::print_arguments(const std::vector<Argument>& arguments) {
  const bool outer = std::exchange(in_list_, true);
  out_ += '(';
  print_separated(arguments, [this](const Argument& argument) { print_argument(argument); });
  out_ += ')';
  in_list_ = outer;
}

void AstPrinter::print_list(const ListExpr& list) {
  const bool outer = std::exchange(in_list_, true);
  out_ += '{';
  print_separated(list.elements, [this](ExprId element) { print_expr(element); });
  if (list.has_rest) out_ += list.elements.empty() ? "..." : ", ...";
  out_ += '}';
  in_list_ = outer;
}

void AstPrinter::print_struct(const StructExpr& fields) {
  const bool outer = std::exchange(in_list_, true);
  out_ += '{';
  print_separated(fields.fields, [this](const Argument& field) { print_argument(field); });
  if (fields.has_rest) out_ += ", ...";
  out_ += '}';
  in_list_ = outer;
}

/// A list of several sets stands in parentheses.
void AstPrinter::print_keyset(ExprId id) {
  const auto* list = std::get_if<ListExpr>(&ast_[id].node);
  const bool outer = std::exchange(in_list_, true);
  if (list != nullptr && list->elements.size() > 1 && !list->has_rest) {
    out_ += '(';
    print_separated(list->elements, [this](ExprId element) { print_expr(element); });
    out_ += ')';
  } else {
    print_expr(id);
  }
  in_list_ = outer;
}

void AstPrinter::print_annotation(const Annotation& annotation) {
  const auto print_pieces = [&] {
    bool is_first = true;
    for (const Annotation::Piece& piece : annotation.body) {
      if (!is_first) out_ += ' ';
      is_first = false;
      out_ += piece.is_string ? quote_string(piece.text) : piece.text;
    }
  };
  out_ += annotation.is_pragma ? "@pragma " : "@";
  out_ += annotation.name.text;
  if (annotation.is_pragma) {
    if (!annotation.body.empty()) out_ += ' ';
    print_pieces();
  } else if (annotation.is_structured) {
    const bool outer = std::exchange(in_list_, true);
    out_ += '[';
    print_separated(annotation.arguments, [this](const Argument& argument) { print_argument(argument); });
    out_ += ']';
    in_list_ = outer;
  } else if (annotation.has_body) {
    out_ += '(';
    print_pieces();
    out_ += ')';
  }
}

/// Each followed by `separator`; a pragma takes the rest of its line whatever the separator.
void AstPrinter::print_annotations(const Annotations& annotations, std::string_view separator) {
  for (const Annotation& annotation : annotations) {
    print_annotation(annotation);
    if (annotation.is_pragma || separator == "\n") {
      line();
    } else {
      out_ += separator;
    }
  }
}

void AstPrinter::line() {
  out_ += '\n';
  out_.append(2 * indent_, ' ');
}

void AstPrinter::open(std::string_view text) {
  out_ += text;
  ++indent_;
}

void AstPrinter::close(std::string_view text) {
  --indent_;
  line();
  out_ += text;
}

}  // namespace frontend
}  // namespace p4bpf
