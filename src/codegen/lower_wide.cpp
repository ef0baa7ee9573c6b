// Expressions of more than 64 bits: arrays of limbs and the functions of p4bpf_wide.h.
#include <fmt/format.h>

#include "codegen/lowering.h"

namespace p4bpf::codegen {

std::string Lowering::wide_temp(std::uint32_t width) {
  const std::string made = names_.make("wide");
  emit(c::Declare{"u64", made, limbs(width), {}});
  return made;
}

std::string Lowering::wide(ir::ExprId id) {
  const ir::Expr& expr = program_[id];
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node); var && is_wide(expr.type)) return var_name(var->var);
  if (const auto* ref = std::get_if<ir::FieldRef>(&expr.node);
      ref && is_wide(expr.type) && ref->header.header && is_local(ref->header.header)) {
    return field_name(ref->header.header, ref->field);
  }
  const std::string made = wide_temp(expr.type.width);
  wide_into(made, id);
  return made;
}

/// `target` is not read by the expression, except as a whole by an operand that is read before it is written.
void Lowering::wide_into(const std::string& target, ir::ExprId id) {
  const ir::Expr& expr = program_[id];
  const std::uint32_t width = expr.type.width;
  const c::ExprId n = num(limbs(width));
  if (!is_wide(expr.type)) {
    assign(tree_.index(name(target), num(0)), host(id));
    return;
  }
  std::visit(
      Match{
          [&](const ir::Const& e) {
            BigInt rest = wrap(e.value, width, false);
            for (std::uint32_t i = 0; i < limbs(width); ++i) {
              assign(tree_.index(name(target), num(i)),
                     num(static_cast<std::uint64_t>(BigInt(rest & ~std::uint64_t{0})), true));
              rest >>= 64;
            }
          },
          [&](const ir::VarRef& e) {
            call("p4bpf_wide_copy", {name(target), name(var_name(e.var)), n});
          },
          [&](const ir::FieldRef& e) { wide_field(target, e, width); },
          [&](const ir::Unary& e) {
            const bool negate = e.op == ir::Unary::Op::kNegate;
            call(negate ? "p4bpf_wide_negate" : "p4bpf_wide_complement",
                 {name(target), name(wide(e.operand)), n, num(width)});
          },
          [&](const ir::Binary& e) { wide_binary(target, expr, e); },
          [&](const ir::Cast& e) {
            const ir::Type& from = program_[e.operand].type;
            if (from.width == 0) {
              for (std::uint32_t i = 0; i < limbs(width); ++i) assign(tree_.index(name(target), num(i)), num(0));
              return;
            }
            const bool is_signed = from.is_signed && from.kind == ir::Type::Kind::kBits;
            const std::string made = wide_temp(width);
            call("p4bpf_wide_resize", {name(made), n, num(width), name(wide(e.operand)), num(limbs(from.width)),
                                       num(from.width), num(is_signed ? 1 : 0)});
            call("p4bpf_wide_copy", {name(target), name(made), n});
          },
          [&](const ir::Slice& e) {
            const std::uint32_t from = program_[e.operand].type.width;
            const std::string made = wide_temp(width);
            call("p4bpf_wide_slice", {name(made), n, name(wide(e.operand)), num(limbs(from)), num(e.lo), num(width)});
            call("p4bpf_wide_copy", {name(target), name(made), n});
          },
          [&](const ir::Mux& e) {
            const c::ExprId chosen = condition(e.condition);
            const std::string yes = wide(e.yes);
            const std::string no = wide(e.no);
            call("p4bpf_wide_select", {name(target), n, chosen, name(yes), name(no)});
          },
          [&](const ir::Peek& e) {
            call("p4bpf_wide_load",
                 {name(target), n, address(at_cursor(0)), num(offset_ % 8 + e.bit_offset), num(width)});
          },
          [&](const ir::Carried& e) { wide_carried(target, e.index); },
          [&](const auto&) { P4BPF_CHECK(false, "an expression that cannot be wide"); },
      },
      expr.node);
}

void Lowering::wide_field(const std::string& target, const ir::FieldRef& ref, std::uint32_t width) {
  const c::ExprId n = num(limbs(width));
  const auto load = [&](ir::HeaderId header) {
    const std::uint32_t bit = type_of(header).fields[ref.field].bit_offset;
    if (is_local(header)) {
      call("p4bpf_wide_copy", {name(target), name(field_name(header, ref.field)), n});
      return;
    }
    const auto fetch = [&] {
      call("p4bpf_wide_load", {name(target), n, address(header_address(header)), num(bit), num(width)});
    };
    if (status_of(worlds_, header) == HeaderState::kValid) {
      fetch();
      return;
    }
    const c::BlockId yes = in_block(fetch);
    const c::BlockId no = in_block([&] {
      for (std::uint32_t i = 0; i < limbs(width); ++i) assign(tree_.index(name(target), num(i)), num(0));
    });
    emit(c::If{is_valid(ir::HeaderRef{header, {}, {}}), yes, no});
  };
  if (!ref.header.header) {
    for (std::uint32_t i = 0; i < limbs(width); ++i) assign(tree_.index(name(target), num(i)), num(0));
  }
  for_element(ref.header, load);
}

