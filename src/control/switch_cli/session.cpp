// Finds and runs commands (session.h).
#include "control/switch_cli/session.h"

#include <fmt/format.h>

#include <set>
#include <sstream>

#include "base/diagnostics.h"
#include "control/switch_cli/context.h"
#include "control/table_batch.h"
#include "control/target.h"

namespace p4bpf::control::switch_cli {
namespace {

Result<void> help(Context& context, const Words& words);

/// Commands of the language that mean nothing here, and why.
struct Impossible {
  const char* name;
  const char* why;
};
constexpr Impossible kImpossible[] = {
    {"load_new_config_file", "a program is loaded by 'p4bpf load PROG.p4', and tables keep no entries across programs"},
    {"swap_configs", "a program is loaded by 'p4bpf load PROG.p4', which takes effect at once"},
    {"write_config_to_file", "the program is what 'p4bpf compile' wrote; 'p4bpf ps' tells where it came from"},
    {"serialize_state", "what runs stays in the kernel when p4bpf ends; 'p4bpf table dump --json' writes entries"},
    {"set_toeplitz_hash_key", "hash algorithms are compiled into the program; take another HashAlgorithm in it"},
    {"get_time_elapsed", "the program's clock is not kept outside of the kernel"},
    {"get_time_since_epoch", "the program's clock is not kept outside of the kernel"},
    {"table_set_timeout", "entries have no timeouts of their own here"},
    {"mc_set_lag_membership", "multicast nodes copy to ports only, not to link aggregation groups"},
    {"shell", "this is no shell"},
};

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = [] {
    std::vector<Command> all;
    for (auto part : {show_commands(), table_commands(), value_set_commands(), extern_commands(), copy_commands(),
                      profile_commands(), device_commands()})
      all.insert(all.end(), part.begin(), part.end());
    all.push_back({"help", "[COMMAND]", "what there is", 0, 1, help});
    return all;
  }();
  return commands;
}

const Command* find_command(const std::string& name) {
  for (const Command& command : all_commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

Result<void> help(Context& context, const Words& words) {
  if (!words.empty() && find_command(words[0]) == nullptr) return fail("there is no command '" + words[0] + "'");
  if (context.only_checks) return {};
  for (const Command& command : all_commands()) {
    if (words.empty() || words[0] == command.name)
      context.out += fmt::format("{:<70} {}\n", std::string(command.name) + " " + command.usage, command.what);
  }
  return {};
}

Result<const Command*> command_of(const Words& line) {
  const std::string& name = line[0];
  for (const Impossible& one : kImpossible) {
    if (one.name == name) return fail("'" + name + "' is not possible here: " + one.why);
  }
  const Command* const command = find_command(name);
  if (command == nullptr) {
    const std::string near = nearest_name(name, command_names());
    return fail("there is no command '" + name + "'",
                near.empty() ? "'help' lists them" : "did you mean " + near + "?");
  }
  const std::size_t given = line.size() - 1;
  if (given < command->fewest || given > command->most)
    return fail("'" + name + "' has too " + (given < command->fewest ? "few" : "many") + " words",
                "it is " + name + " " + command->usage);
  return command;
}

/// One line: checks it, or does it.
Result<void> run(Context& context, const Words& line) {
  if (line.empty()) return {};
  const Result<const Command*> command = command_of(line);
  if (!command) return fail(command.error());
  return (*command)->run(context, Words(line.begin() + 1, line.end()));
}

struct Line {
  std::size_t number;
  Words words;
};

std::vector<Line> split_lines(std::string_view text) {
  std::vector<Line> lines;
  std::size_t number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back({++number, split(text.substr(start, end - start))});
    start = end + 1;
  }
  return lines;
}

Error at_line(const std::string& file, std::size_t line, Error error) {
  error.message = file + ":" + std::to_string(line) + ": " + error.message;
  return error;
}

/// The tables whose entries the lines change.
Result<std::vector<std::size_t>> changed_tables(const Context& context, const std::vector<Line>& lines) {
  const std::vector<manifest::Table>& all = context.manifest().tables;
  std::set<std::size_t> tables;
  for (const Line& line : lines) {
    const Command* const command = line.words.empty() ? nullptr : find_command(line.words[0]);
    if (command == nullptr || command->changes == Command::Changes::kNone) continue;
    if (command->changes == Command::Changes::kAll) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (holds_changing_entries(all[i])) tables.insert(i);
      }
      continue;
    }
    const Result<std::size_t> table = table_named(context, line.words[1]);
    if (!table) return fail(table.error());
    if (!all[*table].keys.empty()) tables.insert(*table);
  }
  return std::vector(tables.begin(), tables.end());
}

