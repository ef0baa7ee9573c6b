// Expressions of up to 64 bits. Signed values are kept as two's complement of their width with zeros above; the sign is
// extended where an operator asks for it.
#include "codegen/lowering.h"

namespace p4bpf::codegen {

c::ExprId Lowering::constant(const BigInt& value, std::uint32_t width) {
  const BigInt bits = wrap(value, width, false);
  return num(static_cast<std::uint64_t>(bits), width > 32);
}

c::ExprId Lowering::net_constant(const BigInt& value, std::uint32_t width) {
  std::vector<std::uint8_t> bytes = to_bytes(value, width);
  std::uint64_t swapped = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) swapped = swapped << 8 | bytes[i];
  return num(swapped, width > 32);
}

/// Cuts what an operation may have left above the width.
c::ExprId Lowering::mask(c::ExprId value, std::uint32_t width) {
  if (width == 8 || width == 16) return tree_.cast(width == 8 ? "u8" : "u16", value);
  if (width == 32) return tree_.cast("u32", value);
  if (width >= 64) return value;
  return tree_.binary("&", value, num((1ull << width) - 1, width > 32));
}

c::ExprId Lowering::sign_extended(c::ExprId value, std::uint32_t width) {
  if (width == 64) return tree_.cast("s64", value);
  return tree_.call("p4bpf_sign_extend", {value, num(width)});
}

bool Lowering::is_net_already(ir::ExprId id) const {
  const ir::Expr& expr = program_[id];
  if (!has_order(expr.type)) return false;
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) return orders_->is_net(var->var);
  if (const auto* ref = std::get_if<ir::FieldRef>(&expr.node)) {
    return ref->header.header && orders_->is_net(ref->header.header, ref->field);
  }
  if (const auto* peek = std::get_if<ir::Peek>(&expr.node)) return (offset_ + peek->bit_offset) % 8 == 0;
  if (const auto* slice = std::get_if<ir::Slice>(&expr.node))
    return slice->lo % 8 == 0 && is_net_already(slice->operand);
  if (const auto* mux = std::get_if<ir::Mux>(&expr.node))
    return is_net_or_constant(mux->yes) && is_net_or_constant(mux->no);
  if (const auto* binary = std::get_if<ir::Binary>(&expr.node)) {
    const bool bitwise = binary->op == ir::BinaryOp::kBitAnd || binary->op == ir::BinaryOp::kBitOr ||
                         binary->op == ir::BinaryOp::kBitXor;
    return bitwise && is_net_or_constant(binary->left) && is_net_or_constant(binary->right);
  }
  return false;
}

bool Lowering::is_net_or_constant(ir::ExprId id) const {
  return is_net_already(id) || std::holds_alternative<ir::Const>(program_[id].node);
}

c::ExprId Lowering::net(ir::ExprId id) {
  const ir::Expr& expr = program_[id];
  if (const auto* value = std::get_if<ir::Const>(&expr.node)) return net_constant(value->value, expr.type.width);
  if (!is_net_already(id)) return swap(host(id), expr.type.width);
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) return name(var_name(var->var));
  if (const auto* ref = std::get_if<ir::FieldRef>(&expr.node)) return field(expr, *ref, true);
  if (const auto* peek = std::get_if<ir::Peek>(&expr.node))
    return load_raw(at_cursor((offset_ % 8 + peek->bit_offset) / 8), expr.type.width / 8);
  if (const auto* slice = std::get_if<ir::Slice>(&expr.node)) return net_slice(*slice);
  if (const auto* mux = std::get_if<ir::Mux>(&expr.node)) {
    const c::ExprId chosen = condition(mux->condition);
    return tree_.conditional(chosen, net(mux->yes), net(mux->no));
  }
  const auto& binary = std::get<ir::Binary>(expr.node);
  const char* op = binary.op == ir::BinaryOp::kBitAnd ? "&" : binary.op == ir::BinaryOp::kBitOr ? "|" : "^";
  return tree_.binary(op, net(binary.left), net(binary.right));
}