void Lowering::wide_binary(const std::string& target, const ir::Expr& expr, const ir::Binary& e) {
  using Op = ir::BinaryOp;
  const std::uint32_t width = expr.type.width;
  const c::ExprId n = num(limbs(width));
  if (e.op == Op::kConcat) return wide_concat(target, e);
  const std::string left = wide(e.left);
  if (e.op == Op::kShl || e.op == Op::kShr) {
    const c::ExprId amount = shift_amount(e.right);
    const std::string made = wide_temp(width);
    std::vector<c::ExprId> arguments{name(made), name(left), amount, n, num(width)};
    if (e.op == Op::kShr) arguments.push_back(num(expr.type.is_signed ? 1 : 0));
    call(e.op == Op::kShl ? "p4bpf_wide_shl" : "p4bpf_wide_shr", std::move(arguments));
    call("p4bpf_wide_copy", {name(target), name(made), n});
    return;
  }
  const std::string right = wide(e.right);
  if (e.op == Op::kBitAnd || e.op == Op::kBitOr || e.op == Op::kBitXor) {
    const char* callee = e.op == Op::kBitAnd  ? "p4bpf_wide_and"
                         : e.op == Op::kBitOr ? "p4bpf_wide_or"
                                              : "p4bpf_wide_xor";
    call(callee, {name(target), name(left), name(right), n});
    return;
  }
  if (e.op == Op::kAdd || e.op == Op::kSub) {
    call(e.op == Op::kAdd ? "p4bpf_wide_add" : "p4bpf_wide_sub",
         {name(target), name(left), name(right), n, num(width)});
    return;
  }
  const std::string made = wide_temp(width);
  if (e.op == Op::kMul) {
    call("p4bpf_wide_mul", {name(made), name(left), name(right), n, num(width)});
  } else if (e.op == Op::kSatAdd || e.op == Op::kSatSub) {
    call("p4bpf_wide_saturate", {name(made), name(left), name(right), n, num(width), num(expr.type.is_signed ? 1 : 0),
                                 num(e.op == Op::kSatSub ? 1 : 0)});
  } else {
    unsupported(expr.span, "division of values wider than 64 bits is not possible at run time");
  }
  call("p4bpf_wide_copy", {name(target), name(made), n});
}

/// Each part goes to its place in one array: one for each step would be far more than the stack.
void Lowering::wide_concat(const std::string& target, const ir::Binary& concat) {
  std::vector<ir::ExprId> parts;
  const auto collect = [&](const auto& self, const ir::Binary& e) -> void {
    for (const ir::ExprId side : {e.left, e.right}) {
      const auto* inner = std::get_if<ir::Binary>(&program_[side].node);
      if (inner != nullptr && inner->op == ir::BinaryOp::kConcat) {
        self(self, *inner);
      } else {
        parts.push_back(side);
      }
    }
  };
  collect(collect, concat);
  std::uint32_t low = 0;
  for (const ir::ExprId part : parts) low += program_[part].type.width;
  const c::ExprId n = num(limbs(low));
  const std::string made = wide_temp(low);
  const auto limb = [&](std::uint32_t i) { return tree_.index(name(made), num(i)); };
  for (std::uint32_t i = 0; i < limbs(low); ++i) assign(limb(i), num(0));
  for (const ir::ExprId part : parts) {
    const ir::Type& type = program_[part].type;
    if (type.width == 0) continue;
    low -= type.width;
    if (is_wide(type)) {
      call("p4bpf_wide_insert", {name(made), n, num(low), name(wide(part)), num(limbs(type.width))});
      continue;
    }
    const std::string value = names_.make("part");
    emit(c::Declare{"u64", value, {}, host(part)});
    const std::uint32_t at = low / 64;
    const std::uint32_t shift = low % 64;
    assign(limb(at), tree_.binary("|", limb(at), tree_.binary("<<", name(value), num(shift))));
    if (shift + type.width > 64)
      assign(limb(at + 1), tree_.binary("|", limb(at + 1), tree_.binary(">>", name(value), num(64 - shift))));
  }
  call("p4bpf_wide_copy", {name(target), name(made), n});
}

c::ExprId Lowering::wide_comparison(const ir::Binary& e) {
  using Op = ir::BinaryOp;
  const ir::Type& type = program_[e.left].type;
  const c::ExprId n = num(limbs(type.width));
  const std::string left = wide(e.left);
  const std::string right = wide(e.right);
  if (e.op == Op::kEq || e.op == Op::kNe) {
    const c::ExprId equal = tree_.call("p4bpf_wide_equal", {name(left), name(right), n});
    return e.op == Op::kEq ? equal : tree_.unary("!", equal);
  }
  const bool swapped = e.op == Op::kGt || e.op == Op::kLe;
  const c::ExprId less = tree_.call("p4bpf_wide_less", {name(swapped ? right : left), name(swapped ? left : right), n,
                                                        num(type.width), num(type.is_signed ? 1 : 0)});
  return e.op == Op::kLt || e.op == Op::kGt ? less : tree_.unary("!", less);
}

}  // namespace p4bpf::codegen
