// Varbit fields: their bytes as the packet has them in an array of words, zeros behind the last one, and how many bits
// there are. A header that stays in the packet has its varbit there too. Places and lengths are known at run time only,
// so the bytes are copied by the kernel's helpers, which check the bounds themselves.
#include <fmt/format.h>

#include "codegen/lowering.h"

namespace p4bpf::codegen {

std::string Lowering::length_name(ir::VarId var) {
  std::string& made = var_lengths_[var];
  if (made.empty()) made = function_variable("u32", program_[var].name + ".length");
  return made;
}

std::string Lowering::length_name(ir::HeaderId header) {
  std::string& made = header_lengths_[header];
  if (made.empty()) made = function_variable("u32", program_[header].name + ".length");
  return made;
}

/// Bits that the header's varbit field may hold.
std::uint32_t Lowering::varbit_width(ir::HeaderId header) const {
  const ir::HeaderType& type = type_of(header);
  return type.fields[*type.varbit_field].type.width;
}

// ---- values -------------------------------------------------------------------------------------------------------

/// Copies `bits` (a multiple of 8) of the packet to the array `to`, which holds zeros.
void Lowering::load_varbit(const Address& from, const std::string& to, c::ExprId bits, std::uint32_t most_bits) {
  if (most_bits < 8) return;
  call(fmt::format("p4bpf_{}_read", hook_->kind),
       {name("context"), offset_of(from), name(to), tree_.binary(">>", bits, num(3)), num(most_bits / 8)});
}

/// That of a header that stays in the packet to `to`, which holds zeros.
void Lowering::fetch_varbit(ir::HeaderId header, const std::string& to) {
  const ir::HeaderType& type = type_of(header);
  const auto load = [&] {
    const Address at = header_place(header);
    load_varbit({at.base, at.byte + type.fields[*type.varbit_field].bit_offset / 8}, to, name(length_name(header)),
                varbit_width(header));
  };
  if (status_of(worlds_, header) == HeaderState::kValid) {
    load();
  } else {
    emit(c::If{is_valid({header, {}, {}}), in_block(load), {}});
  }
}

Lowering::Varbit Lowering::varbit_field(ir::HeaderId header) {
  const ir::HeaderType& type = type_of(header);
  const c::ExprId bits = name(length_name(header));
  if (is_local(header)) return {field_name(header, *type.varbit_field), bits};
  const std::string made = wide_temp(varbit_width(header));
  fetch_varbit(header, made);
  return {made, bits};
}

void Lowering::copy_varbit(const Varbit& value, const std::string& bytes, const std::string& bits,
                           std::uint32_t width) {
  if (value.bytes == bytes) return;
  call("p4bpf_wide_copy", {name(bytes), name(value.bytes), num(limbs(width))});
  assign(name(bits), value.bits);
}

Lowering::Varbit Lowering::varbit(ir::ExprId id) {
  const ir::Expr& expr = program_[id];
  const std::uint32_t width = expr.type.width;
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) return {var_name(var->var), name(length_name(var->var))};
  const auto* ref = std::get_if<ir::FieldRef>(&expr.node);
  if (ref && ref->header.header) return varbit_field(ref->header.header);

  const std::string made = wide_temp(width);
  const std::string length = names_.make("length");
  emit(c::Declare{"u32", length, {}, num(0)});
  if (ref) {
    for_element(ref->header, [&](ir::HeaderId header) { copy_varbit(varbit_field(header), made, length, width); });
  } else if (const auto* mux = std::get_if<ir::Mux>(&expr.node)) {
    const c::ExprId chosen = condition(mux->condition);
    const c::BlockId yes = in_block([&] { copy_varbit(varbit(mux->yes), made, length, width); });
    const c::BlockId no = in_block([&] { copy_varbit(varbit(mux->no), made, length, width); });
    emit(c::If{chosen, yes, no});
  } else if (!std::holds_alternative<ir::Const>(expr.node)) {
    unsupported(expr.span, "this varbit value cannot be moved");
  }
  return {made, name(length)};  // a constant is the empty one
}

