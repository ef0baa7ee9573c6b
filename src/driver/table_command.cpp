// p4bpf table add|modify|delete|batch|get|dump|clear|default: entries of a running program, value sets included.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <set>

#include "base/files.h"
#include "control/entries.h"
#include "control/entry_file.h"
#include "control/show.h"
#include "control/table_batch.h"
#include "control/target.h"
#include "driver/command.h"

namespace p4bpf::driver {
namespace {

using runtime::Change;
using runtime::TableAccess;

struct TableOptions {
  std::string target;
  std::vector<std::string> words;
  std::optional<std::int32_t> priority;
  std::string file;
  bool json = false;
  bool reset = false;
  bool atomic = false;

  control::Format format() const { return json ? control::Format::kJson : control::Format::kText; }
};

Result<std::string> read_lines(const std::string& file) {
  if (file != "-") return read_file(file);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

/// A line on a terminal that tells how far it is.
class Progress {
 public:
  ~Progress() {
    if (shown_) std::fputc('\n', stderr);
  }
  void operator()(std::size_t done, std::size_t total) {
    if (!is_terminal_ || total < 1000) return;
    std::fprintf(stderr, "\r%zu of %zu lines", done, total);
    shown_ = true;
  }

 private:
  bool is_terminal_ = isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
};

/// One change for each line of the file ("-": standard input), written in large pieces.
Result<void> change_file(control::Target& target, const TableOptions& options, Change change) {
  const Result<std::string> text = read_lines(options.file);
  if (!text) return fail(text.error());
  Progress progress;
  const control::PortOfInterface ports = control::ports_of(target.instance);
  const control::LineSource source{options.file, ports, std::ref(progress), options.atomic};
  const auto write = [&](TableAccess& access) {
    return control::change_lines(access, target.instance.manifest(), target.index, change, *text, source);
  };
  // Rules change as one in place.
  const bool needs_copy =
      options.atomic && !TableAccess::changes_as_one(target.instance.manifest().tables[target.index]);
  if (needs_copy)
    return control::change_as_one(target.instance, {target.index},
                                  [&](TableAccess& access, runtime::Kernel&) { return write(access); });
  TableAccess access = target.instance.tables();
  return write(access);
}

int change_batch(const TableOptions& options) {
  Result<runtime::Instance> instance = control::open_instance(options.target);
  if (!instance) return report(instance.error());
  const Result<std::string> text = read_lines(options.file);
  if (!text) return report(text.error());
  const manifest::Manifest manifest = instance->manifest();
  const auto lines = control::read_batch(manifest, *text, options.file);
  if (!lines) return report(lines.error());
  std::set<std::size_t> tables;
  for (const control::BatchLine& line : *lines) tables.insert(line.table);
  if (tables.empty()) return kFine;
  Progress progress;
  const control::PortOfInterface ports = control::ports_of(*instance);
  const control::LineSource source{options.file, ports, std::ref(progress), true};
  const Result<void> done = control::change_as_one(
      *instance, std::vector(tables.begin(), tables.end()),
      [&](TableAccess& access, runtime::Kernel&) { return control::change_batch(access, manifest, *lines, source); });
  return done ? static_cast<int>(kFine) : report(done.error());
}

Result<void> change_one(control::Target& target, const TableOptions& options, Change change) {
  const manifest::Table& table = target.instance.manifest().tables[target.index];
  const auto parse = change == Change::kDelete ? control::parse_entry_key : control::parse_entry;
  const Result<manifest::Entry> entry =
      parse(table, {options.words, options.priority}, control::ports_of(target.instance));
  if (!entry) return fail(entry.error());
  return target.instance.tables().change(target.index, change, *entry);
}

int change_table(const TableOptions& options, Change change) {
  Result<control::Target> target = control::find_table(options.target);
  if (!target) return report(target.error());
  const Result<void> done =
      options.file.empty() ? change_one(*target, options, change) : change_file(*target, options, change);
  return done ? static_cast<int>(kFine) : report(done.error());
}

int get(const TableOptions& options) {
  Result<control::Target> target = control::find_table(options.target);
  if (!target) return report(target.error());
  TableAccess access = target->instance.tables();
  const manifest::Table& table = target->instance.manifest().tables[target->index];
  const Result<manifest::Entry> key =
      control::parse_entry_key(table, {options.words, options.priority}, control::ports_of(target->instance));
  if (!key) return report(key.error());
  const Result<manifest::Entry> entry = access.get(target->index, *key);
  if (!entry) return report(entry.error());
  std::vector<std::optional<double>> idle;
  if (table.support_timeout) {
    const Result<std::uint32_t> handle = access.handle_of(target->index, *entry);
    if (!handle) return report(handle.error());
    const Result<std::optional<double>> seconds = access.idle_seconds(target->index, *handle);
    if (!seconds) return report(seconds.error());
    idle.push_back(*seconds);
  }
  std::fputs(control::show_table(table, {*entry}, std::nullopt, options.format(), idle).c_str(), stdout);
  return kFine;
}

int dump(const TableOptions& options) {
  Result<control::Target> target = control::find_table(options.target);
  if (!target) return report(target.error());
  TableAccess access = target->instance.tables();
  const manifest::Table& table = target->instance.manifest().tables[target->index];
  Result<std::vector<runtime::Stored>> stored = access.dump_stored(target->index);
  if (!stored) return report(stored.error());
  std::vector<manifest::Entry> entries;
  std::vector<std::optional<double>> idle;
  for (runtime::Stored& one : *stored) {
    entries.push_back(std::move(one.entry));
    if (!table.support_timeout) continue;
    const Result<std::optional<double>> seconds = access.idle_seconds(target->index, one.handle);
    if (!seconds) return report(seconds.error());
    idle.push_back(*seconds);
  }
  std::optional<manifest::Entry> default_entry;
  if (!table.actions.empty()) {
    const Result<manifest::Entry> read = access.get_default(target->index);
    if (!read) return report(read.error());
    default_entry = *read;
  }
  std::fputs(control::show_table(table, entries, default_entry, options.format(), idle).c_str(), stdout);
  return kFine;
}

int clear(const TableOptions& options) {
  Result<control::Target> target = control::find_table(options.target);
  if (!target) return report(target.error());
  const Result<std::size_t> removed = target->instance.tables().clear(target->index);
  return removed ? static_cast<int>(kFine) : report(removed.error());
}

int change_default(const TableOptions& options) {
  Result<control::Target> target = control::find_table(options.target);
  if (!target) return report(target.error());
  TableAccess access = target->instance.tables();
  const manifest::Table& table = target->instance.manifest().tables[target->index];
  if (options.reset) {
    const Result<void> done = access.reset_default(target->index);
    return done ? static_cast<int>(kFine) : report(done.error());
  }
  if (options.words.empty()) {
    const Result<manifest::Entry> now = access.get_default(target->index);
    if (!now) return report(now.error());
    std::printf("%s\n", control::format_target(table, *now).c_str());
    return kFine;
  }
  const Result<manifest::Entry> what = control::parse_target(table, options.words, control::ports_of(target->instance));
  if (!what) return report(what.error());
  const Result<void> done = access.set_default(target->index, *what);
  return done ? static_cast<int>(kFine) : report(done.error());
}

std::shared_ptr<TableOptions> add_target(CLI::App& verb) {
  auto options = std::make_shared<TableOptions>();
  verb.add_option("TABLE", options->target, "the table or value set, as NAME:TABLE or TABLE")->required();
  return options;
}

void add_words(CLI::App& verb, TableOptions& options, const std::string& name, const std::string& what) {
  verb.add_option(name, options.words, what)->type_name("");
  verb.add_option("--priority", options.priority, "where keys are ternary, range or optional; larger wins")
      ->type_name("N");
}

void add_change(CLI::App& table, Chosen& chosen, const std::string& name, const std::string& what,
                const std::string& examples, const std::string& words, Change change) {
  CLI::App* const verb = add_verb(table, name, what, examples);
  const auto options = add_target(*verb);
  add_words(*verb, *options, words, "in order, or as field=value");
  verb->add_option("--file", options->file, "do it for each line of FILE (- is standard input)")->type_name("FILE");
  verb->add_flag("--atomic", options->atomic, "packets see all lines of FILE done, or none")->needs("--file");
  on_chosen(*verb, chosen, [=] { return change_table(*options, change); });
}

}  // namespace

void add_table_command(CLI::App& app, Chosen& chosen) {
  CLI::App* const table =
      add_verb(app, "table", "read and write the tables of a running program",
               "table add r1:ipv4_lpm 10.0.1.0/24 forward port=2 mac=00:00:00:00:01:02\ntable dump r1:ipv4_lpm");
  table->require_subcommand(1);
  add_change(*table, chosen, "add", "add an entry",
             "table add r1:ipv4_lpm 10.0.1.0/24 forward 2 00:00:00:00:01:02\n"
             "table add acl src=10.0.0.0/8 dport=80..443 drop --priority 10\ntable add r1:ipv4_lpm --file routes.txt\n"
             "table add r1:ecmp 10.0.0.0/8 group 7",
             "KEY... ACTION [ARGUMENT...]", Change::kAdd);
  add_change(*table, chosen, "modify", "give an entry another action", "table modify r1:ipv4_lpm 10.0.1.0/24 drop",
             "KEY... ACTION [ARGUMENT...]", Change::kModify);
  add_change(*table, chosen, "delete", "remove an entry", "table delete r1:ipv4_lpm 10.0.1.0/24", "KEY...",
             Change::kDelete);
  {
    CLI::App* const verb =
        add_verb(*table, "batch", "change several tables at once: packets see all changes of a file, or none",
                 "table batch r1 --file changes.txt\n"
                 "printf 'delete routes 10.0.1.0/24\\nadd next_hops 7 drop\\n' | p4bpf table batch r1 --file -");
    const auto options = std::make_shared<TableOptions>();
    verb->add_option("NAME", options->target, "the instance; may be left out if there is only one");
    verb->add_option("--file", options->file,
                     "a change a line: add|modify TABLE KEY... ACTION [ARGUMENT...], delete TABLE KEY...")
        ->type_name("FILE")
        ->required();
    on_chosen(*verb, chosen, [=] { return change_batch(*options); });
  }
  {
    CLI::App* const verb = add_verb(*table, "get", "show one entry", "table get r1:ipv4_lpm 10.0.1.0/24");
    const auto options = add_target(*verb);
    add_words(*verb, *options, "KEY...", "in order, or as field=value");
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return get(*options); });
  }
  {
    CLI::App* const verb = add_verb(*table, "dump", "show all entries and the default action",
                                    "table dump r1:ipv4_lpm\ntable dump ipv4_lpm --json");
    const auto options = add_target(*verb);
    verb->add_flag("--json", options->json, "print JSON");
    on_chosen(*verb, chosen, [=] { return dump(*options); });
  }
  {
    CLI::App* const verb =
        add_verb(*table, "clear", "remove all entries that are not const", "table clear r1:ipv4_lpm");
    const auto options = add_target(*verb);
    on_chosen(*verb, chosen, [=] { return clear(*options); });
  }
  {
    CLI::App* const verb = add_verb(*table, "default", "show or set the default action",
                                    "table default r1:ipv4_lpm\ntable default r1:ipv4_lpm forward port=1 "
                                    "mac=00:00:00:00:00:01\ntable default r1:ipv4_lpm --reset");
    const auto options = add_target(*verb);
    verb->add_option("ACTION [ARGUMENT...]", options->words, "the action that a miss runs")->type_name("");
    verb->add_flag("--reset", options->reset, "back to the program's own");
    on_chosen(*verb, chosen, [=] { return change_default(*options); });
  }
}

}  // namespace p4bpf::driver
