// p4bpf compile: a P4 program to PROG.c, PROG.o (eBPF), PROG.json (the manifest) and PROG.p4info.txtpb, .json and .bin.
#include <CLI/CLI.hpp>

#include "driver/command.h"
#include "driver/pipeline.h"

namespace p4bpf::driver {

void add_compile_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "compile", "compile a P4 program to eBPF",
               "compile -o out router.p4\ncompile --hook tc -o out filter.p4\ncompile --dump c router.p4\n"
               "compile -o out --p4runtime-files build/basic.p4.p4info.txtpb basic.p4");
  const auto source = std::make_shared<ProgramOptions>();
  const auto dump = std::make_shared<DumpOptions>();
  const auto folder = std::make_shared<std::string>(".");
  const auto p4info_files = std::make_shared<std::vector<std::string>>();
  add_source_options(*verb, *source);
  add_target_options(*verb, *source);
  add_dump_options(*verb, *dump);
  verb->add_option("-o", *folder, "folder for PROG.c, PROG.o, PROG.json and PROG.p4info.*, made if it is missing")
      ->type_name("DIR")
      ->capture_default_str();
  verb->add_option(
          "--p4runtime-files", *p4info_files,
          "write P4Info into these files as well, separated by commas; the suffix says how: .txtpb, .json or .bin")
      ->type_name("FILE,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  on_chosen(*verb, chosen, [=] { return compile_source(*source, *dump, *folder, *p4info_files); });
}

}  // namespace p4bpf::driver