c::ExprId Lowering::packet_length() {
  uses_length_ = true;
  return name(uses_scratch() ? "state->packet_length" : "packet_length");
}

c::ExprId Lowering::host(ir::ExprId id) {
  const ir::Expr& expr = program_[id];
  if (expr.type.width == 0) return num(0);
  P4BPF_CHECK(!is_wide(expr.type), "a wide value where at most 64 bits are expected");
  if (!std::holds_alternative<ir::Const>(expr.node) && is_net_already(id)) {
    // Bits of a field are loaded as such: the load knows more than a swap.
    if (const auto* ref = std::get_if<ir::FieldRef>(&expr.node); ref && !is_local(ref->header.header)) {
      return field(expr, *ref, false);
    }
    return swap(net(id), expr.type.width);
  }
  return std::visit(Match{
                        [&](const ir::Const& e) { return constant(e.value, expr.type.width); },
                        [&](const ir::StringConst&) {
                          unsupported(expr.span, "a string is only known when the program is compiled");
                          return num(0);
                        },
                        [&](const ir::VarRef& e) { return name(var_name(e.var)); },
                        [&](const ir::FieldRef& e) { return field(expr, e, false); },
                        [&](const ir::IsValid& e) { return is_valid(e.header); },
                        [&](const ir::Unary& e) {
                          const c::ExprId operand = host(e.operand);
                          switch (e.op) {
                            case ir::Unary::Op::kNot:
                              return tree_.unary("!", operand);
                            case ir::Unary::Op::kComplement:
                              return mask(tree_.unary("~", as_type(expr.type.width, operand)), expr.type.width);
                            case ir::Unary::Op::kNegate:
                              break;
                          }
                          return mask(tree_.binary("-", num(0, expr.type.width > 32), operand), expr.type.width);
                        },
                        [&](const ir::Binary& e) { return binary(expr, e); },
                        [&](const ir::Cast& e) { return cast(expr, e); },
                        [&](const ir::Slice& e) { return slice(e); },
                        [&](const ir::Mux& e) { return mux(expr, e); },
                        [&](const ir::Peek& e) {
                          const std::uint32_t bit = offset_ % 8 + e.bit_offset;
                          return load_bits(at_cursor(0), bit, expr.type.width, (bit + expr.type.width + 7) / 8);
                        },
                        [&](const ir::IntrinsicRef& e) {
                          if (e.intrinsic == ir::Intrinsic::kPacketLength) return packet_length();
                          manifest_.port_of_ifindex_symbol = "port_of_ifindex";
                          const std::string kind(hook_->kind);
                          return tree_.call("p4bpf_port_of",
                                            {name(manifest_.port_of_ifindex_symbol),
                                             tree_.call("p4bpf_" + kind + "_ifindex", {name("context")})});
                        },
                        [&](const ir::VarbitLength& e) { return varbit_length(e.header); },
                        [&](const ir::Carried& e) { return carried(e.index); },
                    },
                    expr.node);
}

c::ExprId Lowering::binary(const ir::Expr& expr, const ir::Binary& e) {
  using Op = ir::BinaryOp;
  switch (e.op) {
    case Op::kLe:
    case Op::kGe:
    case Op::kLt:
    case Op::kGt:
    case Op::kNe:
    case Op::kEq:
      return comparison(e);
    case Op::kAnd:
    case Op::kOr:
      return logical(e);
    case Op::kShl:
    case Op::kShr:
      return shift(expr, e);
    case Op::kConcat: {
      const std::uint32_t right_width = program_[e.right].type.width;
      if (right_width == 0) return host(e.left);
      if (program_[e.left].type.width == 0) return host(e.right);
      return tree_.binary("|", tree_.binary("<<", as_type(expr.type.width, host(e.left)), num(right_width)),
                          host(e.right));
    }
    default:
      return arithmetic(expr, e);
  }
}

