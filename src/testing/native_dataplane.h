// The native executor: the generated C as a shared object in this process. Fast, needs no privilege, runs under
// sanitizers.
#pragma once

#include <memory>
#include <string>

#include "testing/dataplane.h"

namespace p4bpf::testing {

/// `library` is what object::compile_native wrote. It must not be loaded twice at the same time: its variables are the
/// tables.
Result<std::unique_ptr<Dataplane>> make_native_dataplane(const manifest::Manifest& manifest, const std::string& library,
                                                         std::vector<std::string> externs = {});

}  // namespace p4bpf::testing
