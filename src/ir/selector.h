// Tables whose implementation has groups of members. What a program writes as keys of match kind `selector` is matched
// against nothing, so it is no key of the ir::Table. It has become one value, bit<64>, behind the keys of each
// application: where the entry names a group, the member that runs is the one at that place, modulo their number.
#pragma once

#include <optional>

#include "ir/ir.h"

namespace p4bpf::ir {

/// The value that chooses; names nothing (0) where nothing is chosen.
inline ExprId selector_of(const Program& program, const ApplyTable& apply) {
  return apply.keys.size() > program[apply.table].keys.size() ? apply.keys.back() : ExprId();
}

/// The table's action NoAction, if it has one: a table with such keys has it, since that is what a group without
/// members runs.
std::optional<std::size_t> no_action(const Table& table);

}  // namespace p4bpf::ir
