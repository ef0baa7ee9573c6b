// The mutator of fuzzers that read whole programs. Bytes alone seldom get past the parser, so it works on tokens: it
// removes, doubles, swaps and moves runs of them, and puts in words of the language or words that the program uses
// already. A fuzzer includes it once and starts with real programs: `types_fuzz -max_len=20000 CORPUS examples`.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "frontend/lexer.h"
#include "testing/random_source.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace p4bpf {
namespace {

constexpr std::array kWords = {
    "bit<8>",
    "bit<32>",
    "bit<1>",
    "int<16>",
    "int",
    "bool",
    "varbit<64>",
    "tuple<bit<4>>",
    "string",
    "error",
    "header",
    "struct",
    "enum",
    "type",
    "typedef",
    "header_union",
    "match_kind",
    "0",
    "1",
    "255",
    "8w255",
    "4s7",
    "-1",
    "true",
    "{#}",
    "{}",
    "{1,2}",
    "...",
    "_",
    "default",
    "this",
    "const",
    "in",
    "out",
    "inout",
    "optional",
    "exit;",
    "return;",
    "break;",
    "for(;;){}",
    "if(true)",
    "switch(1){}",
    "+",
    "-",
    "*",
    "/",
    "%",
    "<<",
    ">>",
    "++",
    "&&&",
    "..",
    "|+|",
    "[3:0]",
    "[0]",
    ".next",
    ".last",
    ".apply()",
    ".isValid()",
    ".setValid()",
    ".push_front(1)",
    ".size",
    ".hit",
    "(bit<9>)",
    "accept",
    "reject",
    "select(1)",
    "transition",
    "state",
    "@name(\"x\")",
    "@a[k=1]",
    "package",
    "extern",
    "abstract",
    "control",
    "parser",
    "action",
    "table",
    "NoAction",
    "main",
    "list<bit<8>>",
    "priority",
    "entries",
    "key",
    "actions",
    "void",
    "value_set<bit<8>>(4)",
    "static_assert(true)",
    "apply{}",
    "=",
    "==",
    "?",
    ":",
    ";",
    ",",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "0x1ffffffffffffffffffff",
    "packet.extract",
    "packet.lookahead<bit<8>>()",
    "#define X X X\n",
};

using Pieces = std::vector<std::string_view>;

/// The text cut before each token, so that the pieces joined are the text again.
Pieces cut(std::string_view text) {
  Lexer lexer(text, Loc{0});
  Pieces pieces;
  std::size_t begin = 0;
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const std::size_t end = lexer.here().offset;
    if (end <= begin) break;
    pieces.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

void change(Pieces& pieces, testing::RandomSource& random) {
  if (pieces.empty()) {
    pieces.push_back(kWords[random.below(kWords.size())]);
    return;
  }
  const auto place = [&] { return pieces.begin() + static_cast<std::ptrdiff_t>(random.below(pieces.size())); };
  const auto run = [&](auto from) {
    const auto length = static_cast<std::ptrdiff_t>(1 + random.below(random.one_in(4) ? 40 : 4));
    return from + std::min(length, pieces.end() - from);
  };
  switch (random.below(6)) {
    case 0: {
      const auto from = place();
      pieces.erase(from, run(from));
      break;
    }
    case 1: {
      const auto from = place();
      const Pieces copied(from, run(from));
      pieces.insert(place(), copied.begin(), copied.end());
      break;
    }
    case 2:
      std::swap(*place(), *place());
      break;
    case 3:
      *place() = kWords[random.below(kWords.size())];
      break;
    case 4:
      *place() = *place();
      break;
    default:
      pieces.insert(place(), kWords[random.below(kWords.size())]);
      break;
  }
}

}  // namespace
}  // namespace p4bpf

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  using namespace p4bpf;
  testing::RandomSource random(seed);
  if (random.one_in(20)) return LLVMFuzzerMutate(data, size, max_size);
  const std::string text(reinterpret_cast<const char*>(data), size);
  Pieces pieces = cut(text);
  for (std::size_t changes = 1 + random.below(3); changes > 0; --changes) change(pieces, random);
  std::string out;
  for (const std::string_view piece : pieces) {
    const bool parts = out.empty() || std::isspace(static_cast<unsigned char>(piece[0]));
    if (!parts) out += ' ';
    out += piece;
  }
  const std::size_t length = std::min(out.size(), max_size);
  std::memcpy(data, out.data(), length);
  return length;
}
