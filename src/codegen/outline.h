// Cuts a program that is too large for the kernel into parts: programs of their own that a tail call enters and that
// return to their caller.
//
// The kernel takes a program with at most 64 maps, jumps of at most 32,767 instructions, and only what the verifier
// comes to an end with. What stands between two borders (c::Border) of one block needs no local variable of the others
// (scratch.h says where variables live), so it can be moved into a function:
//
//     ...statements...              int r = router_part_1_call(context);
//                           ->      data = P4BPF_DATA(context); data_end = P4BPF_DATA_END(context);
//                                   if (r != P4BPF_GO_ON) { switch (r) { case P4BPF_GO_ON + 1: goto end_exit; } return
//                                   r; }
//
// A function that makes a tail call and is called by another returns to that one when the program that it went to ends:
// so a part is called, and nothing of the program's order changes.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "codegen/c_tree.h"

namespace p4bpf::codegen {

struct PartLimits {
  std::size_t maps = 0;
  std::size_t cost = 0;  // instructions, roughly; where the verifier goes round loops, what it looks at
};

struct Part {
  std::string name;
  c::BlockId body;
};

struct OutlineContext {
  std::string program;           // the parts are called PROGRAM_part_1, ...
  std::set<std::string> maps;    // the names of all maps
  std::set<std::string> common;  // variables that every part makes for itself: context, data, ...
  PartLimits limits;
};

/// Moves what does not fit out of `body` and returns the parts, in the order of the program; none if all of it fits.
std::vector<Part> outline(c::Tree& tree, c::BlockId body, const OutlineContext& context);

/// Whether nothing needs to be moved out.
bool fits(const c::Tree& tree, c::BlockId body, const OutlineContext& context);

}  // namespace p4bpf::codegen
