// Packets that get somewhere: a random walk through the parser, writing what the chosen select cases want to see.
//
// A state that extracts `ipv4` and selects on `ipv4.protocol` with cases 6 and 17 gives 20 bytes, some fields out of
// the value pool, and a protocol of 6, 17 or anything. Then, now and then, the packet is cut short, lengthened or
// scribbled on.
#pragma once

#include "ir/ir.h"
#include "testing/value_pool.h"

namespace p4bpf::testing {

/// The architecture's parser is the first of the program.
Bytes random_packet(const ir::Program& program, const ValuePool& pool, RandomSource& random);

}  // namespace p4bpf::testing
