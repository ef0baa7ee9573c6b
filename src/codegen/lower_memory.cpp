// Loads and stores of bits in the packet and in map values: the fewest and widest accesses, and no byte touched that
// the program has not checked.
#include <fmt/format.h>

#include "codegen/lowering.h"

namespace p4bpf::codegen {
namespace {

/// The widest natural access that is at most `bytes`.
std::uint32_t piece(std::uint32_t bytes) { return bytes >= 8 ? 8 : bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1; }
bool is_natural(std::uint32_t bytes) { return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8; }

}  // namespace

c::ExprId Lowering::address(const Address& at) {
  return at.byte == 0 ? name(at.base) : tree_.binary("+", name(at.base), num(at.byte));
}

/// The little-endian reading of 1 to 8 bytes.
c::ExprId Lowering::load_raw(const Address& at, std::uint32_t bytes) {
  c::ExprId all;
  for (std::uint32_t done = 0; done < bytes;) {
    const std::uint32_t size = piece(bytes - done);
    c::ExprId part = tree_.call(fmt::format("P4BPF_LOAD{}", size * 8), {address({at.base, at.byte + done})});
    if (done != 0) part = tree_.binary("<<", tree_.cast(bytes > 4 ? "u64" : "u32", part), num(done * 8));
    all = all ? tree_.binary("|", all, part) : part;
    done += size;
  }
  return all;
}

void Lowering::store_raw(const Address& at, std::uint32_t bytes, c::ExprId net_value) {
  if (!is_natural(bytes)) net_value = temp("u64", net_value);
  for (std::uint32_t done = 0; done < bytes;) {
    const std::uint32_t size = piece(bytes - done);
    const c::ExprId part = done == 0 ? net_value : tree_.binary(">>", net_value, num(done * 8));
    call(fmt::format("P4BPF_STORE{}", size * 8), {address({at.base, at.byte + done}), part});
    done += size;
  }
}

/// Host to network order or back, of a value of a whole number of bytes.
c::ExprId Lowering::swap(c::ExprId value, std::uint32_t bits) {
  if (bits <= 8) return value;
  return tree_.call(fmt::format("P4BPF_SWAP{}", bits), {value});
}

c::ExprId Lowering::load_bits(const Address& at, std::uint32_t bit, std::uint32_t width, std::uint32_t room) {
  const std::uint32_t first = bit / 8;
  const std::uint32_t end = bit + width;
  const std::uint32_t bytes = (end + 7) / 8 - first;
  if (bytes == 9) {
    const std::uint32_t last_bits = end % 8;
    const c::ExprId high = tree_.binary("<<", swap(load_raw({at.base, at.byte + first}, 8), 64), num(last_bits));
    const c::ExprId low = tree_.binary(">>", load_raw({at.base, at.byte + first + 8}, 1), num(8 - last_bits));
    return mask(tree_.binary("|", high, low), width);
  }
  // One access of a natural size, if the bytes that it takes in besides are the header's own.
  std::uint32_t from = first;
  std::uint32_t size = bytes;
  if (!is_natural(bytes)) {
    const std::uint32_t container = bytes == 3 ? 4 : 8;
    if (container <= room) {
      from = first + container <= room ? first : room - container;
      size = container;
    }
  }
  const c::ExprId loaded = swap(load_raw({at.base, at.byte + from}, size), size * 8);
  const std::uint32_t below = (from + size) * 8 - end;
  c::ExprId value = below == 0 ? loaded : tree_.binary(">>", loaded, num(below));
  if (size > 4 && width <= 32) value = tree_.cast("u32", value);
  // The bits above are zero already where the field begins at the first bit of what was loaded.
  if (bit == from * 8) return value;
  return mask(value, width);
}

void Lowering::store_bits(const Address& at, std::uint32_t bit, std::uint32_t width, c::ExprId host_value) {
  if (width == 0) return;
  if (bit % 8 == 0 && width % 8 == 0) {
    store_raw({at.base, at.byte + bit / 8}, width / 8, swap(host_value, width));
    return;
  }
  const std::uint32_t first = bit / 8;
  const std::uint32_t end = bit + width;
  const std::uint32_t bytes = (end + 7) / 8 - first;
  if (is_natural(bytes)) {
    // Read, change the field's bits, write; the constants are swapped here, the value at run time.
    const std::uint32_t below = (first + bytes) * 8 - end;
    const BigInt field_mask = (power_of_two(width) - 1) << below;
    const Address place{at.base, at.byte + first};
    const c::ExprId kept =
        tree_.binary("&", load_raw(place, bytes), net_constant(power_of_two(bytes * 8) - 1 - field_mask, bytes * 8));
    c::ExprId moved = bytes * 8 <= 32 ? as_type(32, host_value) : as_type(64, host_value);
    if (below != 0) moved = tree_.binary("<<", moved, num(below));
    store_raw(place, bytes, tree_.binary("|", kept, swap(moved, bytes * 8)));
    return;
  }
  // Byte by byte from the last; only the ends share their bytes.
  const c::ExprId value = temp("u64", host_value);
  std::uint32_t rest = end;
  std::uint32_t taken = 0;
  while (rest > bit) {
    const std::uint32_t byte = (rest - 1) / 8;
    const std::uint32_t from = std::max(bit, byte * 8);
    const std::uint32_t count = rest - from;
    const std::uint32_t below = (byte + 1) * 8 - rest;
    c::ExprId part = taken == 0 ? value : tree_.binary(">>", value, num(taken));
    const Address place{at.base, at.byte + byte};
    if (count < 8) {
      const std::uint32_t field_mask = ((1u << count) - 1) << below;
      if (below != 0) part = tree_.binary("<<", part, num(below));
      part = tree_.binary("|", tree_.binary("&", load_raw(place, 1), num(0xff & ~field_mask)),
                          tree_.binary("&", part, num(field_mask)));
    }
    store_raw(place, 1, part);
    taken += count;
    rest = from;
  }
}

}  // namespace p4bpf::codegen
