// Carries what is known forward: constants, copies and validity, along the flow of control.
//
// Before:                                   After:
//   meta.hop = 0;                             (gone: variables start as 0)
//   tmp = hdr.ip.dst;                         tmp = hdr.ip.dst;          (remove_dead_code takes it)
//   hdr.ip.setValid();                        hdr.ip.setValid();
//   if (hdr.ip.isValid()) {                   x = hdr.ip.dst + 32w1;
//     x = tmp + 32w1;
//   } else {
//     drop();
//   }
//
// One walk forward over the structured statements with, for each variable, header validity and header field ("slot"),
// what it is known to equal: a constant, another slot, or nothing. Both sides of an If are walked on their own and
// joined behind it; within them the condition is known. What a Loop writes is unknown at its head. The states of a
// parser without cycles are walked in topological order; with a cycle, what the parser writes is unknown in each state.
// After RunParser the two ways that it may have ended are remembered until an If asks which it was, so that what an
// accepting path has extracted is known to be valid. (Kildall, "A unified approach to global program optimization",
// POPL 1973, on structured code.)
#pragma once

#include "ir/passes/pass.h"

namespace p4bpf::ir {

void propagate_values(Program& program, PassContext& context);

}  // namespace p4bpf::ir