c::ExprId Lowering::arithmetic(const ir::Expr& expr, const ir::Binary& e) {
  using Op = ir::BinaryOp;
  const std::uint32_t width = expr.type.width;
  const c::ExprId left = as_type(width, host(e.left));
  const c::ExprId right = host(e.right);
  switch (e.op) {
    case Op::kAdd:
      return mask(tree_.binary("+", left, right), width);
    case Op::kSub:
      return mask(tree_.binary("-", left, right), width);
    case Op::kMul:
      return mask(tree_.binary("*", left, right), width);
    case Op::kBitAnd:
      return tree_.binary("&", left, right);
    case Op::kBitOr:
      return tree_.binary("|", left, right);
    case Op::kBitXor:
      return tree_.binary("^", left, right);
    case Op::kSatAdd:
    case Op::kSatSub:
      return as_type(width, tree_.call("p4bpf_saturate", {left, right, num(width), num(expr.type.is_signed ? 1 : 0),
                                                          num(e.op == Op::kSatSub ? 1 : 0)}));
    case Op::kDiv:
    case Op::kMod: {
      if (expr.type.is_signed) unsupported(expr.span, "division of signed values is not possible at run time");
      const char* op = e.op == Op::kDiv ? "/" : "%";
      if (const auto known = tree_.constant(right); known && *known != 0) return tree_.binary(op, left, right);
      const c::ExprId divisor = temp(c_type(width), right, "divisor");
      return tree_.conditional(divisor, tree_.binary(op, left, divisor), e.op == Op::kDiv ? num(0, width > 32) : left);
    }
    default:
      break;
  }
  P4BPF_CHECK(false, "not an arithmetic operator");
  return left;
}

/// The amount of a shift in a u64; what is beyond 64 bits is a very large amount.
c::ExprId Lowering::shift_amount(ir::ExprId id) {
  const ir::Type& type = program_[id].type;
  if (!is_wide(type)) return host(id);
  return tree_.call("p4bpf_wide_amount", {name(wide(id)), num(limbs(type.width))});
}

c::ExprId Lowering::shift(const ir::Expr& expr, const ir::Binary& e) {
  const std::uint32_t width = expr.type.width;
  const c::ExprId left = as_type(width, host(e.left));
  const c::ExprId amount = shift_amount(e.right);
  if (e.op == ir::BinaryOp::kShr && expr.type.is_signed) {
    return as_type(width, tree_.call("p4bpf_shift_right_signed", {left, amount, num(width)}));
  }
  const char* op = e.op == ir::BinaryOp::kShl ? "<<" : ">>";
  if (const auto known = tree_.constant(amount)) {
    if (*known >= width) return num(0, width > 32);
    return mask(tree_.binary(op, left, amount), width);
  }
  const c::ExprId by = temp("u64", amount, "amount");
  return tree_.conditional(tree_.binary("<", by, num(width)), mask(tree_.binary(op, left, by), width),
                           num(0, width > 32));
}

c::ExprId Lowering::comparison(const ir::Binary& e) {
  using Op = ir::BinaryOp;
  const ir::Type& type = program_[e.left].type;
  if (type.kind == ir::Type::Kind::kVarbit) return varbit_comparison(e);
  if (is_wide(type)) return wide_comparison(e);
  const char* op = e.op == Op::kLe   ? "<="
                   : e.op == Op::kGe ? ">="
                   : e.op == Op::kLt ? "<"
                   : e.op == Op::kGt ? ">"
                   : e.op == Op::kNe ? "!="
                                     : "==";
  if (e.op == Op::kEq || e.op == Op::kNe) {
    const bool in_network = (is_net_already(e.left) && is_net_or_constant(e.right)) ||
                            (is_net_already(e.right) && is_net_or_constant(e.left));
    if (in_network) return tree_.binary(op, net(e.left), net(e.right));
    return tree_.binary(op, host(e.left), host(e.right));
  }
  if (type.width == 0) return num(e.op == Op::kLe || e.op == Op::kGe ? 1 : 0);
  if (type.is_signed) {
    return tree_.binary(op, sign_extended(host(e.left), type.width), sign_extended(host(e.right), type.width));
  }
  return tree_.binary(op, host(e.left), host(e.right));
}

