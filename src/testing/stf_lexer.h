// The words of one line of STF.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "testing/stf.h"

namespace p4bpf::testing::stf {

struct Token {
  enum class Kind { kName, kNumber, kReal, kPunctuation, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // a name without its quotes, punctuation as written
  bool quoted = false;
  Number number;
  Span span;
};

/// Cuts `line`, which starts at `begin`, into tokens behind which kEnd stands. Reports the first bad character and
/// gives nothing then.
std::optional<std::vector<Token>> lex_line(std::string_view line, Loc begin, Diagnostics& diagnostics);

}  // namespace p4bpf::testing::stf
