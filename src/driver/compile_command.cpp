// p4bpf compile: a P4 program to PROG.c, PROG.o (eBPF) and PROG.json (the manifest).
#include <CLI/CLI.hpp>

#include "driver/command.h"
#include "driver/pipeline.h"

namespace p4bpf::driver {

void add_compile_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "compile", "compile a P4 program to eBPF",
               "compile -o out router.p4\ncompile --hook tc -o out filter.p4\ncompile --dump c router.p4");
  const auto source = std::make_shared<ProgramOptions>();
  const auto dump = std::make_shared<DumpOptions>();
  const auto folder = std::make_shared<std::string>(".");
  add_source_options(*verb, *source);
  add_target_options(*verb, *source);
  add_dump_options(*verb, *dump);
  verb->add_option("-o", *folder, "folder for PROG.c, PROG.o and PROG.json, made if it is missing")
      ->type_name("DIR")
      ->capture_default_str();
  on_chosen(*verb, chosen, [=] { return compile_source(*source, *dump, *folder); });
}

}  // namespace p4bpf::driver
