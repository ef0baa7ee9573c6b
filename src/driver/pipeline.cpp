#include "driver/pipeline.h"

#include <fstream>

#include "driver/command.h"

namespace p4bpf::driver {

int check_source(const SourceOptions& options, const DumpOptions&) {
  std::ifstream file(options.file);
  if (!file) return report(Error{"cannot read '" + options.file + "'", "", 0});
  return kFine;
}

}  // namespace p4bpf::driver
