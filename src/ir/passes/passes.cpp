// The passes in the order in which they run. Each states what it needs and gives; passes_test.cpp checks that the order fits.
#include "ir/passes/pass.h"
#include "ir/passes/fold_passes.h"
#include "ir/passes/propagate_values.h"
#include "ir/passes/remove_dead_code.h"
#include "ir/passes/unroll_parsers.h"
#include "ir/validator.h"

namespace p4bpf::ir {

const std::vector<Pass>& all_passes() {
  static const std::vector<Pass> passes = {
      {"unroll_parsers", unroll_parsers, {}, {Property::kAcyclicParsers}},
      {"propagate_values", propagate_values, {}, {Property::kConstantsFolded}},
      {"remove_dead_code", remove_dead_code, {Property::kConstantsFolded}, {Property::kNoDeadCode}},
      {"fold_passes", fold_passes, {Property::kNoDeadCode}, {Property::kNoDeadCode}},
  };
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
