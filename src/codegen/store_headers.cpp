// Headers from their variables to the packet, in as few instructions as their fields allow: constants are put together
// to words, with what stands beside them where that costs nothing.
//
// The bytes to write are a row of atoms: a byte that is a constant, or the bytes of a field (of several, if they share
// bytes). Which atoms make up a word is decided by the sum of the instructions that the words cost; of two ways with
// the same sum the one with fewer stores.
#include <algorithm>
#include <bit>

#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

bool is_natural(std::uint32_t bytes) { return std::has_single_bit(bytes) && bytes <= 8; }

}  // namespace

/// What is constant at the end of the deparser's body, as far as the straight line before it tells.
void Lowering::find_known_fields(const ir::Block& body) {
  known_fields_.clear();
  std::set<std::pair<ir::HeaderId, std::size_t>> seen;
  const auto look = [&](const ir::Stmt& stmt) {
    if (const auto* assign = std::get_if<ir::Assign>(&stmt.node)) {
      const auto* field = std::get_if<ir::FieldRef>(&program_[assign->target].node);
      if (!field) return true;
      if (!field->header.header) return false;
      const std::pair at(field->header.header, field->field);
      const auto* value = std::get_if<ir::Const>(&program_[assign->value].node);
      if (seen.insert(at).second && value) known_fields_[at] = value->value;
      return true;
    }
    if (const auto* call = std::get_if<ir::CallExtern>(&stmt.node)) {
      return std::all_of(call->arguments.begin(), call->arguments.end(), [](const ir::ExternArgument& one) {
        return one.direction == ir::ExternArgument::Direction::kIn;
      });
    }
    return std::holds_alternative<ir::Emit>(stmt.node) || std::holds_alternative<ir::SetValid>(stmt.node) ||
           std::holds_alternative<ir::SetInvalid>(stmt.node);
  };
  for (std::size_t i = body.statements.size(); i-- > 0;) {
    if (!look(body.statements[i])) return;
  }
  for (std::size_t i = rest_at_; i-- > 0;) {
    if (!look((*rest_)[i])) return;
  }
}

/// In host order.
c::ExprId Lowering::field_value(ir::HeaderId id, std::size_t field) {
  const std::uint32_t width = type_of(id).fields[field].type.width;
  const auto known = known_fields_.find({id, field});
  if (known != known_fields_.end()) return constant(known->second, width);
  const c::ExprId value = name(field_name(id, field));
  return orders_->is_net(id, field) ? swap(value, width) : value;
}

/// Bit behind bit, where the fields do not begin with bytes.
void Lowering::store_bit_fields(const HeaderPart& part) {
  const std::vector<ir::HeaderField>& fields = type_of(part.header).fields;
  for (std::size_t i = part.begin; i < part.end; ++i) {
    const std::uint32_t width = fields[i].type.width;
    const std::uint32_t bit = part.bit + fields[i].bit_offset;
    if (width > 64) {
      call("p4bpf_wide_store",
           {address(part.at), num(bit), num(width), name(field_name(part.header, i)), num(limbs(width))});
    } else if (width != 0) {
      store_bits(part.at, bit, width, field_value(part.header, i));
    }
  }
}

void Lowering::store_headers(const std::vector<HeaderPart>& parts) {
  std::vector<Atom> atoms;
  Address begin, end;
  const auto flush = [&] {
    store_atoms(begin, atoms);
    atoms.clear();
  };
  const auto add = [&](const Address& at, const Atom& atom) {
    if (atoms.empty() || at.base != end.base || at.byte != end.byte) {
      flush();
      begin = end = at;
    }
    atoms.push_back(atom);
    end.byte += atom.bytes;
  };
  for (const HeaderPart& part : parts) {
    const ir::HeaderId id = part.header;
    const std::vector<ir::HeaderField>& fields = type_of(id).fields;
    for (std::size_t i = part.begin, next = i; i < part.end; i = next) {
      // Neighbours that share bytes are put together.
      std::uint32_t bits = 0;
      bool is_known = true;
      do {
        bits += fields[next].type.width;
        is_known = is_known && (fields[next].type.width == 0 || known_fields_.contains({id, next}));
      } while (++next < part.end && bits % 8 != 0);
      const Address place{part.at.base, part.at.byte + fields[i].bit_offset / 8};
      if (is_known) {
        BigInt all = 0;
        for (std::size_t f = i; f < next; ++f) {
          const std::uint32_t width = fields[f].type.width;
          if (width != 0) all = (all << width) | wrap(known_fields_.at({id, f}), width, false);
        }
        Address at = place;
        for (const std::uint8_t byte : to_bytes(all, bits)) add(at, {1, {}, byte}), ++at.byte;
      } else if (bits <= 64) {
        c::ExprId all;
        std::uint32_t below = bits;
        for (std::size_t f = i; f < next; ++f) {
          below -= fields[f].type.width;
          if (fields[f].type.width == 0) continue;
          c::ExprId piece = field_value(id, f);
          if (below != 0) piece = tree_.binary("<<", as_type(bits, piece), num(below));
          all = all ? tree_.binary("|", all, piece) : piece;
        }
        const bool is_net = next == i + 1 && orders_->is_net(id, i);
        add(place, {bits / 8, is_net ? name(field_name(id, i)) : swap(all, bits), 0});
      } else {
        for (std::size_t f = i; f < next; ++f) {
          const std::uint32_t width = fields[f].type.width;
          const std::uint32_t bit = fields[f].bit_offset - fields[i].bit_offset / 8 * 8;
          if (width > 64) {
            const c::ExprId value = name(field_name(id, f));
            call("p4bpf_wide_store", {address(place), num(bit), num(width), value, num(limbs(width))});
          } else if (width != 0) {
            call("p4bpf_put_bits", {address(place), num(bit), num(width), field_value(id, f)});
          }
        }
      }
    }
  }
  flush();
}

