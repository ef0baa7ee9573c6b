// What happened to packets, for people and for programs: `FILE:LINE  what happened`, a line each, or a JSON document a
// packet.
#pragma once

#include <span>
#include <string>

#include "base/source_map.h"
#include "interp/trace.h"
#include "testing/interp_dataplane.h"

namespace p4bpf::driver {

/// Prints all events on standard error. `sources` must outlive it.
testing::TraceSink print_trace(const SourceMap& sources);

/// A packet whose steps are to be printed.
struct TracedPacket {
  std::uint32_t port = 0;
  std::span<const std::uint8_t> bytes;  // the first ones of a long packet
  std::size_t length = 0;
};

/// Prints on standard output, numbered from 1. `sources` must outlive it.
class TracePrinter {
 public:
  /// `all`: also what changes no header.
  TracePrinter(const SourceMap& sources, bool json, bool all);
  void print(const TracedPacket& packet, const std::vector<interp::TraceEvent>& events);
  std::size_t count() const { return number_; }

 private:
  bool is_wanted(const interp::TraceEvent& event) const;
  void print(const interp::TraceEvent& event, std::size_t width) const;
  const char* colour(interp::TraceEvent::Kind kind) const;

  const SourceMap& sources_;
  bool json_;
  bool all_;
  bool coloured_;
  std::size_t number_ = 0;
};

}  // namespace p4bpf::driver
