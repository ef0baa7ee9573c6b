// See selector.h.
#include "ir/selector.h"

namespace p4bpf::ir {

std::optional<std::size_t> no_action(const Table& table) {
  for (std::size_t i = 0; i < table.actions.size(); ++i) {
    if (table.actions[i].name == "NoAction" && table.actions[i].params.empty()) return i;
  }
  return std::nullopt;
}

}  // namespace p4bpf::ir
