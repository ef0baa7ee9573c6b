// Reading and writing of literals.
#include "frontend/literals.h"

#include <charconv>

namespace p4bpf {
namespace {

// Enough for kMaxWidth bits in any base and for sensible `int` constants; decimal conversion is quadratic.
constexpr std::size_t kMaxDigits = 4096;

/// `0x`, `0o`, `0b` or `0d` removed from `text`, as the lower-case prefix that parse_big_int reads (empty: decimal).
std::string take_base(std::string_view& text) {
  if (text.size() < 2 || text[0] != '0') return {};
  const char base = static_cast<char>(text[1] | 0x20);
  if (base != 'x' && base != 'o' && base != 'b' && base != 'd') return {};
  text.remove_prefix(2);
  return base == 'd' ? std::string() : std::string("0") + base;
}

}  // namespace

tl::expected<ast::IntLiteral, std::string> read_integer(std::string_view text) {
  ast::IntLiteral literal;
  const std::size_t mark = text.find_first_not_of("0123456789");
  if (mark != std::string_view::npos && (text[mark] == 'w' || text[mark] == 's')) {
    std::uint32_t width = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + mark, width);
    if (failure != std::errc() || width > kMaxWidth) {
      return tl::unexpected("the width of this literal is above " + std::to_string(kMaxWidth));
    }
    literal.width = width;
    literal.is_signed = text[mark] == 's';
    if (literal.is_signed && width == 0) return tl::unexpected(std::string("a signed literal has at least one bit"));
    text.remove_prefix(mark + 1);
  }
  std::string digits = take_base(text);
  if (text.size() > kMaxDigits) {
    return tl::unexpected("this literal has more than " + std::to_string(kMaxDigits) + " digits");
  }
  bool has_digit = false;
  for (const char c : text) {
    if (c != '_') digits += c;
    has_digit |= c != '_';
  }
  std::optional<BigInt> value;
  if (has_digit) value = parse_big_int(digits);
  if (!value) return tl::unexpected(std::string("this is no integer literal"));
  literal.value = std::move(*value);
  return literal;
}

std::string unescape_string(std::string_view literal) {
  if (!literal.empty() && literal.front() == '"') literal.remove_prefix(1);
  std::string out;
  for (std::size_t i = 0; i < literal.size() && literal[i] != '"'; ++i) {
    if (literal[i] != '\\' || i + 1 == literal.size()) {
      out += literal[i];
      continue;
    }
    const char escaped = literal[++i];
    switch (escaped) {
      case '"':
      case '\\':
        out += escaped;
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case '\n':
        break;
      default:
        if (escaped == '\r' && i + 1 < literal.size() && literal[i + 1] == '\n') {
          ++i;
          break;
        }
        out += '\\';
        out += escaped;
    }
  }
  return out;
}

std::string quote_string(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += c;
    }
  }
  return out + "\"";
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80                   ? 1
                               : byte >= 0xc2 && byte < 0xe0 ? 2
                               : byte >= 0xe0 && byte < 0xf0 ? 3
                               : byte >= 0xf0 && byte < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    // Overlong forms, surrogates, and what lies above U+10FFFF.
    const auto second = length > 2 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((byte == 0xe0 && second < 0xa0) || (byte == 0xed && second >= 0xa0) || (byte == 0xf0 && second < 0x90) ||
        (byte == 0xf4 && second >= 0x90)) {
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace p4bpf
