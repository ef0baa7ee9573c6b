// Which statements need a lock: a program that reads a register and writes it again means both as one step, and other
// CPUs run it at the same time.
//
//     seen.read(count, index);            <- first: the lock is taken in front of it
//     if (count < 10) count = count + 1;
//     seen.write(index, count);           <- last: it is given back behind it
//
// A run is what a block has from the first read of a register to its last write, as long as no statement stands between
// that ends a straight run: an application of a table, a parser, what becomes of the packet, a call for which the lock
// must be given back (LockUse). In an @atomic block it is all from the first use of a register to the last; tables
// without keys may be among it. Actions and @atomic blocks (ir::Step) are refused where that is not one run; statements
// of an `apply` that stand in neither are one step only where they can be. Runs that overlap are one, and the registers
// of one run share a lock. A write that stands alone takes the lock of its register, if it has one; a read that stands
// alone needs none, unless the cells are wider than what a CPU loads at once.
#pragma once

#include <map>
#include <vector>

#include "base/diagnostics.h"
#include "ir/ir.h"

namespace p4bpf::codegen {

struct LockRun {
  std::size_t first = 0;  // statements of the block, both included
  std::size_t last = 0;
  std::size_t lock = 0;
};

struct Locks {
  std::map<ir::BlockId, std::vector<LockRun>> runs;  // in order
  std::size_t count = 0;                             // of locks
};

/// What a call of an extern does to a lock that is held.
enum class LockUse {
  kNone,    // nothing: no helper of the kernel is called
  kBefore,  // its result depends on nothing: it can be had before the lock is taken
  kAfter,   // nobody sees whether it is done now or when the lock has been given back
  kBreaks,  // it must be done now and calls a helper
};
LockUse lock_use(const ir::Program& program, const ir::CallExtern& call);

/// Refuses actions and @atomic blocks that use registers before and behind something for which no lock can be held.
Locks find_locks(const ir::Program& program, Diagnostics& diagnostics);

}  // namespace p4bpf::codegen