void Lowering::assign_varbit(ir::ExprId target, ir::ExprId value) {
  const ir::Expr& expr = program_[target];
  const Varbit from = varbit(value);
  if (const auto* var = std::get_if<ir::VarRef>(&expr.node)) {
    copy_varbit(from, var_name(var->var), length_name(var->var), expr.type.width);
    return;
  }
  const auto& ref = std::get<ir::FieldRef>(expr.node);
  for_element(ref.header, [&](ir::HeaderId header) {
    copy_varbit(from, field_name(header, ref.field), length_name(header), expr.type.width);
  });
}

void Lowering::copy_varbit_field(ir::HeaderId target, ir::HeaderId source) {
  const std::size_t field = *type_of(target).varbit_field;
  copy_varbit(varbit_field(source), field_name(target, field), length_name(target), varbit_width(target));
}

c::ExprId Lowering::varbit_comparison(const ir::Binary& e) {
  const Varbit left = varbit(e.left);
  const Varbit right = varbit(e.right);
  const c::ExprId n = num(limbs(program_[e.left].type.width));
  const c::ExprId same = tree_.binary("&&", tree_.binary("==", left.bits, right.bits),
                                      tree_.call("p4bpf_wide_equal", {name(left.bytes), name(right.bytes), n}));
  return e.op == ir::BinaryOp::kEq ? same : tree_.unary("!", same);
}

c::ExprId Lowering::varbit_length(const ir::HeaderRef& ref) {
  if (ref.header) return name(length_name(ref.header));
  const c::ExprId index = temp("u64", shift_amount(ref.index), "index");
  c::ExprId result = num(0);
  const std::vector<ir::HeaderId>& elements = program_[ref.stack].elements;
  for (std::size_t i = elements.size(); i-- > 0;) {
    result = tree_.conditional(tree_.binary("==", index, num(i)), name(length_name(elements[i])), result);
  }
  return result;
}

// ---- the packet ---------------------------------------------------------------------------------------------------

void Lowering::extract_varbit(const ir::Extract& s) {
  const ir::HeaderType& type = type_of(s.header);
  const std::size_t field = *type.varbit_field;
  const std::uint32_t before = type.fields[field].bit_offset;
  if (!s.header.header) {
    unsupported(span_, "a header with a varbit field cannot be extracted to a stack element with a run-time index");
    return;
  }
  if (offset_ % 8 != 0 || before % 8 != 0 || type.width % 8 != 0) {
    unsupported(span_, fmt::format("the varbit field of header `{}` does not begin and end with a byte", type.name));
    return;
  }
  const ir::HeaderId header = s.header.header;
  const std::uint32_t most = varbit_width(header);
  const c::ExprId bits = temp("u32", host(s.varbit_bits), "bits");
  emit(c::If{tree_.binary("&", bits, num(7)), in_block([&] { reject_with("ParserInvalidArgument"); }), {}});
  need_bits(type.width);
  const c::ExprId next = step(bits, type.width / 8);
  emit(c::If{tree_.binary(">", bits, num(most)), in_block([&] { reject_with("HeaderTooShort"); }), {}});
  assign(name(length_name(header)), bits);
  if (!is_local(header)) {
    place_header(header);
  } else {
    load_fields({header, 0, field, at_cursor(0), 0}, type.width / 8);
    const std::string to = field_name(header, field);
    for (std::uint32_t i = 0; i < limbs(most); ++i) assign(tree_.index(name(to), num(i)), num(0));
    load_varbit(at_cursor(before / 8), to, bits, most);
    if (field + 1 < type.fields.size()) {
      // Where the header would begin if the varbit were empty.
      const std::string behind = names_.make("behind");
      emit(c::Declare{"u8 *", behind, {}, tree_.binary("+", address(at_cursor(0)), tree_.binary(">>", bits, num(3)))});
      call("P4BPF_OPAQUE", {name(behind)});
      const c::BlockId outside = in_block([&] { reject_with("PacketTooShort"); });
      emit(c::If{tree_.unary("!", in_packet({behind, 0}, type.width / 8)), outside, {}});
      load_fields({header, field + 1, type.fields.size(), {behind, 0}, 0}, type.width / 8);
    }
  }
  assign(name(valid_name(header)), num(1));
  move_cursor_to(next);
}

