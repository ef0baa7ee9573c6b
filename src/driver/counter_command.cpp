// p4bpf counter show|reset: counts of a running program.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/show.h"
#include "control/target.h"
#include "driver/command.h"

namespace p4bpf::driver {
namespace {

struct CounterOptions {
  std::string target;
  std::optional<std::uint64_t> index;
  bool json = false;
};

int show(const CounterOptions& options) {
  Result<control::Target> target = control::find_counter(options.target);
  if (!target) return report(target.error());
  runtime::TableAccess access = target->instance.tables();
  const manifest::Counter& counter = target->instance.manifest().counters[target->index];
  const control::Format format = options.json ? control::Format::kJson : control::Format::kText;
  if (counter.table && !options.index) {
    const auto entries = access.dump_stored(*counter.table);
    if (!entries) return report(entries.error());
    const auto counts = access.read_counters(target->index);
    if (!counts) return report(counts.error());
    const manifest::Table& table = target->instance.manifest().tables[*counter.table];
    std::fputs(control::show_direct_counter(counter, table, *entries, *counts, format).c_str(), stdout);
    return kFine;
  }
  std::vector<runtime::CounterValue> values;
  if (options.index) {
    const Result<runtime::CounterValue> value = access.read_counter(target->index, *options.index);
    if (!value) return report(value.error());
    values.push_back(*value);
  } else {
    Result<std::vector<runtime::CounterValue>> all = access.read_counters(target->index);
    if (!all) return report(all.error());
    values = std::move(*all);
  }
  std::fputs(control::show_counter(counter, values, format).c_str(), stdout);
  return kFine;
}

int reset(const CounterOptions& options) {
  Result<control::Target> target = control::find_counter(options.target);
  if (!target) return report(target.error());
  runtime::TableAccess access = target->instance.tables();
  const Result<void> done =
      options.index ? access.reset_counter(target->index, *options.index) : access.reset_counters(target->index);
  return done ? static_cast<int>(kFine) : report(done.error());
}

std::shared_ptr<CounterOptions> add_options(CLI::App& verb) {
  auto options = std::make_shared<CounterOptions>();
  verb.add_option("COUNTER", options->target, "the counter, as NAME:COUNTER or COUNTER")->required();
  verb.add_option("INDEX", options->index, "one element; by default all");
  return options;
}

}  // namespace

void add_counter_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const counter = add_verb(app, "counter", "read and reset the counters of a running program",
                                     "counter show r1:packets\ncounter reset r1:packets 3");
  counter->require_subcommand(1);
  {
    CLI::App* const verb = add_verb(*counter, "show", "show the counts, summed over all CPUs",
                                    "counter show r1:packets\ncounter show packets 3 --json");
    const auto options = add_options(*verb);
    verb->alias("dump");
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return show(*options); });
  }
  {
    CLI::App* const verb =
        add_verb(*counter, "reset", "set the counts to zero", "counter reset r1:packets\ncounter reset packets 3");
    const auto options = add_options(*verb);
    on_chosen(*verb, chosen, [=] { return reset(*options); });
  }
}

}  // namespace p4bpf::driver
