// The rule for tables that share an action profile: their members are the same, so their actions must be.
#pragma once

#include "base/diagnostics.h"
#include "ir/ir.h"

namespace p4bpf::arch {

void check_profiles(const ir::Program& program, Diagnostics& diagnostics);

}  // namespace p4bpf::arch
