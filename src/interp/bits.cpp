// Reading and writing strings of bits (bits.h).
#include "interp/bits.h"

#include <algorithm>

namespace p4bpf::interp {

BigInt read_bits(const Bytes& bytes, std::uint64_t offset, std::uint32_t width) {
  if (width == 0) return 0;
  const std::uint64_t first = offset / 8;
  const std::uint64_t end = (offset + width + 7) / 8;
  BigInt value;
  if (end <= bytes.size()) {
    value = from_bytes(bytes.data() + first, end - first);
  } else {
    Bytes padded(end - first, 0);
    if (first < bytes.size())
      std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.end(), padded.begin());
    value = from_bytes(padded.data(), padded.size());
  }
  return wrap(value >> static_cast<std::uint32_t>(end * 8 - offset - width), width, false);
}

void BitWriter::append_byte(std::uint8_t byte, std::uint32_t width) {
  const auto used = static_cast<std::uint32_t>(bit_count_ % 8);
  // The `width` bits, moved to the top of a byte.
  const auto top = static_cast<std::uint8_t>(byte << (8 - width));
  if (used == 0) {
    bytes_.push_back(top);
  } else {
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (top >> used));
    if (used + width > 8) bytes_.push_back(static_cast<std::uint8_t>(top << (8 - used)));
  }
  bit_count_ += width;
}

void BitWriter::append(const BigInt& value, std::uint32_t width) {
  if (width == 0) return;
  const Bytes digits = to_bytes(value, width);
  const std::uint32_t head = width % 8 == 0 ? 8 : width % 8;
  append_byte(digits.front(), head);
  for (std::size_t i = 1; i < digits.size(); ++i) append_byte(digits[i], 8);
}

void BitWriter::append(const Bytes& bytes, std::uint64_t offset) {
  std::uint64_t first = offset / 8;
  if (first >= bytes.size()) return;
  const auto skipped = static_cast<std::uint32_t>(offset % 8);
  if (skipped != 0) append_byte(bytes[first++], 8 - skipped);
  if (bit_count_ % 8 == 0) {
    bytes_.insert(bytes_.end(), bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.end());
    bit_count_ += (bytes.size() - first) * 8;
    return;
  }
  for (; first < bytes.size(); ++first) append_byte(bytes[first], 8);
}

}  // namespace p4bpf::interp
