// From what the user named, PROG.p4 or PROG.o with its PROG.json, to an instance that runs. Shared by load and run.
#pragma once

#include <optional>

#include "driver/instance_options.h"
#include "driver/source_options.h"

namespace p4bpf::driver {

struct Loaded {
  std::optional<runtime::Instance> instance;
  std::vector<runtime::ProgramStats> stats;
  int status = 0;  // of the process, where there is no instance; the reason has been printed
};

/// Compiles if need be, loads, pins, and attaches to all interfaces of `options`. Everything or nothing.
Loaded load_program(const ProgramOptions& program, const InstanceOptions& options);

}  // namespace p4bpf::driver
