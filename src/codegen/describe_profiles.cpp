// The logical side of action profiles in the manifest (describe.h).
#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "arch/architecture.h"
#include "codegen/describe.h"

namespace p4bpf::codegen {
namespace {

/// Of a selector whose program does not say.
constexpr std::uint64_t kGroupSize = 256;

/// N of "@max_group_size(N)"; 0 or none leaves it to us.
std::uint64_t max_group_size(const ir::Annotations& annotations) {
  constexpr std::string_view kName = "@max_group_size(";
  for (const std::string& one : annotations) {
    if (!one.starts_with(kName)) continue;
    const std::size_t digits = one.find_first_not_of(' ', kName.size());
    std::uint64_t size = 0;
    if (digits == std::string::npos) continue;
    const auto read = std::from_chars(one.data() + digits, one.data() + one.size(), size);
    if (read.ec == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
    if (size != 0) return size;
  }
  return kGroupSize;
}

}  // namespace

void describe_profiles(const ir::Program& program, manifest::Manifest& out) {
  std::map<ir::ExternInstanceId, std::size_t> profiles;
  for (std::size_t i = 0; i < program.extern_instances.size(); ++i) {
    const ir::ExternInstanceId id(i);
    const ir::ExternInstance& instance = program[id];
    const arch::ExternTypeRow* const row = arch::find_extern_type(program, instance);
    if (row == nullptr) continue;
    const arch::InstanceShape shape = row->shape(instance);
    const auto* const profile = std::get_if<arch::ProfileShape>(&shape);
    if (profile == nullptr) continue;
    manifest::Profile made;
    made.name = instance.name;
    made.size = std::max<std::uint64_t>(profile->size, 1);
    made.is_selector = profile->is_selector;
    if (made.is_selector) made.max_group_size = max_group_size(instance.annotations);
    made.annotations = instance.annotations;
    profiles[id] = out.profiles.size();
    out.profiles.push_back(std::move(made));
  }
  for (std::size_t t = 0; t < out.tables.size(); ++t) {
    const auto found = profiles.find(program[ir::TableId(t)].implementation);
    if (found == profiles.end()) continue;
    out.tables[t].profile = found->second;
    manifest::Profile& profile = out.profiles[found->second];
    if (out.tables[t].actions.size() > profile.actions.size()) profile.actions = out.tables[t].actions;
  }
}

}  // namespace p4bpf::codegen
