// Whether a manifest hangs together: every index names something, every slot lies inside its struct, every value fits.
// Who has read a manifest through from_json may rely on it without looking again.
#pragma once

#include <string>

#include "manifest/manifest.h"

namespace p4bpf::manifest {

/// Empty if the manifest is sound, else what is wrong and where.
std::string find_fault(const Manifest& manifest);

/// Why `match` cannot be an entry's component for this key field; empty if it can.
std::string find_fault(const KeyMatch& match, const KeyField& field);

}  // namespace p4bpf::manifest
