// What the benchmark of tables measured: as tables for people, as JSON, as a drawing.
#pragma once

#include <string>
#include <vector>

#include "bench/tables.h"

namespace p4bpf::bench {

std::string as_text(const std::vector<TableMeasurement>& measured);
std::string as_json(const std::vector<TableMeasurement>& measured);
/// SVG: the cost of a lookup over the number of entries, a panel for each kind, both axes logarithmic.
std::string as_plot(const std::vector<TableMeasurement>& measured);

}  // namespace p4bpf::bench
