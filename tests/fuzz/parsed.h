// The bytes of a fuzzer as a P4 program: what each fuzzer behind the parser begins with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "frontend/parse.h"

namespace p4bpf {

struct Parsed {
  Parsed(const std::uint8_t* data, std::size_t size)
      : ast(parse_text("fuzz.p4", std::string(reinterpret_cast<const char*>(data), size), {}, sources, diagnostics)) {}

  SourceMap sources;
  Diagnostics diagnostics{sources};
  ast::Ast ast;
};

}  // namespace p4bpf
