// Reading and writing integers of any size (big_int.h).
#include "base/big_int.h"

namespace p4bpf {

BigInt power_of_two(std::uint32_t bits) { return BigInt(1) << bits; }

BigInt wrap(const BigInt& value, std::uint32_t width, bool is_signed) {
  if (width == 0) return 0;
  const BigInt modulus = power_of_two(width);
  BigInt low = value % modulus;
  if (low < 0) low += modulus;
  if (is_signed && boost::multiprecision::bit_test(low, width - 1)) low -= modulus;
  return low;
}

bool fits(const BigInt& value, std::uint32_t width, bool is_signed) { return wrap(value, width, is_signed) == value; }

BigInt saturate(const BigInt& value, std::uint32_t width, bool is_signed) {
  if (width == 0) return 0;
  const BigInt low = is_signed ? BigInt(-power_of_two(width - 1)) : BigInt(0);
  const BigInt high = (is_signed ? power_of_two(width - 1) : power_of_two(width)) - 1;
  return value < low ? low : value > high ? high : value;
}

BigInt bit_slice(const BigInt& value, std::uint32_t hi, std::uint32_t lo) {
  const BigInt unsigned_value = wrap(value, hi + 1, false);
  return unsigned_value >> lo;
}

std::vector<std::uint8_t> to_bytes(const BigInt& value, std::uint32_t width) {
  std::vector<std::uint8_t> bytes((width + 7) / 8, 0);
  const BigInt low = wrap(value, width, false);
  std::vector<std::uint8_t> digits;
  if (low != 0) export_bits(low, std::back_inserter(digits), 8);
  std::copy(digits.begin(), digits.end(), bytes.end() - static_cast<std::ptrdiff_t>(digits.size()));
  return bytes;
}

BigInt from_bytes(const std::uint8_t* bytes, std::size_t count) {
  BigInt value;
  if (count != 0) import_bits(value, bytes, bytes + count, 8);
  return value;
}

std::optional<BigInt> parse_big_int(std::string_view text) {
  unsigned base = 10;
  if (text.size() > 2 && text[0] == '0') {
    const char mark = text[1];
    if (mark == 'x' || mark == 'X') base = 16;
    if (mark == 'o' || mark == 'O') base = 8;
    if (mark == 'b' || mark == 'B') base = 2;
    if (mark == 'd' || mark == 'D') text.remove_prefix(2);
    if (base != 10) text.remove_prefix(2);
  }
  BigInt value;
  bool any = false;
  for (const char c : text) {
    if (c == '_' && any) continue;
    unsigned digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
    any = true;
  }
  if (!any) return std::nullopt;
  return value;
}

std::string to_hex(const BigInt& value, std::uint32_t width) {
  std::string digits = value.str(0, std::ios_base::hex);
  for (char& c : digits) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::size_t wanted = (width + 3) / 4;
  if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
  return "0x" + digits;
}

}  // namespace p4bpf
