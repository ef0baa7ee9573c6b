// The walk of a program from its text to a kernel object: the one place that calls parse, check, elaborate, generate
// and clang in order. check, compile, run, load and test all go through here.
#pragma once

#include "base/diagnostics.h"
#include "base/result.h"
#include "base/source_map.h"
#include "driver/source_options.h"

namespace p4bpf::driver {

/// Parses and checks; prints the diagnostics on standard error or the wanted dump on standard output. The exit status.
int check_source(const SourceOptions& options, const DumpOptions& dump);

}  // namespace p4bpf::driver
