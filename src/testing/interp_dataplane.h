// The interpreter as an executor: what a program means.
#pragma once

#include <functional>
#include <memory>

#include "interp/interpreter.h"
#include "testing/dataplane.h"
#include "testing/extern_library.h"

namespace p4bpf::testing {

/// Hears of each packet what happened to it.
using TraceSink =
    std::function<void(std::uint32_t port, const Bytes& packet, const std::vector<interp::TraceEvent>& events)>;

/// `program` must outlive it. `externs` has the C bodies of the user's externs, or is null.
Result<std::unique_ptr<Dataplane>> make_interp_dataplane(const ir::Program& program, TraceSink trace = {},
                                                         std::unique_ptr<ExternLibrary> externs = nullptr);

}  // namespace p4bpf::testing
