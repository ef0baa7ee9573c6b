// What must stay in one piece. A program that reads an extern object and uses it again means both as one step (Step in
// ir.h), for which the code generator holds a lock from the one statement to the other:
//
//     seen.read(count, 0);
//     if (count > 9) exit;
//     seen.write(0, count + 1);
//     deparse { ... }
//
// Passes that bring what follows to the ends of branches leave it where it is then: else the last write and all that
// comes behind it would stand in the branch, and no lock can be held over that.
#pragma once

#include <span>

#include "ir/ir.h"

namespace p4bpf::ir {

/// Whether such a piece reaches from what is `before` into `at`, or from one of them `behind`.
bool is_amid(const Program& program, std::span<const Stmt> before, const Stmt& at, std::span<const Stmt> behind);

}  // namespace p4bpf::ir
