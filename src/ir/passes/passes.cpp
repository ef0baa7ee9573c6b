// The passes in the order in which they run. Each states what it needs and gives; passes_test.cpp checks that the order
// fits.
#include "ir/passes/pass.h"
#include "ir/validator.h"

namespace p4bpf::ir {

const std::vector<Pass>& all_passes() {
  static const std::vector<Pass> passes = {};
  return passes;
}

void run_passes(Program& program, PassContext& context, std::string_view stop_after) {
  assert_valid(program, "elaboration");
  for (const Pass& pass : all_passes()) {
    pass.run(program, context);
    if (context.diagnostics.has_errors()) return;
    assert_valid(program, pass.name);
    if (pass.name == stop_after) return;
  }
}

}  // namespace p4bpf::ir
