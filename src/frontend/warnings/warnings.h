// Warnings: what is allowed and hardly meant. They are looked for in a program that has been checked without errors, so
// that every name is resolved and every type known; none of them changes what the program means.
//
// `@noWarn("KIND")` on a declaration or a block silences that kind inside of it.
#pragma once

#include "frontend/typed_program.h"

namespace p4bpf {

/// Reports the warnings of a program without errors, in the order of the text. Linear in the program; the analysis of
/// values and headers gives up in silence where a program would take too long.
void check_warnings(const TypedProgram& program, Diagnostics& diagnostics);

}  // namespace p4bpf
