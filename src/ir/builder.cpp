// The short ways of builder.h.
#include "ir/builder.h"

#include "base/result.h"

namespace p4bpf::ir {

ExprId Builder::binary(BinaryOp op, ExprId left, ExprId right, Span span) {
  Type type = (*program_)[left].type;
  switch (op) {
    case BinaryOp::kLe:
    case BinaryOp::kGe:
    case BinaryOp::kLt:
    case BinaryOp::kGt:
    case BinaryOp::kNe:
    case BinaryOp::kEq:
    case BinaryOp::kAnd:
    case BinaryOp::kOr:
      type = Type::boolean();
      break;
    case BinaryOp::kConcat:
      type = Type::bits(type.width + (*program_)[right].type.width, type.is_signed);
      break;
    default:
      break;
  }
  return expr(type, Binary{op, left, right}, span);
}

std::size_t error_index(const Program& program, std::string_view name) {
  for (std::size_t i = 0; i < program.errors.size(); ++i) {
    if (program.errors[i] == name) return i;
  }
  P4BPF_CHECK(false, "no error named " + std::string(name));
  return 0;
}

}  // namespace p4bpf::ir
