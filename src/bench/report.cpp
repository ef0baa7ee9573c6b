// Tables and JSON of the benchmark (report.h).
#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace p4bpf::bench {
namespace {

std::string both(auto generated, auto twin) { return fmt::format("{} / {}", generated, twin); }

/// `-` where one of the two is less than what can be measured.
std::string ratio(double generated, double twin, double resolution) {
  if (generated <= resolution || twin <= resolution) return "-";
  return fmt::format("{:.2f}", generated / twin);
}

}  // namespace

std::string as_text(const std::vector<Measurement>& measured) {
  const bool has_pps =
      std::any_of(measured.begin(), measured.end(), [](const Measurement& one) { return one.generated.pps != 0; });
  std::string text =
      fmt::format("generated / by hand\n{:<14} {:>15} {:>6} {:>13} {:>6} {:>13} {:>9} {:>13} {:>8}", "program",
                  "ns a packet", "ratio", "instructions", "ratio", "verified", "stack B", "machine B", "p4->c ms");
  if (has_pps) text += fmt::format(" {:>15} {:>6}", "Mpackets/s", "ratio");
  for (const Measurement& one : measured) {
    const Figures &g = one.generated, &t = one.twin;
    text += fmt::format("\n{:<14} {:>15} {:>6} {:>13} {:>6} {:>13} {:>9} {:>13} {:>8.1f}", one.name,
                        fmt::format("{:.2f} / {:.2f}", g.ns, t.ns), ratio(g.ns, t.ns, kResolution),
                        both(g.instructions, t.instructions), ratio(g.instructions, t.instructions, 0),
                        both(g.verified, t.verified), both(g.stack_bytes, t.stack_bytes),
                        both(g.jited_bytes, t.jited_bytes), one.generate_ms);
    if (!has_pps) continue;
    const std::string rates = g.pps == 0 ? "-" : fmt::format("{:.2f} / {:.2f}", g.pps / 1e6, t.pps / 1e6);
    text += fmt::format(" {:>15} {:>6}", rates, ratio(g.pps, t.pps, 0));
  }
  return text + "\n";
}

std::string as_json(const std::vector<Measurement>& measured) {
  const auto figures = [](const Figures& f) {
    nlohmann::json json = {{"ns_per_packet", f.ns},
                           {"instructions", f.instructions},
                           {"verified", f.verified},
                           {"stack_bytes", f.stack_bytes},
                           {"jited_bytes", f.jited_bytes}};
    if (f.pps != 0) json["packets_per_second"] = f.pps;
    return json;
  };
  nlohmann::json all = nlohmann::json::array();
  for (const Measurement& one : measured) {
    all.push_back({{"program", one.name},
                   {"generated", figures(one.generated)},
                   {"by_hand", figures(one.twin)},
                   {"generate_ms", one.generate_ms},
                   {"packets_compared", one.packets_compared}});
  }
  return all.dump(2) + "\n";
}

}  // namespace p4bpf::bench
