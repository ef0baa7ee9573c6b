// Headers: in the packet or in C variables, as the analysis decided. A header in the packet is an address; one in
// variables has a variable for each field, loaded when it is extracted and stored when the packet is put together.
#include <fmt/format.h>

#include "codegen/lowering.h"

namespace p4bpf::codegen {

const ir::HeaderType& Lowering::type_of(const ir::HeaderRef& ref) const {
  return program_[ref.header ? program_[ref.header].type : program_[ref.stack].type];
}

/// A constant place if the header is extracted at one offset only, else a pointer that each extract sets.
Address Lowering::header_place(ir::HeaderId id) {
  const std::set<std::int32_t>& origins = flow_.origins[id.index()];
  if (origins.size() == 1 && *origins.begin() != kMoving)
    return {"data", static_cast<std::uint32_t>(*origins.begin()) / 8};
  return uses_scratch() ? at_offset(name(pointer_name(id))) : Address{pointer_name(id), 0};
}

Address Lowering::header_address(ir::HeaderId id) {
  const Address at = header_place(id);
  const std::uint32_t bytes = type_of(id).width / 8;
  if (is_checked(at, bytes)) return at;
  const c::BlockId outside = in_block([&] {
    if (held_) call("p4bpf_release", {name(held_->lock)});
    emit(c::Return{name(std::string(hook_->aborted))});
  });
  emit(c::If{tree_.unary("!", in_packet(at, bytes)), outside, {}});
  if (at.base == "data") packet_checked_ = at.byte + bytes;
  return at;
}

void Lowering::extract_into(ir::HeaderId id) {
  if (is_local(id)) {
    load_fields(whole(id, at_cursor(0), offset_ % 8), round_up(offset_ % 8 + type_of(id).width, 8) / 8);
  } else {
    place_header(id);
  }
  assign(name(valid_name(id)), num(1));
}

/// The header is in the packet, at the cursor.
void Lowering::place_header(ir::HeaderId id) {
  const std::set<std::int32_t>& origins = flow_.origins[id.index()];
  if (origins.size() == 1 && *origins.begin() != kMoving) return;
  if (uses_scratch()) return store_scratch_pointer(id);
  const c::ExprId pointer = name(pointer_name(id));
  assign(pointer, address(at_cursor(0)));
  // Else the compiler may turn two places into one with a computed offset, which the verifier has not seen checked.
  call("P4BPF_OPAQUE", {pointer});
}

/// From the packet to their variables. `room`: bytes behind `part.at` that may be touched.
void Lowering::load_fields(const HeaderPart& part, std::uint32_t room) {
  const ir::HeaderType& type = type_of(part.header);
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const ir::HeaderField& field = type.fields[i];
    const std::uint32_t width = field.type.width;
    if (width == 0) continue;
    const std::string to = field_name(part.header, i);
    const std::uint32_t bit = part.bit + field.bit_offset;
    const bool is_net = orders_->is_net(part.header, i);
    if (is_wide(field.type)) {
      call("p4bpf_wide_load", {name(to), num(limbs(width)), address(part.at), num(bit), num(width)});
    } else if (is_net && bit % 8 == 0) {
      assign(name(to), load_raw({part.at.base, part.at.byte + bit / 8}, width / 8));
    } else {
      const c::ExprId value = load_bits(part.at, bit, width, room);
      assign(name(to), is_net ? swap(value, width) : value);
    }
  }
}

void Lowering::set_field(ir::HeaderId id, std::size_t field, ir::ExprId value) {
  const ir::HeaderField& what = type_of(id).fields[field];
  const std::uint32_t width = what.type.width;
  if (is_local(id)) {
    const std::string target = field_name(id, field);
    if (is_wide(what.type)) {
      wide_into(target, value);
    } else {
      assign(name(target), orders_->is_net(id, field) ? net(value) : host(value));
    }
    return;
  }
  const Address at = header_address(id);
  if (is_wide(what.type)) {
    call("p4bpf_wide_store", {address(at), num(what.bit_offset), num(width), name(wide(value)), num(limbs(width))});
  } else if (orders_->is_net(id, field)) {
    store_raw({at.base, at.byte + what.bit_offset / 8}, width / 8, net(value));
  } else {
    store_bits(at, what.bit_offset, width, host(value));
  }
}

void Lowering::set_valid(ir::HeaderId id, bool valid) { assign(name(valid_name(id)), num(valid ? 1 : 0)); }

void Lowering::copy_header(ir::HeaderId target, ir::HeaderId source) {
  const ir::HeaderType& type = type_of(target);
  const c::ExprId valid = is_valid(ir::HeaderRef{source, {}, {}});
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const ir::Type& field_type = type.fields[i].type;
    if (field_type.width == 0) continue;
    if (field_type.kind == ir::Type::Kind::kVarbit) {
      copy_varbit_field(target, source);
      continue;
    }
    const std::string to = field_name(target, i);
    const std::uint32_t bit = type.fields[i].bit_offset;
    if (is_wide(field_type)) {
      const c::ExprId n = num(limbs(field_type.width));
      if (is_local(source)) {
        call("p4bpf_wide_copy", {name(to), name(field_name(source, i)), n});
      } else {
        const auto load = [&] {
          call("p4bpf_wide_load", {name(to), n, address(header_address(source)), num(bit), num(field_type.width)});
        };
        if (status_of(worlds_, source) == HeaderState::kValid) {
          load();
        } else {
          const c::BlockId yes = in_block(load);
          const c::BlockId no = in_block([&] {
            for (std::uint32_t k = 0; k < limbs(field_type.width); ++k) assign(tree_.index(name(to), num(k)), num(0));
          });
          emit(c::If{valid, yes, no});
        }
      }
      continue;
    }
    const bool net_to = orders_->is_net(target, i);
    const bool net_from = orders_->is_net(source, i);
    c::ExprId value =
        is_local(source) ? name(field_name(source, i)) : field_bits(source, bit, field_type.width, net_from);
    if (net_to != net_from) value = swap(value, field_type.width);
    assign(name(to), value);
  }
  assign(name(valid_name(target)), valid);
}

void Lowering::invalidate_with_zero_fields(ir::HeaderId id) {
  const ir::HeaderType& type = type_of(id);
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const ir::Type& field_type = type.fields[i].type;
    if (field_type.width == 0) continue;
    const std::string to = field_name(id, i);
    if (field_type.kind == ir::Type::Kind::kVarbit) assign(name(length_name(id)), num(0));
    if (!is_wide(field_type)) assign(name(to), num(0));
    for (std::uint32_t k = 0; is_wide(field_type) && k < limbs(field_type.width); ++k) {
      assign(tree_.index(name(to), num(k)), num(0));
    }
  }
  set_valid(id, false);
}

void Lowering::for_element(const ir::HeaderRef& ref, const std::function<void(ir::HeaderId)>& body) {
  if (ref.header) {
    body(ref.header);
    return;
  }
  const std::vector<ir::HeaderId>& elements = program_[ref.stack].elements;
  const c::ExprId index = temp("u64", shift_amount(ref.index), "index");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const c::BlockId then = in_block([&] { body(elements[i]); });
    emit(c::If{tree_.binary("==", index, num(i)), then, {}});
  }
}

}  // namespace p4bpf::codegen
