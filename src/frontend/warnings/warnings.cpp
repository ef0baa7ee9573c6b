// The table of contents of the warnings: one analysis a file.
#include "frontend/warnings/warnings.h"

#include "frontend/warnings/findings.h"

namespace p4bpf {

void check_warnings(const TypedProgram& program, Diagnostics& diagnostics) {
  if (diagnostics.has_errors()) return;
  warnings::Findings findings(program, diagnostics);
  warnings::find_unused(findings);
  warnings::find_unreachable(findings);
  warnings::find_shadowing(findings);
  warnings::find_no_effect(findings);
  warnings::find_bad_values(findings);
  findings.report();
}

}  // namespace p4bpf
