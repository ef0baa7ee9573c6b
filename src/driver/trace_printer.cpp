// See trace_printer.h.
#include "driver/trace_printer.h"

#include <fmt/format.h>

#include <cstdio>

namespace p4bpf::driver {

std::string place_of(const SourceMap& sources, Span span) {
  const Position at = sources.position(span.begin);
  return at.line == 0 ? "" : fmt::format("{}:{}", at.file, at.line);
}

testing::TraceSink print_trace(const SourceMap& sources) {
  return [&sources](std::uint32_t port, const testing::Bytes& packet, const std::vector<interp::TraceEvent>& events) {
    fmt::print(stderr, "packet of {} bytes on port {}\n", packet.size(), port);
    for (const interp::TraceEvent& event : events)
      fmt::print(stderr, "  {:<24} {}\n", place_of(sources, event.span), event.text);
  };
}

}  // namespace p4bpf::driver