/// Instructions to put the atoms from `begin` to `end` together and store them; nothing if they are no word.
std::optional<std::uint32_t> Lowering::word_cost(const std::vector<Atom>& atoms, std::size_t begin,
                                                 std::size_t end) const {
  std::uint32_t bytes = 0, values = 0, cost = 0;
  for (std::size_t i = begin; i < end; ++i) bytes += atoms[i].bytes;
  if (!is_natural(bytes)) {
    if (end != begin + 1) return std::nullopt;
    const auto pieces = static_cast<std::uint32_t>(std::popcount(bytes));
    return 2 * pieces - 1;  // shifts between the stores
  }
  std::uint64_t known = 0;
  std::uint32_t at = 0;
  for (std::size_t i = begin; i < end; at += atoms[i++].bytes) {
    if (!atoms[i].value) {
      known |= std::uint64_t{atoms[i].known} << (8 * at);
      continue;
    }
    ++values;
    // Such a value comes in pieces and is best stored in pieces.
    if (atoms[i].bytes > 4 && atoms[i].bytes != bytes) return std::nullopt;
    if (at != 0) ++cost;  // a shift
    // What a calculation left above a variable's width is cut.
    const bool is_clean = !std::holds_alternative<c::Name>(tree_.exprs[atoms[i].value].node);
    if (at + atoms[i].bytes != bytes && atoms[i].bytes < 4 && !is_clean) ++cost;
  }
  if (values == 0) return (bytes == 8 && known > 0x7fffffff ? 3 : 1) + 1;
  // Longer ones cost constants of 64 bits, and masks of that size.
  if (bytes == 8 && end != begin + 1) return std::nullopt;
  return cost + values + (known != 0 ? 1 : 0);  // what joins them, and the store
}

/// The cheapest row of words, found from the end.
void Lowering::store_atoms(const Address& to, const std::vector<Atom>& atoms) {
  struct Choice {
    std::uint32_t cost = 0;
    std::size_t end = 0;
  };
  std::vector<Choice> best(atoms.size() + 1);
  for (std::size_t i = atoms.size(); i-- > 0;) {
    best[i].cost = ~0U;
    for (std::size_t end = i + 1; end <= atoms.size() && end <= i + 8; ++end) {
      const std::optional<std::uint32_t> word = word_cost(atoms, i, end);
      if (!word) continue;
      const std::uint32_t cost = 16 * *word + 1 + best[end].cost;
      if (cost <= best[i].cost) best[i] = {cost, end};
    }
  }
  Address at = to;
  for (std::size_t i = 0; i < atoms.size(); i = best[i].end) {
    c::ExprId all;
    std::uint64_t known = 0;
    std::uint32_t bytes = 0;
    for (std::size_t k = i; k < best[i].end; ++k) bytes += atoms[k].bytes;
    std::uint32_t below = 0;
    for (std::size_t k = i; k < best[i].end; below += 8 * atoms[k++].bytes) {
      if (!atoms[k].value) {
        known |= std::uint64_t{atoms[k].known} << below;
        continue;
      }
      c::ExprId part = atoms[k].value;
      if (below != 0) part = tree_.binary("<<", as_type(bytes * 8, part), num(below));
      all = all ? tree_.binary("|", all, part) : part;
    }
    if (!all) {
      all = num(known, bytes > 4);
    } else if (known != 0) {
      all = tree_.binary("|", all, num(known, bytes > 4));
    }
    bring(all);
    store_raw(at, bytes, all);
    at.byte += bytes;
  }
}

}  // namespace p4bpf::codegen
