// Cells in the memory of a map (register_access.h).
#include "runtime/register_access.h"

#include <atomic>
#include <cerrno>
#include <cstring>

#include "runtime/table_layout.h"

namespace p4bpf::runtime {
namespace {

using manifest::Register;

/// Copies a cell in one step where that is possible.
template <class Word>
void copy_word(std::uint8_t* to, const std::uint8_t* from) {
  const Word word = __atomic_load_n(reinterpret_cast<const Word*>(from), __ATOMIC_RELAXED);
  __atomic_store_n(reinterpret_cast<Word*>(to), word, __ATOMIC_RELAXED);
}
void copy_cell(std::uint8_t* to, const std::uint8_t* from, std::uint32_t size) {
  switch (size) {
    case 1:
      return copy_word<std::uint8_t>(to, from);
    case 2:
      return copy_word<std::uint16_t>(to, from);
    case 4:
      return copy_word<std::uint32_t>(to, from);
    case 8:
      return copy_word<std::uint64_t>(to, from);
    default:
      std::memcpy(to, from, size);
  }
}

Result<void> check(const Register& cells, std::uint64_t index) {
  if (index < cells.size) return {};
  if (cells.size == 0) return fail("register '" + cells.name + "' has no cells", "", ERANGE);
  return fail("index " + std::to_string(index) + " is out of range: register '" + cells.name +
                  "' has the indices 0 to " + std::to_string(cells.size - 1),
              "", ERANGE);
}

}  // namespace

Result<std::span<std::uint8_t>> RegisterAccess::memory(const Register& cells) {
  if (cells.map.empty())
    return fail("register '" + cells.name + "' is not used by the program, so it has no map", "", EINVAL);
  const Result<std::span<std::uint8_t>> bytes = kernel_->memory(cells.map);
  if (!bytes) return fail(bytes.error());
  if (bytes->size() / cells.value_size < cells.size)
    return fail("the map of register '" + cells.name + "' is smaller than the manifest says",
                "compile the program again");
  return bytes;
}

Result<BigInt> RegisterAccess::read(std::size_t number, std::uint64_t index) {
  const Register& cells = manifest_->registers.at(number);
  if (Result<void> good = check(cells, index); !good) return fail(good.error());
  const Result<std::span<std::uint8_t>> bytes = memory(cells);
  if (!bytes) return fail(bytes.error());
  alignas(8) std::uint8_t first[8];
  if (cells.value_size > sizeof first) {
    const auto cell = bytes->subspan(index * cells.value_size, cells.value_size);
    return get_value(Bytes(cell.begin(), cell.end()), cells.slot, cells.bits, cells.kind);
  }
  copy_cell(first, bytes->data() + index * cells.value_size, cells.value_size);
  return get_value(Bytes(first, first + cells.value_size), cells.slot, cells.bits, cells.kind);
}

Result<std::vector<BigInt>> RegisterAccess::read_all(std::size_t number) {
  std::vector<BigInt> values;
  for (std::uint64_t i = 0; i < manifest_->registers.at(number).size; ++i) {
    Result<BigInt> value = read(number, i);
    if (!value) return fail(value.error());
    values.push_back(std::move(*value));
  }
  return values;
}

Result<void> RegisterAccess::write(std::size_t number, std::uint64_t index, const BigInt& value) {
  const Register& cells = manifest_->registers.at(number);
  if (Result<void> good = check(cells, index); !good) return good;
  if (!fits(value, cells.bits, cells.kind == manifest::ValueKind::kSigned)) {
    return fail(
        value.str() + " does not fit into the " + std::to_string(cells.bits) + " bits of register '" + cells.name + "'",
        "", ERANGE);
  }
  const Result<std::span<std::uint8_t>> bytes = memory(cells);
  if (!bytes) return fail(bytes.error());
  Bytes cell(std::max<std::size_t>(cells.value_size, 8), 0);
  put_value(cell, cells.slot, value);
  copy_cell(bytes->data() + index * cells.value_size, cell.data(), cells.value_size);
  return {};
}

Result<void> RegisterAccess::reset(std::size_t number) {
  for (std::uint64_t i = 0; i < manifest_->registers.at(number).size; ++i) {
    if (Result<void> done = write(number, i, 0); !done) return done;
  }
  return {};
}

}  // namespace p4bpf::runtime
