// Learns from what no NewPass does. Architectures write all kinds of passes into every program; a program that never
// clones has no clones' way afterwards:
//
//   what no NewPass leaves to Carried n is 0:     if (carried[0] == 2) { ... }   ->   nothing
//   what all of them leave is among known values: switch (carried[0]) drops the cases of others
//   what no Carried reads is left no more:        new_pass {0: 5, 7: meta.x}     ->   new_pass {0: 5}
//
// Each time that removes a NewPass, more may follow.
#pragma once

#include "ir/passes/pass.h"

namespace p4bpf::ir {

void fold_passes(Program& program, PassContext& context);

}  // namespace p4bpf::ir
