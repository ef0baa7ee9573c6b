// The passes over the IR: free functions, listed in one array in the order in which they run (passes.cpp).
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "ir/ir.h"

namespace p4bpf::ir {

/// How often a parser loop that no header stack bounds may go round before error.ParserTimeout.
constexpr std::uint32_t kParserLoopLimit = 256;

struct PassContext {
  Diagnostics& diagnostics;
  std::uint32_t parser_loop_limit = kParserLoopLimit;
};

/// What an IR may be relied on to have; a pass needs some and gives some.
enum class Property {
  kAcyclicParsers,      // unroll_parsers
  kConstantsFolded,     // propagate_values
  kNoDeadCode,          // remove_dead_code
};

struct Pass {
  std::string_view name;
  void (*run)(Program&, PassContext&);
  std::vector<Property> needs;
  std::vector<Property> gives;
};

/// In running order. A test checks that what a pass needs was given before.
const std::vector<Pass>& all_passes();

/// Runs all of them with the validator after each; stops after `stop_after` if that is not empty.
void run_passes(Program& program, PassContext& context, std::string_view stop_after = {});

}  // namespace p4bpf::ir
