// Short ways to make IR, shared by elaboration, the architectures' glue, the passes and the tests.
#pragma once

#include "ir/ir.h"

namespace p4bpf::ir {

/// Makes expressions in `program` and statements at the end of `block()`.
class Builder {
 public:
  explicit Builder(Program& program) : program_(&program), block_(program.blocks.add({})) {}
  Builder(Program& program, BlockId block) : program_(&program), block_(block) {}

  Program& program() { return *program_; }
  BlockId block() const { return block_; }

  ExprId expr(Type type, decltype(Expr::node) node, Span span = {}) {
    return program_->exprs.add(Expr{type, span, std::move(node)});
  }
  ExprId constant(Type type, BigInt value, Span span = {}) {
    return expr(type, Const{wrap(value, type.width, type.is_signed)}, span);
  }
  ExprId ref(VarId var, Span span = {}) { return expr((*program_)[var].type, VarRef{var}, span); }
  ExprId field(HeaderRef header, std::size_t field, Span span = {}) {
    return expr(header_type(header).fields[field].type, FieldRef{header, field}, span);
  }
  ExprId is_valid(HeaderRef header, Span span = {}) { return expr(Type::boolean(), IsValid{header}, span); }
  /// The type follows from the operator: bool for comparisons, the sum of widths for kConcat, else the left operand's.
  ExprId binary(BinaryOp op, ExprId left, ExprId right, Span span = {});
  ExprId negation(ExprId operand, Span span = {}) {
    return expr(Type::boolean(), Unary{Unary::Op::kNot, operand}, span);
  }
  ExprId cast(Type type, ExprId operand, Span span = {}) { return expr(type, Cast{operand}, span); }

  VarId var(std::string name, Type type, Span span = {}) {
    return program_->vars.add(Var{std::move(name), type, span});
  }
  const HeaderType& header_type(HeaderRef header) const {
    return (*program_)[header.header ? (*program_)[header.header].type : (*program_)[header.stack].type];
  }

  void add(decltype(Stmt::node) node, Span span = {}) {
    program_->blocks.edit(block_).statements.push_back(Stmt{span, std::move(node)});
  }
  void assign(ExprId target, ExprId value, Span span = {}) { add(Assign{target, value}, span); }
  void assign(VarId target, ExprId value, Span span = {}) { assign(ref(target, span), value, span); }
  /// A builder for a new block, to be hung into an If, Region, ...
  Builder nested() { return Builder(*program_); }

 private:
  Program* program_;
  BlockId block_;
};

}  // namespace p4bpf::ir
