// Commands of the switch's command language that show tables and actions.
#include <fmt/format.h>

#include <algorithm>

#include "control/switch_cli/values.h"
#include "manifest/entry.h"

namespace p4bpf::control::switch_cli {
namespace {

using manifest::Entry;
using manifest::Table;

constexpr const char* kRuler = "==========\n";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string table_line(const manifest::Manifest& manifest, const Table& table) {
  std::string keys;
  for (const manifest::KeyField& key : table.keys) {
    keys += (keys.empty() ? "" : ",\t") + key.name + "(" + lower(show_match_kind(key.match)) + ", " +
            std::to_string(key.bits) + ")";
  }
  const std::string implementation = table.profile ? manifest.profiles[*table.profile].name : "None";
  return fmt::format("{:<30} [implementation={}, mk={}]\n", table.name, implementation, keys);
}

std::string action_line(const manifest::Action& action) {
  std::string params;
  for (const manifest::ActionParam& param : action.params)
    params += (params.empty() ? "" : ",\t") + param.name + "(" + std::to_string(param.bits) + ")";
  return fmt::format("{:<30} [{}]\n", action.name, params);
}

Result<void> show_tables(Context& context, const Words&) {
  if (context.only_checks) return {};
  for (const Table& table : context.manifest().tables) {
    if (!table.is_value_set) context.out += table_line(context.manifest(), table);
  }
  return {};
}

Result<void> show_actions(Context& context, const Words&) {
  if (context.only_checks) return {};
  std::vector<std::string> shown;
  for (const Table& table : context.manifest().tables) {
    for (const manifest::Action& action : table.actions) {
      if (std::find(shown.begin(), shown.end(), action.name) != shown.end()) continue;
      shown.push_back(action.name);
      context.out += action_line(action);
    }
  }
  return {};
}

Result<void> table_info(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  const Table& table = context.manifest().tables[*index];
  context.out += table_line(context.manifest(), table) + std::string(80, '*') + "\n";
  for (const manifest::Action& action : table.actions) context.out += action_line(action);
  return {};
}

Result<void> table_show_actions(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  for (const manifest::Action& action : context.manifest().tables[*index].actions) context.out += action_line(action);
  return {};
}

Result<void> table_num_entries(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  const Result<std::vector<Entry>> entries = context.tables.dump(*index);
  if (!entries) return fail(entries.error());
  context.out += std::to_string(entries->size()) + "\n";
  return {};
}

std::string what_it_runs(const Table& table, const Entry& entry) {
  switch (entry.target) {
    case manifest::EntryTarget::kMember:
      return "Index: member(" + std::to_string(entry.number) + ")\n";
    case manifest::EntryTarget::kGroup:
      return "Index: group(" + std::to_string(entry.number) + ")\n";
    case manifest::EntryTarget::kAction:
      break;
  }
  const manifest::Action& action = table.actions.at(entry.action);
  return "Action entry: " + action.name + " - " + show_arguments(action, entry.arguments) + "\n";
}

std::string entry_text(const Table& table, std::uint32_t handle, const Entry& entry) {
  std::string text = fmt::format("**********\nDumping entry {:#x}\nMatch key:\n", handle);
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    text += fmt::format("* {:<20}: {:<10}{}\n", table.keys[i].name, show_match_kind(table.keys[i].match),
                        show_key(entry.keys[i], table.keys[i]));
  }
  if (manifest::has_priorities(table)) text += "Priority: " + std::to_string(shown_priority(entry.priority)) + "\n";
  return text + what_it_runs(table, entry);
}

Result<void> table_dump(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  const Table& table = context.manifest().tables[*index];
  const auto entries = context.state.entries(context.tables, context.manifest(), *index);
  if (!entries) return fail(entries.error());
  context.out += kRuler + std::string("TABLE ENTRIES\n");
  for (const auto& [handle, entry] : *entries) context.out += entry_text(table, handle, entry);
  const auto what = context.tables.get_default(*index);
  if (!what) return fail(what.error());
  context.out += kRuler + std::string("Dumping default entry\n") + what_it_runs(table, *what) + kRuler;
  return {};
}

Result<void> table_dump_entry(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  const Result<std::uint32_t> handle = parse_number(words[1], "the handle");
  if (!handle) return fail(handle.error());
  if (context.only_checks) return {};
  const Result<Entry> entry = context.state.entry(context.tables, context.manifest(), *index, *handle);
  if (!entry) return fail(entry.error());
  context.out += entry_text(context.manifest().tables[*index], *handle, *entry);
  return {};
}

Result<void> table_dump_entry_from_key(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  const Table& table = context.manifest().tables[*index];
  Words keys(words.begin() + 1, words.end());
  Entry wanted;
  if (manifest::has_priorities(table) && !keys.empty()) {
    const Result<std::int32_t> priority = parse_priority(keys.back());
    if (!priority) return fail(priority.error());
    wanted.priority = *priority;
    keys.pop_back();
  }
  Result<std::vector<KeyMatch>> parsed = parse_keys(table, keys, context.ports);
  if (!parsed) return fail(parsed.error());
  wanted.keys = std::move(*parsed);
  if (context.only_checks) return {};
  const Result<Entry> entry = context.tables.get(*index, wanted);
  if (!entry) return fail(entry.error());
  const Result<std::uint32_t> handle = context.state.add(context.tables, context.manifest(), *index, *entry);
  if (!handle) return fail(handle.error());
  context.out += entry_text(table, *handle, *entry);
  return {};
}

}  // namespace

std::vector<Command> show_commands() {
  return {
      {"show_tables", "", "the tables with their keys", 0, 0, show_tables},
      {"show_actions", "", "the actions with their parameters", 0, 0, show_actions},
      {"table_show_actions", "TABLE", "the table's actions", 1, 1, table_show_actions},
      {"table_info", "TABLE", "a table and its actions", 1, 1, table_info},
      {"table_num_entries", "TABLE", "how many entries there are", 1, 1, table_num_entries},
      {"table_dump", "TABLE", "all entries and the default action", 1, 1, table_dump},
      {"table_dump_entry", "TABLE HANDLE", "one entry", 2, 2, table_dump_entry},
      {"table_dump_entry_from_key", "TABLE KEY... [PRIORITY]", "one entry", 2, kAnyNumber, table_dump_entry_from_key},
  };
}

}  // namespace p4bpf::control::switch_cli
