// p4bpf pvs add|delete|list: the values of a parser's value sets.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/entries.h"
#include "control/show.h"
#include "control/target.h"
#include "driver/command.h"

namespace p4bpf::driver {
namespace {

struct PvsOptions {
  std::string target;
  std::vector<std::string> words;
  bool json = false;
};

Result<control::Target> find_value_set(const std::string& text) {
  Result<control::Target> target = control::find_table(text);
  if (!target) return target;
  const manifest::Table& table = target->instance.manifest().tables[target->index];
  if (!table.is_value_set) return fail("'" + table.name + "' is a table, no value set", "p4bpf table changes tables");
  return target;
}

int change(const PvsOptions& options, runtime::Change change) {
  Result<control::Target> target = find_value_set(options.target);
  if (!target) return report(target.error());
  const manifest::Table& set = target->instance.manifest().tables[target->index];
  const Result<manifest::Entry> entry =
      control::parse_entry_key(set, {options.words, std::nullopt}, control::ports_of(target->instance));
  if (!entry) return report(entry.error());
  const Result<void> done = target->instance.tables().change(target->index, change, *entry);
  return done ? static_cast<int>(kFine) : report(done.error());
}

int list(const PvsOptions& options) {
  Result<control::Target> target = find_value_set(options.target);
  if (!target) return report(target.error());
  const Result<std::vector<manifest::Entry>> entries = target->instance.tables().dump(target->index);
  if (!entries) return report(entries.error());
  const auto format = options.json ? control::Format::kJson : control::Format::kText;
  const manifest::Table& set = target->instance.manifest().tables[target->index];
  std::fputs(control::show_table(set, *entries, std::nullopt, format).c_str(), stdout);
  return kFine;
}

std::shared_ptr<PvsOptions> add_target(CLI::App& verb) {
  auto options = std::make_shared<PvsOptions>();
  verb.add_option("SET", options->target, "the value set, as NAME:SET or SET")->required();
  return options;
}

}  // namespace

void add_pvs_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const pvs = add_verb(app, "pvs", "read and write the value sets of a running program's parser",
                                 "pvs add r1:ports 4789\npvs list r1:ports");
  pvs->require_subcommand(1);
  const auto add_change = [&](const char* name, const char* what, const char* example, runtime::Change kind) {
    CLI::App* const verb = add_verb(*pvs, name, what, example);
    const auto options = add_target(*verb);
    verb->add_option("VALUE...", options->words, "a value for each field, in order or as field=value")->required();
    on_chosen(*verb, chosen, [=] { return change(*options, kind); });
  };
  add_change("add", "add a value", "pvs add r1:ports 4789", runtime::Change::kAdd);
  add_change("delete", "remove a value", "pvs delete r1:ports 4789", runtime::Change::kDelete);
  CLI::App* const verb = add_verb(*pvs, "list", "show all values", "pvs list r1:ports --json");
  const auto options = add_target(*verb);
  verb->add_flag("--json", options->json, "print JSON");
  on_chosen(*verb, chosen, [=] { return list(*options); });
}

}  // namespace p4bpf::driver
