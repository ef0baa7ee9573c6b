// Stands in for the code generator until it lands; the linker prefers the real one.
#include "codegen/generate.h"

namespace p4bpf::codegen {

__attribute__((weak)) std::optional<Generated> generate(const ir::Program&, const GenerateOptions&,
                                                        Diagnostics& diagnostics) {
  diagnostics.report(DiagnosticKind::kUnsupported, {}, "there is no code generator yet");
  return std::nullopt;
}

}  // namespace p4bpf::codegen
