// Other programs that we run: their exit status and what they printed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace p4bpf {

struct ProcessOutcome {
  int status = 0;  // exit status, or 128 + the signal that ended it
  std::string out;
  std::string err;
};

/// Runs argv[0] (found along $PATH) to its end, `input` on its standard input. Fails only if it could not be started or waited for.
Result<ProcessOutcome> run_process(const std::vector<std::string>& argv, const std::string& input = {});

/// The file that argv[0] == `name` would run: a path as it is, a plain name along $PATH; "" if there is none that may be executed.
std::string find_program(const std::string& name);

}  // namespace p4bpf
