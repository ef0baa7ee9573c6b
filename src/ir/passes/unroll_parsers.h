// Makes parsers acyclic, so that they become straight code: a state is cloned for each set of stack positions in which
// it can be reached, and for each round of a loop that no stack bounds.
//
//   state next {                                     state next { extract(hdr.v[0]);
//     if (hdr.v.next_index >= 2)                       transition select(hdr.v[0].t) { 0x8100: next#2; _: accept; } }
//       reject(error.StackOutOfBounds);              state next#2 { extract(hdr.v[1]);
//     extract(hdr.v[hdr.v.next_index]);                transition select(hdr.v[1].t) { 0x8100: next#3; _: accept; } }
//     hdr.v.next_index = hdr.v.next_index + 1;       state next#3 { reject(error.StackOutOfBounds); }
//     transition select(hdr.v[hdr.v.next_index - 1].t) { 0x8100: next; _: accept; }
//   }
//
// A loop whose stacks stand still goes round as often as 512 bytes of the packet allow, and at most
// PassContext::parser_loop_limit times; then the parser rejects with error.ParserTimeout. More than kMaxStates states are
// an error at the parser. A state that only one other goes to, without a choice, is joined to it.
#pragma once

#include "ir/passes/pass.h"

namespace p4bpf::ir {

void unroll_parsers(Program& program, PassContext& context);

}  // namespace p4bpf::ir