Result<void> run_all(Context& context, const std::vector<Line>& lines, const std::string& file) {
  for (const Line& line : lines) {
    if (Result<void> done = run(context, line.words); !done) return fail(at_line(file, line.number, done.error()));
  }
  return {};
}

}  // namespace

Words split(std::string_view line) {
  std::istringstream stream{std::string(line)};
  Words words;
  for (std::string word; stream >> word;) {
    if (word.starts_with('#') || word.starts_with("//")) break;
    words.push_back(word);
  }
  return words;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : all_commands()) names.emplace_back(command.name);
  return names;
}

std::string usage_of(const std::string& name) {
  const Command* const command = find_command(name);
  return command == nullptr ? "" : command->usage;
}

Result<std::string> run_line(const std::string& instance_name, const std::string& line) {
  const Words words = split(line);
  if (words.empty()) return std::string();
  Result<runtime::Instance> instance = open_instance(instance_name);
  if (!instance) return fail(instance.error());
  Result<State> state = State::load(*instance);
  if (!state) return fail(state.error());
  runtime::TableAccess tables = instance->tables();
  Context context{*instance, tables, instance->kernel(), *state, ports_of(*instance), false, ""};
  Result<void> done = run(context, words);
  if (const Result<void> saved = state->save(*instance); done && !saved) done = saved;
  if (!done) return fail(done.error());
  return context.out;
}

Result<FileResult> run_file(const std::string& instance_name, std::string_view text, const std::string& file,
                            bool keep_going) {
  Result<runtime::Instance> instance = open_instance(instance_name);
  if (!instance) return fail(instance.error());
  Result<State> state = State::load(*instance);
  if (!state) return fail(state.error());
  const std::vector<Line> lines = split_lines(text);
  runtime::TableAccess tables = instance->tables();
  Context context{*instance, tables, instance->kernel(), *state, ports_of(*instance), !keep_going, ""};
  FileResult result;
  for (const Line& line : lines) {
    const Result<void> good = run(context, line.words);
    if (!good) result.errors.push_back(at_line(file, line.number, good.error()));
  }
  if (!keep_going && result.errors.empty()) {
    const Result<std::vector<std::size_t>> changed = changed_tables(context, lines);
    if (!changed) return fail(changed.error());
    Result<void> done;
    if (changed->empty()) {
      context.only_checks = false;
      done = run_all(context, lines, file);
    } else {
      done = change_as_one(*instance, *changed, [&](runtime::TableAccess& copies, runtime::Kernel& kernel) {
        Context on_copies{*instance, copies, kernel, *state, context.ports, false, ""};
        Result<void> all = run_all(on_copies, lines, file);
        context.out = std::move(on_copies.out);
        return all;
      });
    }
    if (!done) {
      result.errors.push_back(done.error());
      return result;  // with the handles of before
    }
  }
  result.out = std::move(context.out);
  if (!keep_going && !result.errors.empty()) return result;
  if (const Result<void> saved = state->save(*instance); !saved) return fail(saved.error());
  return result;
}

}  // namespace p4bpf::control::switch_cli
