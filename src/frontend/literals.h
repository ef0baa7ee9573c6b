// What literals mean: integers with width and sign, strings with escapes (P4_16 sections 6.3.3.2 and 6.3.3.3).
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "frontend/ast.h"

namespace p4bpf {

/// The widest bit<N> and int<N>, in bits.
constexpr std::uint32_t kMaxWidth = 2048;

/// `12`, `0xff`, `8w0b11`, `4s7`; `_` between digits is skipped. Or what is wrong with it, as a message.
tl::expected<ast::IntLiteral, std::string> read_integer(std::string_view text);

/// The value of a string literal given with its quotes: `\"`, `\\`, `\n`, `\t`, `\r`; a `\` before a newline joins the
/// lines; an unknown escape stands for itself, backslash included.
std::string unescape_string(std::string_view literal);

/// The literal, quotes included, whose value is `value`.
std::string quote_string(std::string_view value);

bool is_utf8(std::string_view text);

}  // namespace p4bpf
