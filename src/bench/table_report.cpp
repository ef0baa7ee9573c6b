// Tables and JSON of the benchmark of tables (table_report.h).
#include "bench/table_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace p4bpf::bench {
namespace {

/// Three digits, as far as there are so many.
std::string brief(double value) { return value < 100 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value); }

/// Thousands a second.
std::string rates(const Rates& r) {
  return fmt::format("{} / {} / {}", brief(r.add / 1e3), brief(r.modify / 1e3), brief(r.remove / 1e3));
}

nlohmann::json json_of(const Rates& r) { return {{"add", r.add}, {"modify", r.modify}, {"delete", r.remove}}; }

std::string name(const TableMeasurement& one) {
  return label_of(one.what) + (one.what.is_firewall ? fmt::format(" ({} masks)", one.masks) : "");
}

}  // namespace

std::string as_text(const std::vector<TableMeasurement>& measured) {
  std::string text = fmt::format("one lookup, ns\n{:<30} {:>8} {:>13} {:>8} {:>8} {:>6}  {}\n", "table", "entries",
                                 "structure", "p4bpf", "hash 1k", "ratio", "by hand (times p4bpf)");
  for (const TableMeasurement& one : measured) {
    text += fmt::format("{:<30} {:>8} {:>13} {:>8.1f} {:>8.1f} {:>6.2f} ", name(one), one.what.count, one.structure,
                        one.ns, one.hash_ns, one.ns / one.hash_ns);
    for (const auto& other : one.by_hand)
      text += fmt::format(" {} {:.1f} ({}x)", other.name, other.ns, brief(other.ns / one.ns));
    text += '\n';
  }
  text += fmt::format("\nadd / modify / delete, thousands a second\n{:<30} {:>8} {:>9} {:>24} {:>24}  {}\n", "table",
                      "entries", "B/entry", "lines of a file", "one by one", "batch / bare system call (ratio)");
  for (const TableMeasurement& one : measured) {
    text += fmt::format("{:<30} {:>8} {:>9.0f} {:>24} {:>24}", name(one), one.what.count, one.bytes_per_entry,
                        rates(one.lines), rates(one.single));
    if (one.batch != 0)
      text += fmt::format("  {:.0f} / {:.0f} ({:.2f})", one.batch / 1e3, one.system_calls / 1e3,
                          one.batch / one.system_calls);
    text += '\n';
  }
  return text;
}

std::string as_json(const std::vector<TableMeasurement>& measured) {
  nlohmann::json all = nlohmann::json::array();
  for (const TableMeasurement& one : measured) {
    nlohmann::json by_hand = nlohmann::json::object();
    for (const auto& other : one.by_hand) by_hand[other.name] = other.ns;
    nlohmann::json entry = {{"kind", name_of(one.what.kind)},
                            {"key_bytes", one.what.key_bytes},
                            {"entries", one.what.count},
                            {"firewall", one.what.is_firewall},
                            {"structure", one.structure},
                            {"lookup_ns", one.ns},
                            {"hash_1k_ns", one.hash_ns},
                            {"by_hand_ns", by_hand},
                            {"bytes_per_entry", one.bytes_per_entry},
                            {"lines_per_second", json_of(one.lines)},
                            {"single_per_second", json_of(one.single)}};
    if (one.masks != 0) entry["masks"] = one.masks;
    if (one.batch != 0) entry["batch_per_second"] = {{"library", one.batch}, {"system_call", one.system_calls}};
    all.push_back(std::move(entry));
  }
  return all.dump(2) + "\n";
}

}  // namespace p4bpf::bench
