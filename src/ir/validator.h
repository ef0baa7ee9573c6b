// Checks the IR's invariants: ids name something, types of operands agree, parser statements stand in parsers, labels enclose
// their Leave, every path of the entry ends in a Verdict.
#pragma once

#include <string>

#include "ir/ir.h"

namespace p4bpf::ir {

/// Empty if the program is sound, else what is wrong and where.
std::string find_fault(const Program& program);

/// Aborts, naming `after` (a pass or "elaboration"), if the program is not sound.
void assert_valid(const Program& program, std::string_view after);

}  // namespace p4bpf::ir
