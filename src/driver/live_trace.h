// p4bpf trace NAME: what a program that runs does to its packets. The kept source is compiled once more with calls that
// tell (ir/trace.h), and this twin takes the program's place until the trace ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "driver/source_options.h"

namespace p4bpf::driver {

struct LiveTraceOptions {
  std::string name;
  std::optional<std::uint32_t> port;
  std::string filter;       // of libpcap; "": all packets
  std::uint64_t count = 0;  // 0: until someone ends it
  bool all = false;
  bool json = false;
  std::string clang;
  DiagnosticOptions diagnostics;
};

/// The exit status.
int trace_instance(const LiveTraceOptions& options);

}  // namespace p4bpf::driver
