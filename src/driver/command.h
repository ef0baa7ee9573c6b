// What every subcommand is made of: a function add_NAME_command that hangs the verb with its options and help into the
// CLI11 tree, and tells Chosen what to run when the user chose it. Exit statuses are fixed by the design.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace p4bpf::driver {

/// Exit statuses; anything else is an internal fault.
enum ExitStatus : int {
  kFine = 0,
  kWrong = 1,        // the P4 program, the test or the request; the message says where
  kBadUsage = 2,     // the command line
  kUnavailable = 77  // cannot run here: no privilege, no kernel feature; the message says what is missing
};

/// What the command line asked for; set by the callback of the subcommand.
struct Chosen {
  std::function<int()> run;
};

/// Adds a subcommand. `examples` has one command a line ("check router.p4"), shown in --help and in the man page.
CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& description,
                   const std::string& examples);
/// The examples of a verb as they were given to add_verb.
std::string examples_of(const CLI::App& verb);
/// Lets `run` be what the program does when `verb` was chosen.
void on_chosen(CLI::App& verb, Chosen& chosen, std::function<int()> run);

/// What a failure of the world means: kUnavailable where the machine lacks a privilege or a feature (EPERM, EACCES,
/// ENOSYS, EOPNOTSUPP), else kWrong.
int status_of(const Error& error);
/// `p4bpf: error: MESSAGE` and the hint on standard error; the status of the error.
int report(const Error& error);

/// Whether this stream is a terminal that wants colours (NO_COLOR unset, TERM not dumb).
bool wants_colours(int fd);

/// Parses the command line against the tree and runs what was chosen; the exit status.
int parse_and_run(CLI::App& app, Chosen& chosen, int argc, char** argv);

// One for each file *_command.cpp.
void add_check_command(CLI::App& app, Chosen& chosen);
void add_test_command(CLI::App& app, Chosen& chosen);
void add_compile_command(CLI::App& app, Chosen& chosen);
void add_trace_command(CLI::App& app, Chosen& chosen);
void add_run_command(CLI::App& app, Chosen& chosen);
void add_load_command(CLI::App& app, Chosen& chosen);
void add_attach_command(CLI::App& app, Chosen& chosen);
void add_detach_command(CLI::App& app, Chosen& chosen);
void add_unload_command(CLI::App& app, Chosen& chosen);
void add_ps_command(CLI::App& app, Chosen& chosen);
void add_table_command(CLI::App& app, Chosen& chosen);
void add_counter_command(CLI::App& app, Chosen& chosen);
void add_profile_command(CLI::App& app, Chosen& chosen);
void add_selector_command(CLI::App& app, Chosen& chosen);
void add_pvs_command(CLI::App& app, Chosen& chosen);
void add_runtime_command(CLI::App& app, Chosen& chosen);
void add_cli_command(CLI::App& app, Chosen& chosen);
void add_register_command(CLI::App& app, Chosen& chosen);
void add_meter_command(CLI::App& app, Chosen& chosen);
void add_digest_command(CLI::App& app, Chosen& chosen);
void add_mcast_command(CLI::App& app, Chosen& chosen);
void add_mirror_command(CLI::App& app, Chosen& chosen);
void add_fmt_command(CLI::App& app, Chosen& chosen);
void add_explain_command(CLI::App& app, Chosen& chosen);
void add_graph_command(CLI::App& app, Chosen& chosen);
void add_bench_command(CLI::App& app, Chosen& chosen);
void add_lsp_command(CLI::App& app, Chosen& chosen);
void add_completion_command(CLI::App& app, Chosen& chosen);
void add_man_command(CLI::App& app, Chosen& chosen);

}  // namespace p4bpf::driver
