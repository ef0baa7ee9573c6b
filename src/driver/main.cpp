// p4bpf: the table of contents. Each verb is one file of this folder.
#include <CLI/CLI.hpp>

#include "driver/command.h"

int main(int argc, char** argv) {
  using namespace p4bpf::driver;
  CLI::App app(
      "p4bpf runs P4 programs in the Linux kernel: it compiles them to eBPF, attaches them and fills their tables",
      "p4bpf");
  app.set_version_flag("--version", "p4bpf " P4BPF_VERSION);
  app.require_subcommand(1);
  Chosen chosen;
  add_check_command(app, chosen);    // is the program right?
  add_compile_command(app, chosen);  // to an eBPF object and its manifest
  add_test_command(app, chosen);     // does it do to packets what it should?
  add_trace_command(app, chosen);    // what does it do to a packet, step by step?
  add_run_command(app, chosen);      // compile, load, attach, watch
  add_load_command(app, chosen);
  add_attach_command(app, chosen);
  add_detach_command(app, chosen);
  add_unload_command(app, chosen);
  add_ps_command(app, chosen);
  add_table_command(app, chosen);     // entries of a running program
  add_counter_command(app, chosen);   // its counts
  add_register_command(app, chosen);  // its registers
  add_meter_command(app, chosen);     // the rates of its meters
  add_digest_command(app, chosen);    // what it has to tell
  add_mcast_command(app, chosen);     // where copies of packets go:
  add_mirror_command(app, chosen);    // groups and clone sessions
  add_profile_command(app, chosen);   // its action profiles: members
  add_selector_command(app, chosen);  // and groups of them
  add_pvs_command(app, chosen);       // its parser's value sets
  add_runtime_command(app, chosen);   // the tutorials' run-time files
  add_cli_command(app, chosen);       // all of that in the reference switch's own language
  add_fmt_command(app, chosen);       // source text in the common style
  add_explain_command(app, chosen);   // what a kind of diagnostic means
  add_graph_command(app, chosen);     // its parsers and controls as drawings
  add_lsp_command(app, chosen);       // for editors
  add_bench_command(app, chosen);     // generated code beside code by hand
  add_completion_command(app, chosen);
  add_man_command(app, chosen);
  return parse_and_run(app, chosen, argc, argv);
}
