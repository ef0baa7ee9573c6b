// What was measured, as a table for people or as JSON.
#pragma once

#include <string>
#include <vector>

#include "bench/bench.h"

namespace p4bpf::bench {

/// One line for each program.
std::string as_text(const std::vector<Measurement>& measured);
std::string as_json(const std::vector<Measurement>& measured);

}  // namespace p4bpf::bench
