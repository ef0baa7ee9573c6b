// Action profiles and selectors: an entry names a member, or a group of which the packet's hash chooses a member, and
// the member has the action. Their maps and values are described in manifest/profile.h.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/describe.h"
#include "codegen/lowering.h"
#include "ir/selector.h"
#include "manifest/profile.h"

namespace p4bpf::codegen {

void Lowering::plan_profiles(const std::map<ir::TableId, const ir::ApplyTable*>& uses) {
  profiles_.resize(manifest_.profiles.size());
  for (std::size_t p = 0; p < profiles_.size(); ++p) {
    // Its tables have the same actions, but for default ones that some have behind them.
    ir::TableId widest;
    for (std::size_t t = 0; t < program_.tables.size(); ++t) {
      if (manifest_.tables[t].profile != p) continue;
      if (!widest || program_[ir::TableId(t)].actions.size() > program_[widest].actions.size()) widest = ir::TableId(t);
    }
    if (!widest) continue;
    const auto use = uses.find(widest);
    plan_profile(p, widest, use == uses.end() ? nullptr : use->second);
  }
}

void Lowering::plan_profile(std::size_t index, ir::TableId widest, const ir::ApplyTable* use) {
  ProfilePlan& plan = profiles_[index];
  manifest::Profile& out = manifest_.profiles[index];
  const Span declared = program_[program_[widest].implementation].span;
  const auto limit = [&](std::uint64_t& size, std::uint64_t most, std::string_view what) {
    if (size > most) unsupported(declared, fmt::format("{} has {} members at most, not {}", what, most, size));
    size = std::min(size, most);
  };
  limit(out.size, manifest::kMostMembers, "an action profile");
  limit(out.max_group_size, manifest::kMostGroupSize, "a group of an action selector");
  plan.values.profile = index;
  plan.values.structure = manifest::Structure::kArray;
  plan_values(plan.values, program_[widest], use);
  finish_values(plan.values);
  plan.member_map = names_.make(out.name);
  plan.values.value_struct = names_.make(plan.member_map + "_member");
  declarations_.push_back(value_struct(plan.values));
  const auto map = [&](const std::string& name, const std::string& value, std::uint64_t entries) {
    declarations_.push_back(
        c::MapDefinition{"P4BPF_MAP", {name, "P4BPF_MAP_ARRAY", "u32", value, std::to_string(entries), "0"}});
  };
  map(plan.member_map, "struct " + plan.values.value_struct, out.size);
  out.member_map = plan.member_map;
  out.value_size = plan.values.value_size;
  for (std::size_t a = 0; a < out.actions.size(); ++a) {
    for (std::size_t i = 0; i < out.actions[a].params.size(); ++i)
      out.actions[a].params[i].slot = plan.values.params[a][i].slot;
  }
  if (!out.is_selector) return;
  plan.max_group_size = static_cast<std::uint32_t>(out.max_group_size);
  plan.group_map = names_.make(plan.member_map + "_groups");
  map(plan.group_map, fmt::format("struct {{ u32 words[{}]; }}", manifest::group_words(plan.max_group_size)),
      manifest::group_count(out));
  out.group_map = plan.group_map;
}

/// A table's values are like those of its profile.
void Lowering::share_values(TablePlan& plan, const ir::Table& table) const {
  const TablePlan& values = profiles_[*plan.profile].values;
  const auto count = static_cast<std::ptrdiff_t>(table.actions.size());
  plan.groups.assign(values.groups.begin(), values.groups.begin() + count);
  plan.params.assign(values.params.begin(), values.params.begin() + count);
  plan.start = values.start;
  plan.has_handles = has_handles(table);
  plan.value_size = values.value_size;
  plan.value_align = values.value_align;
}

/// Calls `run` with the name of a pointer to what `value` stands for: itself, or the member that it names.
void Lowering::run_named(const TablePlan& plan, const ir::ApplyTable& s, const std::string& value,
                         const std::function<void(const std::string&)>& run) {
  const ProfilePlan& profile = profiles_[*plan.profile];
  const ir::Table& table = program_[s.table];
  const std::string type = "const struct " + profile.values.value_struct + " *";
  const std::string member = names_.make("member");
  emit(c::Declare{type, member, {}, tree_.cast(type, name(value))});
  const c::ExprId what = tree_.member(name(value), "action", true);
  const c::BlockId look_up = in_block([&] {
    const std::string number = names_.make("number");
    emit(c::Declare{"u32",
                    number,
                    {},
                    tree_.call("P4BPF_LOAD32",
                               {tree_.binary("+", tree_.cast("const u8 *", name(value)), num(plan.value_size - 4))})});
    if (!profile.group_map.empty()) {
      const c::BlockId choose = in_block([&] {
        const ir::ExprId selector = ir::selector_of(program_, s);
        const c::ExprId chosen = selector ? host(selector) : num(0);
        const c::ExprId group =
            tree_.call("p4bpf_map_lookup", {tree_.address(name(profile.group_map)), tree_.address(name(number))});
        assign(name(number), tree_.call("p4bpf_choose", {group, num(profile.max_group_size), chosen}));
      });
      emit(c::If{tree_.binary("==", what, num(manifest::kGroupTarget)), choose, {}});
    }
    assign(name(member),
           tree_.call("p4bpf_map_lookup", {tree_.address(name(profile.member_map)), tree_.address(name(number))}));
  });
  emit(c::If{tree_.binary(">=", what, num(manifest::kGroupTarget)), look_up, {}});
  const c::BlockId hit = in_block([&] { run(member); });
  // An empty group.
  const std::optional<std::size_t> nothing = ir::no_action(table);
  const c::BlockId none = in_block([&] {
    if (nothing) {
      run_constant(s, *nothing, {});
    } else {
      run_constant(s, table.default_action, table.default_arguments);
    }
  });
  emit(c::If{name(member), hit, none});
}

}  // namespace p4bpf::codegen
