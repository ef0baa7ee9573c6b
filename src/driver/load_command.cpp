// p4bpf load, attach, detach, unload, ps: the life of an instance, step by step.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/show.h"
#include "control/target.h"
#include "driver/command.h"
#include "driver/load_program.h"

namespace p4bpf::driver {
namespace {

control::Format format_of(bool json) { return json ? control::Format::kJson : control::Format::kText; }

int load(const ProgramOptions& program, const InstanceOptions& options, bool stats) {
  const Loaded loaded = load_program(program, options);
  if (!loaded.instance) return loaded.status;
  if (stats) std::fputs(control::show_stats(loaded.stats, format_of(options.json)).c_str(), stdout);
  if (!stats && !options.json) std::printf("%s\n", loaded.instance->name().c_str());
  return kFine;
}

int attach(const InstanceOptions& options) {
  Result<runtime::Instance> instance = control::open_instance(options.name);
  if (!instance) return report(instance.error());
  std::vector<std::string> warnings;
  const Result<void> attached = instance->attach(options.ports(), options.attach_options(), warnings);
  print_warnings(warnings);
  return attached ? static_cast<int>(kFine) : report(attached.error());
}

int detach(const std::string& name, const std::vector<std::string>& interfaces) {
  Result<runtime::Instance> instance = control::open_instance(name);
  if (!instance) return report(instance.error());
  const Result<void> detached = instance->detach(interfaces);
  return detached ? static_cast<int>(kFine) : report(detached.error());
}

int unload(const std::vector<std::string>& names, bool all) {
  std::vector<std::string> wanted = names;
  if (all) {
    const Result<std::vector<std::string>> known = runtime::instance_names();
    if (!known) return report(known.error());
    wanted = *known;
  }
  int status = kFine;
  for (const std::string& name : wanted) {
    const Result<void> done = runtime::unload(name);
    if (!done) status = report(done.error());
  }
  return status;
}

int list(bool json) {
  const Result<std::vector<runtime::InstanceStatus>> instances = runtime::list_instances();
  if (!instances) return report(instances.error());
  std::fputs(control::show_instances(*instances, format_of(json)).c_str(), stdout);
  return kFine;
}

}  // namespace

void add_load_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "load", "compile and load a program; it stays until it is unloaded",
               "load router.p4 --name r1\nload out/router.o --name r1 -i 0@eth0 -i 1@eth1\nload --stats router.p4");
  const auto program = std::make_shared<ProgramOptions>();
  const auto options = std::make_shared<InstanceOptions>();
  const auto stats = std::make_shared<bool>(false);
  add_source_options(*verb, *program, "PROG.p4|PROG.o");
  add_target_options(*verb, *program);
  add_name_option(*verb, *options);
  add_attach_options(*verb, *options);
  add_runtime_option(*verb, *options);
  verb->add_flag("--stats", *stats, "print what the verifier and the JIT made of it");
  verb->add_flag("--json", options->json, "print JSON");
  on_chosen(*verb, chosen, [=] { return load(*program, *options, *stats); });
}

void add_attach_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "attach", "attach a loaded program to more interfaces",
                                  "attach r1 -i 2@eth2\nattach r1 -i 0@eth0 --xdp-mode generic");
  const auto options = std::make_shared<InstanceOptions>();
  verb->add_option("NAME", options->name, "the instance; may be left out if there is only one");
  add_attach_options(*verb, *options);
  verb->get_option("-i")->required();
  on_chosen(*verb, chosen, [=] { return attach(*options); });
}

void add_detach_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "detach", "take a program off interfaces; it stays loaded", "detach r1 -i eth2\ndetach r1");
  const auto name = std::make_shared<std::string>();
  const auto interfaces = std::make_shared<std::vector<std::string>>();
  verb->add_option("NAME", *name, "the instance; may be left out if there is only one");
  verb->add_option("-i", *interfaces, "only off this interface; by default off all")
      ->type_name("IFNAME")
      ->allow_extra_args(false);
  on_chosen(*verb, chosen, [=] { return detach(*name, *interfaces); });
}

void add_unload_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb =
      add_verb(app, "unload", "detach and remove instances, half-loaded ones as well", "unload r1\nunload --all");
  const auto names = std::make_shared<std::vector<std::string>>();
  const auto all = std::make_shared<bool>(false);
  CLI::Option* const positional = verb->add_option("NAME", *names, "the instances");
  CLI::Option* const flag = verb->add_flag("--all", *all, "all there are");
  flag->excludes(positional);
  on_chosen(*verb, chosen, [=] {
    if (names->empty() && !*all) {
      report(Error{"NAME is required", "p4bpf ps lists them; --all takes all", 0});
      return static_cast<int>(kBadUsage);
    }
    return unload(*names, *all);
  });
}

void add_ps_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const verb = add_verb(app, "ps", "list what is loaded and where it is attached", "ps\nps --json");
  const auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "print JSON");
  on_chosen(*verb, chosen, [=] { return list(*json); });
}

}  // namespace p4bpf::driver
