// The half of remove_dead_code that looks at control flow alone.
#pragma once

#include "ir/ir.h"

namespace p4bpf::ir {

/// Takes out statements and parser states that cannot run, and shapes that do nothing (see remove_dead_code.h).
void remove_unreachable(Program& program);

}  // namespace p4bpf::ir
