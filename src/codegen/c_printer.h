// C tree -> text. Decides nothing but parentheses, and where a `#line` is needed to point back at the P4 source.
#pragma once

#include <string>

#include "codegen/c_tree.h"

namespace p4bpf::codegen::c {

std::string print(const Tree& tree, const SourceMap& sources);
std::string print(const Tree& tree, ExprId expr);

}  // namespace p4bpf::codegen::c
