// What the interpreter says of a packet, for people: `FILE:LINE  what happened`, a line each.
#pragma once

#include <string>

#include "base/source_map.h"
#include "testing/interp_dataplane.h"

namespace p4bpf::driver {

/// "FILE:LINE", nothing for what stands nowhere.
std::string place_of(const SourceMap& sources, Span span);

/// Prints all events on standard error. `sources` must outlive it.
testing::TraceSink print_trace(const SourceMap& sources);

}  // namespace p4bpf::driver
