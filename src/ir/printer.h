// Prints the IR as text close to P4, for --dump ir and the tests of the passes.
#pragma once

#include <string>

#include "ir/ir.h"

namespace p4bpf::ir {

std::string print(const Program& program);
std::string print(const Program& program, ExprId expr);
std::string print(const Program& program, BlockId block, int indent = 0);

}  // namespace p4bpf::ir