/// The right operand, and each side of a Mux, may rely on what the left one found out (a load behind isValid). Where it
/// needs statements of its own they must not run before that: they go behind an `if`.
c::ExprId Lowering::logical(const ir::Binary& e) {
  const bool is_and = e.op == ir::BinaryOp::kAnd;
  const c::ExprId left = host(e.left);
  c::ExprId right;
  const c::BlockId before_right =
      in_block([&] { right = with_worlds(refine(program_, worlds_, e.left, is_and), [&] { return host(e.right); }); });
  if (tree_.blocks[before_right].statements.empty()) return tree_.binary(is_and ? "&&" : "||", left, right);
  const std::string result = names_.make("both");
  emit(c::Declare{"u8", result, {}, left});
  tree_.blocks.edit(before_right).statements.push_back({span_, c::Assign{name(result), right}});
  emit(c::If{is_and ? name(result) : tree_.unary("!", name(result)), before_right, {}});
  return name(result);
}

c::ExprId Lowering::mux(const ir::Expr& expr, const ir::Mux& e) {
  const c::ExprId chosen = condition(e.condition);
  c::ExprId yes;
  c::ExprId no;
  const c::BlockId before_yes =
      in_block([&] { yes = with_worlds(refine(program_, worlds_, e.condition, true), [&] { return host(e.yes); }); });
  const c::BlockId before_no =
      in_block([&] { no = with_worlds(refine(program_, worlds_, e.condition, false), [&] { return host(e.no); }); });
  if (tree_.blocks[before_yes].statements.empty() && tree_.blocks[before_no].statements.empty()) {
    return tree_.conditional(chosen, yes, no);
  }
  const std::string result = names_.make("chosen");
  emit(c::Declare{c_type(expr.type.width), result, {}, {}});
  tree_.blocks.edit(before_yes).statements.push_back({span_, c::Assign{name(result), yes}});
  tree_.blocks.edit(before_no).statements.push_back({span_, c::Assign{name(result), no}});
  emit(c::If{chosen, before_yes, before_no});
  return name(result);
}

c::ExprId Lowering::cast(const ir::Expr& expr, const ir::Cast& e) {
  const ir::Type& from = program_[e.operand].type;
  const std::uint32_t to = expr.type.width;
  if (from.width == 0) return num(0, to > 32);
  if (is_wide(from)) {
    return as_type(to,
                   tree_.call("p4bpf_wide_slice64", {name(wide(e.operand)), num(limbs(from.width)), num(0), num(to)}));
  }
  const c::ExprId operand = host(e.operand);
  if (to < from.width) return mask(to <= 32 ? tree_.cast("u32", operand) : operand, to);
  if (to == from.width) return operand;
  if (from.is_signed && from.kind == ir::Type::Kind::kBits)
    return mask(as_type(to, sign_extended(operand, from.width)), to);
  return as_type(to, operand);
}

c::ExprId Lowering::slice(const ir::Slice& e) {
  const ir::Expr& operand = program_[e.operand];
  const std::uint32_t width = e.hi - e.lo + 1;
  // A part of a packet's field: load that part.
  if (const auto* ref = std::get_if<ir::FieldRef>(&operand.node);
      ref && ref->header.header && !is_local(ref->header.header)) {
    const ir::HeaderField& what = type_of(ref->header.header).fields[ref->field];
    return field_bits(ref->header.header, what.bit_offset + (operand.type.width - 1 - e.hi), width, false);
  }
  if (is_wide(operand.type)) {
    return as_type(width, tree_.call("p4bpf_wide_slice64",
                                     {name(wide(e.operand)), num(limbs(operand.type.width)), num(e.lo), num(width)}));
  }
  c::ExprId value = host(e.operand);
  if (e.lo != 0) value = tree_.binary(">>", value, num(e.lo));
  if (width <= 32 && operand.type.width > 32) value = tree_.cast("u32", value);
  return e.hi + 1 == operand.type.width ? value : mask(value, width);
}

