// See trace_printer.h.
#include "driver/trace_printer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "driver/command.h"

namespace p4bpf::driver {
namespace {

using Json = nlohmann::ordered_json;
using interp::TraceEvent;
using Kind = TraceEvent::Kind;

/// "FILE:LINE", nothing for what stands nowhere.
std::string place_of(const SourceMap& sources, Span span) {
  const Position at = sources.position(span.begin);
  return at.line == 0 ? "" : fmt::format("{}:{}", at.file, at.line);
}

const char* name_of(Kind kind) {
  constexpr const char* kNames[] = {"pass", "parser", "extract", "table", "change", "copy", "verdict", "other"};
  return kNames[static_cast<std::size_t>(kind)];
}

Json json_of(const SourceMap& sources, const TraceEvent& event) {
  const Position at = sources.position(event.span.begin);
  Json json = {{"event", name_of(event.kind)}};
  if (at.line != 0) json.update({{"file", at.file}, {"line", at.line}});
  json["text"] = event.text;
  for (const auto& [name, value] : event.values) {
    const std::size_t space = name.find(' ');  // "key hdr.ipv4.dst": one of many
    if (space == std::string::npos) {
      json[name] = value;
    } else {
      json[name.substr(0, space) + "s"][name.substr(space + 1)] = value;
    }
  }
  return json;
}

}  // namespace

testing::TraceSink print_trace(const SourceMap& sources) {
  return [&sources](std::uint32_t port, const testing::Bytes& packet, const std::vector<TraceEvent>& events) {
    fmt::print(stderr, "packet of {} bytes on port {}\n", packet.size(), port);
    for (const TraceEvent& event : events)
      fmt::print(stderr, "  {:<24} {}\n", place_of(sources, event.span), event.text);
  };
}

TracePrinter::TracePrinter(const SourceMap& sources, bool json, bool all)
    : sources_(sources), json_(json), all_(all), coloured_(wants_colours(1) && !json) {}

bool TracePrinter::is_wanted(const TraceEvent& event) const { return all_ || event.kind != Kind::kOther; }

void TracePrinter::print(const TracedPacket& packet, const std::vector<TraceEvent>& events) {
  ++number_;
  if (json_) {
    Json json = {{"packet", number_},
                 {"port", packet.port},
                 {"length", packet.length},
                 {"bytes", fmt::format("{:02x}", fmt::join(packet.bytes, ""))},
                 {"events", Json::array()}};
    for (const TraceEvent& event : events) {
      if (is_wanted(event)) json["events"].push_back(json_of(sources_, event));
    }
    fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
    return;
  }
  fmt::print("{}packet {}: {} bytes on port {}\n", number_ == 1 ? "" : "\n", number_, packet.length, packet.port);
  std::size_t width = 0;
  for (const TraceEvent& event : events) {
    if (is_wanted(event)) width = std::max(width, place_of(sources_, event.span).size());
  }
  for (const TraceEvent& event : events) {
    if (is_wanted(event)) print(event, width);
  }
}

void TracePrinter::print(const TraceEvent& event, std::size_t width) const {
  fmt::print("  {:<{}}  {}{}{}\n", place_of(sources_, event.span), width, colour(event.kind), event.text,
             coloured_ ? "\033[0m" : "");
  if (event.kind != Kind::kVerdict) return;
  for (const auto& [name, value] : event.values) {
    if (name == "bytes") fmt::print("  {:<{}}  {}\n", "", width, value);
  }
}

const char* TracePrinter::colour(Kind kind) const {
  if (!coloured_) return "";
  switch (kind) {
    case Kind::kTable:
      return "\033[36m";
    case Kind::kChange:
      return "\033[33m";
    case Kind::kVerdict:
    case Kind::kCopy:
    case Kind::kPass:
      return "\033[1m";
    default:
      return "";
  }
}

}  // namespace p4bpf::driver
