// The same random packets and table entries through several executors: all of them must do the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/ir.h"
#include "testing/dataplane.h"

namespace p4bpf::testing {

struct DifferentialOptions {
  std::uint64_t seed = 1;
  std::size_t packets = 1000;
  /// After so many packets the tables are emptied and filled anew.
  std::size_t packets_per_filling = 25;
};

struct DifferentialOutcome {
  /// What could not be run here, empty otherwise.
  std::string unavailable;
  /// The first disagreement, empty if there is none: who did what.
  std::string mismatch;
  /// It as a test that the first executor passes, as small as it could be made.
  std::string stf;
  std::size_t packets = 0;
  std::size_t entries = 0;
  std::size_t outputs = 0;  // packets that left from the first executor
};

/// The first of `dataplanes` is taken for right. All are left with the tables that they have at the end.
DifferentialOutcome run_differential(const ir::Program& program, const std::vector<Dataplane*>& dataplanes,
                                     const DifferentialOptions& options);

/// An entry as an `add` of STF.
std::string to_stf(const manifest::Table& table, const manifest::Entry& entry);

}  // namespace p4bpf::testing
