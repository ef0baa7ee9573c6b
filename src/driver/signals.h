// Verbs that stay until somebody ends them: Ctrl-C and the like as a descriptor.
#pragma once

#include "runtime/file_descriptor.h"

namespace p4bpf::driver {

/// A descriptor that becomes readable at Ctrl-C, SIGTERM or SIGHUP, which no longer end the process.
runtime::FileDescriptor watch_signals();
/// Whether one has come.
bool has_signal(const runtime::FileDescriptor& signals);

}  // namespace p4bpf::driver
