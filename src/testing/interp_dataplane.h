// The interpreter as an executor: what a program means.
#pragma once

#include <memory>

#include "interp/interpreter.h"
#include "testing/dataplane.h"
#include "testing/extern_library.h"

namespace p4bpf::testing {

/// `program` must outlive it. With `trace`, what happens to each packet is printed on standard error as P4 lines.
/// `externs` has the C bodies of the user's externs, or is null.
Result<std::unique_ptr<Dataplane>> make_interp_dataplane(const ir::Program& program, const SourceMap* trace = nullptr,
                                                         std::unique_ptr<ExternLibrary> externs = nullptr);

}  // namespace p4bpf::testing
