// Runs an STF test on an executor, in file order, with every command enforced.
//
// Expectations are compared at the end, port by port: the k-th `expect` of a port with the k-th packet that left on it,
// so an `expect` may stand before its `packet`. Every packet that leaves must have been expected.
#pragma once

#include <string>
#include <vector>

#include "testing/dataplane.h"
#include "testing/stf.h"

namespace p4bpf::testing::stf {

struct Outcome {
  /// Why the test could not run here; empty if it ran.
  std::string unavailable;
  std::size_t packets = 0;       // that were sent
  std::size_t outputs = 0;       // that left
  std::size_t checks = 0;        // expectations and counter checks
  std::vector<std::string> log;  // one line for each command, with what came of it
};

/// Mistakes of the test and expectations that were not met go to `diagnostics`; the test passed if none was reported.
Outcome run(const std::vector<Command>& commands, Dataplane& dataplane, Diagnostics& diagnostics);

/// Where a packet differs from what is expected; nothing if it does not.
struct Difference {
  std::size_t byte = 0;
  std::string reason;
};
std::optional<Difference> compare(const Expect& expected, const Bytes& received);

/// Rows of 16 bytes, what differs marked under them from `first_difference` on.
std::string hex_diff(const Expect& expected, const Bytes& received);
/// "001122 ..." for logs.
std::string hex(const Bytes& bytes);

}  // namespace p4bpf::testing::stf
