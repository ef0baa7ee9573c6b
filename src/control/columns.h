// Text tables: columns as wide as their widest cell, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace p4bpf::control {

/// The first row is the head. Cells that begin with a digit in every row below the head stand to the right.
std::string align_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace p4bpf::control