/// Of whole bytes: the first ones of a value in network order are its lowest.
c::ExprId Lowering::net_slice(const ir::Slice& slice) {
  const ir::Expr& operand = program_[slice.operand];
  const std::uint32_t width = slice.hi - slice.lo + 1;
  const std::uint32_t before = operand.type.width - 1 - slice.hi;
  if (const auto* ref = std::get_if<ir::FieldRef>(&operand.node); ref && !is_local(ref->header.header)) {
    return field_bits(ref->header.header, type_of(ref->header).fields[ref->field].bit_offset + before, width, true);
  }
  c::ExprId value = net(slice.operand);
  if (before != 0) value = tree_.binary(">>", value, num(before));
  if (width <= 32 && operand.type.width > 32) value = tree_.cast("u32", value);
  return slice.lo == 0 ? value : mask(value, width);
}

c::ExprId Lowering::is_valid(const ir::HeaderRef& ref) {
  if (!ref.header) {
    const c::ExprId index = temp("u64", shift_amount(ref.index), "index");
    c::ExprId result = num(0);
    const std::vector<ir::HeaderId>& elements = program_[ref.stack].elements;
    for (std::size_t i = elements.size(); i-- > 0;) {
      result =
          tree_.conditional(tree_.binary("==", index, num(i)), is_valid(ir::HeaderRef{elements[i], {}, {}}), result);
    }
    return result;
  }
  const std::uint8_t status = status_of(worlds_, ref.header);
  if (status == HeaderState::kValid) return num(1);
  if (status != 0 && !(status & HeaderState::kValid)) return num(0);
  return name(valid_name(ref.header));
}

c::ExprId Lowering::guarded(ir::HeaderId header, const Address& at, c::ExprId value) {
  c::ExprId may_read;
  if (status_of(worlds_, header) != HeaderState::kValid) may_read = is_valid(ir::HeaderRef{header, {}, {}});
  const std::uint32_t bytes = type_of(header).width / 8;
  if (!is_checked(at, bytes)) {
    const c::ExprId inside = in_packet(at, bytes);
    may_read = may_read ? tree_.binary("&&", may_read, inside) : inside;
  }
  return may_read ? tree_.conditional(may_read, value, num(0)) : value;
}

c::ExprId Lowering::field_bits(ir::HeaderId header, std::uint32_t bit_offset, std::uint32_t width, bool want_net) {
  const Address at = header_place(header);
  if (want_net) return guarded(header, at, load_raw({at.base, at.byte + bit_offset / 8}, width / 8));
  return guarded(header, at, load_bits(at, bit_offset, width, type_of(header).width / 8));
}

c::ExprId Lowering::field(const ir::Expr& expr, const ir::FieldRef& ref, bool want_net) {
  if (!ref.header.header) {
    // One element after the other; out of bounds it reads as 0.
    const c::ExprId index = temp("u64", shift_amount(ref.header.index), "index");
    c::ExprId result = num(0, expr.type.width > 32);
    const std::vector<ir::HeaderId>& elements = program_[ref.header.stack].elements;
    for (std::size_t i = elements.size(); i-- > 0;) {
      c::ExprId value = field(expr, ir::FieldRef{ir::HeaderRef{elements[i], {}, {}}, ref.field}, false);
      if (is_local(elements[i]) && orders_->is_net(elements[i], ref.field)) value = swap(value, expr.type.width);
      result = tree_.conditional(tree_.binary("==", index, num(i)), value, result);
    }
    return result;
  }
  const ir::HeaderId header = ref.header.header;
  if (is_local(header)) return name(field_name(header, ref.field));
  if (type_of(header).varbit_field && ref.field > *type_of(header).varbit_field) {
    unsupported(expr.span, "fields behind a varbit field cannot be read yet");
    return num(0);
  }
  return field_bits(header, type_of(header).fields[ref.field].bit_offset, expr.type.width, want_net);
}

}  // namespace p4bpf::codegen
