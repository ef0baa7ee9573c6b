// Lays text out in columns (columns.h).
#include "control/columns.h"

#include <algorithm>

namespace p4bpf::control {

std::string align_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  std::vector<bool> is_number;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      if (c >= widths.size()) {
        widths.push_back(0);
        is_number.push_back(rows.size() > 1);
      }
      widths[c] = std::max(widths[c], rows[r][c].size());
      const std::string& cell = rows[r][c];
      const bool plain = !cell.empty() && cell.find_first_not_of("0123456789-") == std::string::npos;
      if (r > 0 && !plain) is_number[c] = false;
    }
  }
  std::string out;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - row[c].size(), ' ');
      if (c > 0) line += "  ";
      line += is_number[c] ? space + row[c] : row[c] + space;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace p4bpf::control
