// See validator_exprs.h. Operands are checked before the node that holds them, so that a fault names the innermost one.
#include "ir/validator_exprs.h"

#include <fmt/format.h>

#include "ir/printer.h"
#include "ir/walk.h"

namespace p4bpf::ir {

bool ExprValidator::fail(std::string_view message, ExprId id) {
  if (fault_.empty()) fault_ = fmt::format("{}: {}", message, print(program_, id));
  return false;
}

bool ExprValidator::check(const HeaderRef& ref, bool in_parser) {
  if (ref.header) {
    if (in_range(program_.headers, ref.header) && !ref.stack && !ref.index) return true;
    fault_ = "a header reference is malformed";
    return false;
  }
  if (!in_range(program_.stacks, ref.stack)) {
    fault_ = "a header reference names nothing";
    return false;
  }
  if (!check(ref.index, in_parser)) return false;
  const Type& type = program_[ref.index].type;
  return (type.kind == Type::Kind::kBits && !type.is_signed) || fail("a stack index must be unsigned", ref.index);
}

bool ExprValidator::check(ExprId id, bool in_parser) {
  if (!in_range(program_.exprs, id)) {
    if (fault_.empty()) fault_ = "an expression is missing";
    return false;
  }
  const std::size_t at = 2 * id.index() + (in_parser ? 1 : 0);
  if (checked_[at]) return true;
  const Expr& expr = program_[id];
  bool sound = true;
  for_each_operand(expr, [&](ExprId operand) { sound = sound && check(operand, in_parser); });
  sound = sound && check_node(id, expr, in_parser);
  checked_[at] = sound;
  return sound;
}

bool ExprValidator::check_node(ExprId id, const Expr& expr, bool in_parser) {
  const Type& type = expr.type;
  return std::visit(
      Match{
          [&](const Const& n) {
            if (type.kind == Type::Kind::kString) return fail("a number of type string", id);
            if (type.kind == Type::Kind::kVarbit) return n.value == 0 || fail("a varbit constant must be empty", id);
            const bool is_signed = type.kind == Type::Kind::kBits && type.is_signed;
            return fits(n.value, type.width, is_signed) || fail("a constant out of range", id);
          },
          [&](const StringConst&) { return type.kind == Type::Kind::kString || fail("a text of another type", id); },
          [&](const VarRef& n) {
            if (!in_range(program_.vars, n.var)) return fault_ = "a variable is missing", false;
            return program_[n.var].type == type || fail("a variable read as another type", id);
          },
          [&](const FieldRef& n) {
            if (!check(n.header, in_parser)) return false;
            const HeaderType& header = program_[header_type(n.header)];
            if (n.field >= header.fields.size()) return fault_ = "a field out of range of " + header.name, false;
            return header.fields[n.field].type == type || fail("a field read as another type", id);
          },
          [&](const IsValid& n) {
            return check(n.header, in_parser) && (type == Type::boolean() || fail("validity is bool", id));
          },
          [&](const Unary& n) { return check_unary(id, type, n); },
          [&](const Binary& n) { return check_binary(id, type, n); },
          [&](const Cast& n) { return check_cast(id, type, program_[n.operand].type); },
          [&](const Slice& n) {
            const Type& operand = program_[n.operand].type;
            if (operand.kind != Type::Kind::kBits || n.hi < n.lo || n.hi >= operand.width)
              return fail("a slice out of range", id);
            return type == Type::bits(n.hi - n.lo + 1) || fail("a slice of another width", id);
          },
          [&](const Mux& n) {
            if (program_[n.condition].type != Type::boolean()) return fail("a condition must be bool", id);
            return (program_[n.yes].type == type && program_[n.no].type == type) || fail("the sides of ?: differ", id);
          },
          [&](const Peek&) { return in_parser || fail("a lookahead outside a parser", id); },
          [&](const IntrinsicRef&) { return type == Type::bits(32) || fail("an intrinsic is bit<32>", id); },
          [&](const VarbitLength& n) {
            return check(n.header, in_parser) && ((type == Type::bits(32) && program_[header_type(n.header)].varbit_field) ||
                                                  fail("a malformed length of a varbit", id));
          },
          [&](const Carried& n) {
            return (n.index < program_.carried.size() && program_.carried[n.index] == type) ||
                   fail("what is carried has another type", id);
          },
      },
      expr.node);
}

bool ExprValidator::check_unary(ExprId id, const Type& type, const Unary& node) {
  const Type& operand = program_[node.operand].type;
  if (operand != type) return fail("an operand of another type", id);
  const bool wants_bool = node.op == Unary::Op::kNot;
  return type.kind == (wants_bool ? Type::Kind::kBool : Type::Kind::kBits) || fail("a wrong operand", id);
}

bool ExprValidator::check_binary(ExprId id, const Type& type, const Binary& node) {
  const Type& left = program_[node.left].type;
  const Type& right = program_[node.right].type;
  const bool are_bits = left.kind == Type::Kind::kBits && right.kind == Type::Kind::kBits;
  switch (node.op) {
    case BinaryOp::kShl:
    case BinaryOp::kShr:
      return (are_bits && !right.is_signed && left == type) || fail("a malformed shift", id);
    case BinaryOp::kConcat:
      return (are_bits && type.kind == Type::Kind::kBits && type.width == left.width + right.width) ||
             fail("a malformed concatenation", id);
    case BinaryOp::kEq:
    case BinaryOp::kNe:
      return (left == right && type == Type::boolean()) || fail("a malformed comparison", id);
    case BinaryOp::kLe:
    case BinaryOp::kGe:
    case BinaryOp::kLt:
    case BinaryOp::kGt:
      return (are_bits && left == right && type == Type::boolean()) || fail("a malformed comparison", id);
    case BinaryOp::kAnd:
    case BinaryOp::kOr:
      return (left == right && left == Type::boolean() && type == left) || fail("a malformed logical operation", id);
    default:
      return (are_bits && left == right && left == type) || fail("operands of different types", id);
  }
}

bool ExprValidator::check_cast(ExprId id, const Type& to, const Type& from) {
  using Kind = Type::Kind;
  const auto is_bit = [](const Type& type) { return type.kind == Kind::kBits && type.width == 1 && !type.is_signed; };
  if (to.kind == Kind::kBits) {
    if (from.kind == Kind::kBits || from.kind == Kind::kEnum || from.kind == Kind::kError) return true;
    if (from.kind == Kind::kBool && is_bit(to)) return true;
  }
  if (to.kind == Kind::kBool && (is_bit(from) || from.kind == Kind::kBool)) return true;
  if ((to.kind == Kind::kEnum || to.kind == Kind::kError) && (from.kind == Kind::kBits || from == to)) return true;
  return fail("a cast between types that have none", id);
}

}  // namespace p4bpf::ir
