// See profiles.h.
#include "arch/profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "arch/architecture.h"

namespace p4bpf::arch {
namespace {

/// A table without a default action of its own may have one more behind the others.
bool have_same_actions(const ir::Table& a, const ir::Table& b) {
  const std::size_t both = std::min(a.actions.size(), b.actions.size());
  const auto is_own = [&](const ir::Table& table) {
    return std::all_of(table.actions.begin() + static_cast<std::ptrdiff_t>(both), table.actions.end(),
                       [](const ir::Action& action) { return action.default_only; });
  };
  const auto same = [](const ir::Action& x, const ir::Action& y) {
    return x.name == y.name && std::equal(x.params.begin(), x.params.end(), y.params.begin(), y.params.end(),
                                          [](const auto& p, const auto& q) { return p.type == q.type; });
  };
  return is_own(a) && is_own(b) &&
         std::equal(a.actions.begin(), a.actions.begin() + static_cast<std::ptrdiff_t>(both), b.actions.begin(), same);
}

}  // namespace

void check_profiles(const ir::Program& program, Diagnostics& diagnostics) {
  std::map<ir::ExternInstanceId, const ir::Table*> first;
  for (const ir::Table& table : program.tables) {
    if (!table.implementation) continue;
    const ir::ExternInstance& instance = program[table.implementation];
    const ExternTypeRow* const row = find_extern_type(program, instance);
    if (row == nullptr || !std::holds_alternative<ProfileShape>(row->shape(instance))) continue;
    const auto [known, is_new] = first.try_emplace(table.implementation, &table);
    if (is_new || have_same_actions(*known->second, table)) continue;
    diagnostics
        .report(
            DiagnosticKind::kArchitectureRule, table.span,
            fmt::format(
                "table '{}' shares the implementation '{}', expected the actions of the other table in the same order",
                table.name, instance.name))
        .notes.push_back({known->second->span, "this table has it too"});
  }
}

}  // namespace p4bpf::arch