/// Writes the header `out` bytes behind the packet's begin.
void Lowering::write_varbit_header(ir::HeaderId header, c::ExprId out) {
  const ir::HeaderType& type = type_of(header);
  const std::size_t field = *type.varbit_field;
  const std::uint32_t before = type.fields[field].bit_offset / 8;
  if (type.width % 8 != 0 || type.fields[field].bit_offset % 8 != 0) {
    unsupported(span_, fmt::format("the varbit field of header `{}` does not begin and end with a byte", type.name));
    return;
  }
  if (before != 0) {
    const Address at = at_offset(out);
    check_room(at, before);
    store_headers({{header, 0, field, at, 0}});
  }
  const c::ExprId bytes = tree_.binary(">>", name(length_name(header)), num(3));
  const std::uint32_t most = varbit_width(header) / 8;
  if (most != 0) {
    const c::BlockId failed = in_block([&] { emit(c::Return{name(std::string(hook_->aborted))}); });
    emit(c::If{
        tree_.call(fmt::format("p4bpf_{}_write", hook_->kind), {name("context"), tree_.binary("+", out, num(before)),
                                                                name(field_name(header, field)), bytes, num(most)}),
        failed,
        {}});
    // On TC the verifier forgets what it knew of the packet.
    assign(name("data"), tree_.call("P4BPF_DATA", {name("context")}));
    assign(name("data_end"), tree_.call("P4BPF_DATA_END", {name("context")}));
    packet_checked_ = 0;
  }
  if (field + 1 == type.fields.size()) return;
  const Address at = at_offset(tree_.binary("+", out, bytes));
  check_room(at, type.width / 8);
  store_headers({{header, field + 1, type.fields.size(), at, 0}});
}

// ---- hashes -------------------------------------------------------------------------------------------------------

/// Sums and exclusive ors of 16-bit words are made of those of their parts: each varbit is one, and what stands between
/// two. A part that begins at an odd byte has the bytes of its words swapped (RFC 1071, section 2).
void Lowering::hash_with_varbits(const ir::CallExtern& s, const std::string& function,
                                 const std::vector<ir::ExprId>& scalars, bool goes_on) {
  const bool is_sum = function == "p4bpf_hash_csum16";
  if (!is_sum && function != "p4bpf_hash_xor16") {
    return unsupported(span_, "a varbit value can only be hashed by csum16 and xor16");
  }
  const std::string all = names_.make("all");
  const std::string at = names_.make("at");
  emit(c::Declare{"u32", all, {}, num(0)});
  emit(c::Declare{"u32", at, {}, num(0)});  // bytes of the parts before
  const auto add = [&](const std::string& bytes, std::uint32_t size, c::ExprId length) {
    const c::ExprId hash = tree_.call(function, {tree_.cast("const u8 *", name(bytes)), num(size)});
    assign(name(all), tree_.call(function + "_part", {name(all), name(at), hash}));
    assign(name(at), tree_.binary("+", name(at), length));
  };
  for (std::size_t i = 0; i < scalars.size();) {
    if (program_[scalars[i]].type.kind == ir::Type::Kind::kVarbit) {
      const Varbit value = varbit(scalars[i]);
      add(value.bytes, limbs(program_[scalars[i]].type.width) * 8, tree_.binary(">>", value.bits, num(3)));
      ++i;
      continue;
    }
    std::vector<ir::ExprId> run;
    std::uint32_t bits = 0;
    for (; i < scalars.size() && program_[scalars[i]].type.kind != ir::Type::Kind::kVarbit; ++i) {
      run.push_back(scalars[i]);
      bits += program_[scalars[i]].type.width;
    }
    if (bits % 8 != 0 && i < scalars.size()) {
      return unsupported(span_, "what stands before a varbit value that is hashed must be a whole number of bytes");
    }
    const std::string bytes = names_.make("hashed");
    emit(c::Declare{"u8 __attribute__((aligned(8)))", bytes, round_up(bits, 32) / 8, {}});
    const std::uint32_t size = store_hashed(bytes, run);
    add(bytes, size, num(size));
  }
  c::ExprId result = is_sum ? tree_.call("p4bpf_hash_csum16_end", {name(all)}) : name(all);
  if (goes_on) result = with_payload(function, temp("u32", result, "hash"), tree_.binary("&", name(at), num(1)));
  assign_host(std::get<ir::ExprId>(s.arguments[0].value), temp("u32", result, "hash"));
}

}  // namespace p4bpf::codegen
