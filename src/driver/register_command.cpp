// p4bpf register read|write|reset: the registers of a running program.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "control/show.h"
#include "control/target.h"
#include "control/values.h"
#include "driver/command.h"
#include "runtime/register_access.h"

namespace p4bpf::driver {
namespace {

struct RegisterOptions {
  std::string target;
  std::optional<std::uint64_t> index;
  std::string value;
  bool json = false;
};

int read(const RegisterOptions& options) {
  Result<control::Target> target = control::find_register(options.target);
  if (!target) return report(target.error());
  const manifest::Manifest& manifest = target->instance.manifest();
  runtime::RegisterAccess access(target->instance.kernel(), manifest);
  std::vector<BigInt> values;
  if (options.index) {
    const Result<BigInt> value = access.read(target->index, *options.index);
    if (!value) return report(value.error());
    values.push_back(*value);
  } else {
    Result<std::vector<BigInt>> all = access.read_all(target->index);
    if (!all) return report(all.error());
    values = std::move(*all);
  }
  std::fputs(control::show_register(manifest.registers[target->index], values, options.index.value_or(0),
                                    options.json ? control::Format::kJson : control::Format::kText)
                 .c_str(),
             stdout);
  return kFine;
}

int write(const RegisterOptions& options) {
  Result<control::Target> target = control::find_register(options.target);
  if (!target) return report(target.error());
  const manifest::Register& cells = target->instance.manifest().registers[target->index];
  const Result<BigInt> value = control::parse_value(options.value, {cells.name, cells.kind, cells.bits, nullptr},
                                                    control::ports_of(target->instance));
  if (!value) return report(value.error());
  runtime::RegisterAccess access(target->instance.kernel(), target->instance.manifest());
  const Result<void> done = access.write(target->index, *options.index, *value);
  return done ? static_cast<int>(kFine) : report(done.error());
}

int reset(const RegisterOptions& options) {
  Result<control::Target> target = control::find_register(options.target);
  if (!target) return report(target.error());
  runtime::RegisterAccess access(target->instance.kernel(), target->instance.manifest());
  const Result<void> done = options.index ? access.reset(target->index, *options.index) : access.reset(target->index);
  return done ? static_cast<int>(kFine) : report(done.error());
}

std::shared_ptr<RegisterOptions> add_options(CLI::App& verb) {
  auto options = std::make_shared<RegisterOptions>();
  verb.add_option("REGISTER", options->target, "the register, as NAME:REGISTER or REGISTER")->required();
  return options;
}

}  // namespace

void add_register_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const all =
      add_verb(app, "register", "read and write the registers of a running program",
               "register read r1:last_seen\nregister write r1:last_seen 3 42\nregister reset r1:last_seen");
  all->require_subcommand(1);
  {
    CLI::App* const verb =
        add_verb(*all, "read", "show the values", "register read r1:last_seen\nregister read last_seen 3 --json");
    const auto options = add_options(*verb);
    verb->add_option("INDEX", options->index, "one cell; by default all");
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return read(*options); });
  }
  {
    CLI::App* const verb = add_verb(*all, "write", "set one cell", "register write r1:last_seen 3 42");
    const auto options = add_options(*verb);
    verb->add_option("INDEX", options->index, "the cell")->required();
    verb->add_option("VALUE", options->value, "what it is to hold, as in a table's keys: 42, 0x2a, 10.0.0.1")
        ->required();
    on_chosen(*verb, chosen, [=] { return write(*options); });
  }
  {
    CLI::App* const verb =
        add_verb(*all, "reset", "set cells to zero", "register reset r1:last_seen\nregister reset last_seen 3");
    const auto options = add_options(*verb);
    verb->add_option("INDEX", options->index, "one cell; by default all");
    on_chosen(*verb, chosen, [=] { return reset(*options); });
  }
}

}  // namespace p4bpf::driver
