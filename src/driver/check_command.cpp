// p4bpf check: is the program right?
#include <CLI/CLI.hpp>

#include "driver/command.h"
#include "driver/pipeline.h"

namespace p4bpf::driver {

void add_check_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "check", "say whether a P4 program is right",
                                  "check router.p4\ncheck -I include -D DEBUG=1 router.p4");
  const auto source = std::make_shared<ProgramOptions>();
  const auto dump = std::make_shared<DumpOptions>();
  add_source_options(*verb, *source);
  add_dump_options(*verb, *dump);
  on_chosen(*verb, chosen, [source, dump] { return check_source(*source, *dump); });
}

}  // namespace p4bpf::driver
