// What a command of the switch's command language works on.
#pragma once

#include <string>
#include <vector>

#include "control/switch_cli/state.h"
#include "control/values.h"
#include "runtime/instance.h"
#include "runtime/table_access.h"

namespace p4bpf::control::switch_cli {

/// A line without its command.
using Words = std::vector<std::string>;

struct Context {
  runtime::Instance& instance;
  /// Of the instance, or of copies that take the place of its tables when all commands of a file are done.
  runtime::TableAccess& tables;
  /// That holds their maps and all others.
  runtime::Kernel& kernel;
  State& state;
  PortOfInterface ports;
  /// Only looks whether the command could be meant so; changes and prints nothing.
  bool only_checks = false;
  std::string out;

  const manifest::Manifest& manifest() const { return instance.manifest(); }
};

/// Each command reads and checks its words first; then it returns if the context only checks.
struct Command {
  const char* name;
  const char* usage;  // behind the name
  const char* what;
  std::size_t fewest;  // words
  std::size_t most;
  Result<void> (*run)(Context&, const Words&);
  /// Whose entries it changes: of the table that the first word names, or of all.
  enum class Changes { kNone, kTable, kAll } changes = Changes::kNone;
};
constexpr std::size_t kAnyNumber = ~std::size_t{0};

/// The commands of one file each.
std::vector<Command> table_commands();
std::vector<Command> show_commands();
std::vector<Command> value_set_commands();
std::vector<Command> extern_commands();
std::vector<Command> copy_commands();
std::vector<Command> profile_commands();
std::vector<Command> device_commands();

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

/// The words of a line, up to a comment (# or //).
Words split(std::string_view line);

/// Whether entries can be added to the table and removed.
bool holds_changing_entries(const manifest::Table& table);

/// The table of that name; value sets are none.
Result<std::size_t> table_named(const Context& context, const std::string& name);

/// All multicast groups and their nodes.
Result<void> remove_groups(Context& context);

/// A command of tables of both kinds, with and without profile: TABLE.
Result<void> reset_default(Context& context, const Words& words);

/// A whole number of up to 32 bits, decimal or hexadecimal. `what` is for the message.
Result<std::uint32_t> parse_number(const std::string& word, const std::string& what);

}  // namespace p4bpf::control::switch_cli
