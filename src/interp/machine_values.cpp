// Expressions and where their values live.
#include "interp/machine.h"
#include "ir/evaluate.h"

namespace p4bpf::interp {

const HeaderState* Machine::find(const ir::HeaderRef& ref) const {
  if (ref.header) return &headers_[ref.header.index()];
  const std::vector<ir::HeaderId>& elements = program_[ref.stack].elements;
  const BigInt index = number(ref.index);
  if (index < 0 || index >= elements.size()) return nullptr;
  return &headers_[elements[static_cast<std::size_t>(index)].index()];
}

HeaderState* Machine::find(const ir::HeaderRef& ref) {
  return const_cast<HeaderState*>(static_cast<const Machine*>(this)->find(ref));
}

const ir::HeaderType& Machine::header_type(const ir::HeaderRef& ref) const {
  return program_[ref.header ? program_[ref.header].type : program_[ref.stack].type];
}

Value Machine::compute(const ir::Binary& e, const ir::Type& type) const {
  const Value left = value(e.left);
  const ir::Type& left_type = program_[e.left].type;
  if (left_type.kind == ir::Type::Kind::kVarbit) {
    // Only compared, by length and value.
    return {BigInt((left == value(e.right)) == (e.op == ir::BinaryOp::kEq) ? 1 : 0)};
  }
  return {ir::evaluate_binary(e.op, type, left_type, left.number, program_[e.right].type, number(e.right))};
}

Value Machine::value(ir::ExprId id) const {
  const ir::Expr& expr = program_[id];
  return std::visit(
      Match{
          [&](const ir::Const& e) -> Value { return {e.value}; },
          [&](const ir::StringConst&) -> Value { return {}; },
          [&](const ir::VarRef& e) -> Value { return vars_[e.var.index()]; },
          [&](const ir::FieldRef& e) -> Value {
            const HeaderState* header = find(e.header);
            return header == nullptr ? Value{} : header->fields[e.field];
          },
          [&](const ir::IsValid& e) -> Value {
            const HeaderState* header = find(e.header);
            return {BigInt(header != nullptr && header->is_valid ? 1 : 0)};
          },
          [&](const ir::Unary& e) -> Value { return {ir::evaluate_unary(e.op, expr.type, number(e.operand))}; },
          [&](const ir::Binary& e) -> Value { return compute(e, expr.type); },
          [&](const ir::Cast& e) -> Value { return {ir::evaluate_cast(expr.type, number(e.operand))}; },
          [&](const ir::Slice& e) -> Value { return {bit_slice(number(e.operand), e.hi, e.lo)}; },
          [&](const ir::Mux& e) -> Value { return value(truth(e.condition) ? e.yes : e.no); },
          [&](const ir::Peek& e) -> Value {
            const BigInt bits = read_bits(packet_, cursor_ + e.bit_offset, expr.type.width);
            return {wrap(bits, expr.type.width, expr.type.is_signed)};
          },
          [&](const ir::IntrinsicRef& e) -> Value {
            if (e.intrinsic == ir::Intrinsic::kIngressPort) return {BigInt(input_.port)};
            return {wrap(BigInt(input_.pass.packet.size()), expr.type.width, false)};
          },
          [&](const ir::VarbitLength& e) -> Value {
            const HeaderState* header = find(e.header);
            return {BigInt(header == nullptr ? 0 : header->fields[*header_type(e.header).varbit_field].length)};
          },
          [&](const ir::Carried& e) -> Value {
            return e.index < input_.pass.carried.size() ? input_.pass.carried[e.index] : Value{};
          },
      },
      expr.node);
}

void Machine::store(ir::ExprId target, Value stored) {
  const ir::Expr& expr = program_[target];
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) {
    vars_[var->var.index()] = std::move(stored);
  } else if (const auto* field = std::get_if<ir::FieldRef>(&expr.node)) {
    if (HeaderState* header = find(field->header)) header->fields[field->field] = std::move(stored);
  }
}

}  // namespace p4bpf::interp
