// The pieces of glue.h.
#include "arch/glue.h"

#include <fmt/format.h>

#include <algorithm>

namespace p4bpf::arch {
namespace {

void report(ir::Elaborator& elaborator, const ir::PackageInstance& package, const std::string& what) {
  elaborator.diagnostics().report(
      DiagnosticKind::kUnsupported, package.span,
      fmt::format("package `{}` is not the one of its architecture: {}", package.type_name, what));
}

}  // namespace

std::shared_ptr<const ir::BlockInstance> block_at(ir::Elaborator& elaborator, const ir::PackageInstance& package,
                                                  std::size_t index, std::size_t params) {
  std::shared_ptr<const ir::BlockInstance> block;
  if (index < package.arguments.size()) {
    const auto* found = std::get_if<std::shared_ptr<const ir::BlockInstance>>(&package.arguments[index].value);
    if (found != nullptr) block = *found;
  }
  if (block == nullptr || elaborator.param_count(*block) != params) {
    report(elaborator, package, fmt::format("its argument {} is no block of {} parameters", index + 1, params));
    return nullptr;
  }
  return block;
}

ir::VarId scalar(ir::Elaborator& elaborator, const ir::PackageInstance& package, const ir::Storage& storage,
                 ir::Type::Kind kind) {
  const auto* var = std::get_if<ir::VarId>(&storage.node);
  if (var == nullptr || elaborator.program()[*var].type.kind != kind) {
    report(elaborator, package, "a parameter of a block has another type");
    return {};
  }
  return *var;
}

bool has_member(const ir::Storage& storage, std::string_view member) {
  const auto* fields = std::get_if<ir::StructStorage>(&storage.node);
  return fields != nullptr && std::find(fields->names.begin(), fields->names.end(), member) != fields->names.end();
}

ir::VarId scalar_member(ir::Elaborator& elaborator, const ir::PackageInstance& package, const ir::Storage& storage,
                        std::string_view member, ir::Type::Kind kind) {
  if (const auto* fields = std::get_if<ir::StructStorage>(&storage.node)) {
    for (std::size_t i = 0; i < fields->names.size(); ++i) {
      if (fields->names[i] == member) return scalar(elaborator, package, fields->members[i], kind);
    }
  }
  report(elaborator, package, fmt::format("a parameter of a block has no member `{}`", member));
  return {};
}

}  // namespace p4bpf::arch
