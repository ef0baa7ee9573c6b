// p4bpf runtime: a run-time file of the P4 tutorials (sX-runtime.json) into a running program.
#include <CLI/CLI.hpp>

#include "base/files.h"
#include "control/runtime_file.h"
#include "control/target.h"
#include "driver/command.h"
#include "driver/instance_options.h"

namespace p4bpf::driver {
namespace {

int runtime_file(const std::string& name, const std::string& file, bool only_checks) {
  const Result<std::string> text = read_file(file);
  if (!text) return report(text.error());
  Result<runtime::Instance> instance = control::open_instance(name);
  if (!instance) return report(instance.error());
  const Result<control::RuntimeFile> changes =
      control::read_runtime_file(instance->manifest(), *text, file, control::ports_of(*instance));
  if (!changes) return report(changes.error());
  if (only_checks) return kFine;
  std::vector<std::string> warnings;
  const Result<void> done = control::apply_runtime_file(*instance, *changes, file, warnings);
  print_warnings(warnings);
  return done ? static_cast<int>(kFine) : report(done.error());
}

}  // namespace

void add_runtime_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(
      app, "runtime", "add the entries, multicast groups and clone sessions of a run-time file (sX-runtime.json)",
      "runtime s1 s1-runtime.json\nrun basic.p4 --runtime s1-runtime.json -i 1@eth1 -i 2@eth2");
  const auto name = std::make_shared<std::string>();
  const auto file = std::make_shared<std::string>();
  const auto only_checks = std::make_shared<bool>(false);
  verb->add_option("NAME", *name, "the instance")->required();
  verb->add_option("FILE", *file, "the file, as JSON")->required();
  verb->add_flag("--check", *only_checks, "say what is wrong with the file and change nothing");
  on_chosen(*verb, chosen, [=] { return runtime_file(*name, *file, *only_checks); });
}

}  // namespace p4bpf::driver
