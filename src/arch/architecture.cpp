// The table of architectures and the look-up in it (architecture.h).
#include "arch/architecture.h"

#include "arch/ebpf_model.h"
#include "arch/v1model.h"
#include "arch/xdp_model.h"

namespace p4bpf::arch {

const std::vector<Architecture>& all_architectures() {
  static const std::vector<Architecture> kAll = {ebpf_model(), xdp_model(), v1model()};
  return kAll;
}

const Architecture* find_architecture(std::string_view package_name) {
  for (const Architecture& architecture : all_architectures()) {
    for (const std::string_view package : architecture.packages) {
      if (package == package_name) return &architecture;
    }
  }
  return nullptr;
}

const Architecture* architecture_named(std::string_view name) {
  for (const Architecture& architecture : all_architectures()) {
    if (architecture.name == name) return &architecture;
  }
  return nullptr;
}

const ExternRow* find_extern(const ir::Program& program, const ir::ExternFunction& function) {
  const Architecture* architecture = architecture_named(program.architecture);
  if (architecture == nullptr || function.is_user) return nullptr;
  for (const ExternRow& row : architecture->externs) {
    if (row.name == function.name && row.param_count == function.params.size()) return &row;
  }
  return nullptr;
}

const ExternTypeRow* find_extern_type(const ir::Program& program, const ir::ExternInstance& instance) {
  const Architecture* architecture = architecture_named(program.architecture);
  if (architecture == nullptr) return nullptr;
  for (const ExternTypeRow& row : architecture->extern_types) {
    if (row.name == instance.type_name && row.argument_count == instance.arguments.size()) return &row;
  }
  return nullptr;
}

}  // namespace p4bpf::arch
