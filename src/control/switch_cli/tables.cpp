// Commands of the switch's command language that change tables.
#include <fmt/format.h>

#include <algorithm>

#include "control/entries.h"
#include "control/switch_cli/values.h"
#include "manifest/entry.h"

namespace p4bpf::control::switch_cli {

bool holds_changing_entries(const manifest::Table& table) {
  return !table.keys.empty() && !table.entries_are_const && !table.map.empty();
}

Result<std::size_t> table_named(const Context& context, const std::string& name) {
  std::vector<std::string> names;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < context.manifest().tables.size(); ++i) {
    if (context.manifest().tables[i].is_value_set) continue;
    names.push_back(context.manifest().tables[i].name);
    indices.push_back(i);
  }
  const Result<std::size_t> found = manifest::find_by_name("table", name, names);
  if (!found) return fail(found.error());
  return indices[*found];
}

namespace {

using manifest::Entry;
using manifest::Table;

Result<void> check_plain(const Table& table) {
  if (!table.profile) return {};
  return fail("table '" + table.name + "' takes its actions from an action profile", "use table_indirect_add");
}

/// What is printed of an entry before it is added.
std::string describe(const Table& table, const Entry& entry) {
  std::string keys;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    keys += (keys.empty() ? "" : "\t") + show_match_kind(table.keys[i].match) + "-" +
            show_key(entry.keys[i], table.keys[i]);
  }
  return fmt::format("{:<20} {}\n{:<20} {}\n{:<20} {}\n", "match key:", keys,
                     "action:", table.actions[entry.action].name,
                     "runtime data:", show_arguments(table.actions[entry.action], entry.arguments));
}

/// A table without a key: the software switch holds one entry in it, which all packets find. Here it is the default.
Result<void> add_without_key(Context& context, std::size_t index, const std::string& name, const Words& params) {
  const Table& table = context.manifest().tables[index];
  const Result<Called> called = parse_action(table.actions, name, params, context.ports);
  if (!called) return fail(called.error());
  Entry entry;
  entry.action = called->action;
  entry.arguments = called->arguments;
  if (Result<void> good = manifest::check_default(table, entry); !good) return good;
  if (context.only_checks) return {};
  if (Result<void> done = context.tables.set_default(index, entry); !done) return done;
  context.out += "Adding entry to exact match table " + table.name + "\n" + describe(table, entry) +
                 "note: the table has no key; this is its default action now\n";
  return {};
}

Result<void> add(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  const Table& table = context.manifest().tables[*index];
  if (Result<void> good = check_plain(table); !good) return good;
  const auto arrow = static_cast<std::size_t>(std::find(words.begin(), words.end(), "=>") - words.begin());
  if (arrow == words.size())
    return fail("'=>' is missing between the keys and the action's parameters",
                "it stands there even where there are none");
  if (table.keys.empty() && arrow == 2)
    return add_without_key(context, *index, words[1], slice(words, 3, words.size()));
  std::size_t end = words.size();
  Entry entry;
  if (manifest::has_priorities(table)) {
    if (end == arrow + 1)
      return fail("an entry of table '" + table.name + "' ends with its priority", "the lower number wins");
    const Result<std::int32_t> priority = parse_priority(words[--end]);
    if (!priority) return fail(priority.error());
    entry.priority = *priority;
  }
  Result<std::vector<KeyMatch>> keys =
      parse_keys(table, slice(words, 2, std::max<std::size_t>(arrow, 2)), context.ports);
  if (!keys) return fail(keys.error());
  entry.keys = std::move(*keys);
  Result<Called> called = parse_action(table.actions, words[1], slice(words, arrow + 1, end), context.ports);
  if (!called) return fail(called.error());
  entry.action = called->action;
  entry.arguments = std::move(called->arguments);
  const Result<Entry> normal = manifest::normalize(table, entry);
  if (!normal) return fail(normal.error());
  if (context.only_checks) return {};
  if (Result<void> done = context.tables.insert(*index, *normal); !done) return done;
  const Result<std::uint32_t> handle = context.state.add(context.tables, context.manifest(), *index, *normal);
  if (!handle) return fail(handle.error());
  std::string kind = show_match_kind(table.keys.size() == 1 ? table.keys[0].match : manifest::MatchKind::kExact);
  if (manifest::has_priorities(table)) kind = "TERNARY";
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  context.out += "Adding entry to " + kind + " match table " + table.name + "\n" + describe(table, *normal) +
                 "Entry has been added with handle " + std::to_string(*handle) + "\n";
  return {};
}

Result<void> modify(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  const Table& table = context.manifest().tables[*index];
  if (Result<void> good = check_plain(table); !good) return good;
  const Result<std::uint32_t> handle = parse_number(words[2], "the handle");
  if (!handle) return fail(handle.error());
  const Result<Called> what =
      parse_action(table.actions, words[1], slice(words, 3, words.size()), context.ports);
  if (!what) return fail(what.error());
  if (context.only_checks) return {};
  Result<Entry> entry = context.state.entry(context.tables, context.manifest(), *index, *handle);
  if (!entry) return fail(entry.error());
  entry->action = what->action;
  entry->arguments = what->arguments;
  context.out += fmt::format("Modifying entry {} for {} match table\n", *handle, table.name);
  return context.tables.modify(*index, *entry);
}

Result<void> remove(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  const Table& table = context.manifest().tables[*index];
  const Result<std::uint32_t> handle = parse_number(words[1], "the handle");
  if (!handle) return fail(handle.error());
  if (context.only_checks) return {};
  const Result<Entry> entry = context.state.entry(context.tables, context.manifest(), *index, *handle);
  if (!entry) return fail(entry.error());
  if (Result<void> done = context.tables.remove(*index, *entry); !done) return done;
  context.state.remove(table, *handle);
  context.out += fmt::format("Deleting entry {} from {}\n", *handle, table.name);
  return {};
}

Result<void> clear(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  const Result<std::size_t> removed = context.tables.clear(*index);
  if (!removed) return fail(removed.error());
  context.state.clear(context.manifest().tables[*index]);
  return {};
}

Result<void> set_default(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  const Table& table = context.manifest().tables[*index];
  if (Result<void> good = check_plain(table); !good) return good;
  const Result<Called> what =
      parse_action(table.actions, words[1], slice(words, 2, words.size()), context.ports);
  if (!what) return fail(what.error());
  if (context.only_checks) return {};
  if (Result<void> done = context.tables.set_default(*index, what->action, what->arguments); !done) return done;
  const manifest::Action& action = table.actions[what->action];
  context.out += "Setting default action of " + table.name + "\n" +
                 fmt::format("{:<20} {}\n{:<20} {}\n", "action:", action.name,
                             "runtime data:", show_arguments(action, what->arguments));
  return {};
}

}  // namespace

Result<void> reset_default(Context& context, const Words& words) {
  const Result<std::size_t> index = table_named(context, words[0]);
  if (!index) return fail(index.error());
  if (context.only_checks) return {};
  return context.tables.reset_default(*index);
}

std::vector<Command> table_commands() {
  constexpr Command::Changes kTable = Command::Changes::kTable;
  return {
      {"table_add", "TABLE ACTION KEY... => PARAMETER... [PRIORITY]", "add an entry", 3, kAnyNumber, add, kTable},
      {"table_modify", "TABLE ACTION HANDLE [=>] PARAMETER...", "give an entry another action", 3, kAnyNumber, modify,
       kTable},
      {"table_delete", "TABLE HANDLE", "remove an entry", 2, 2, remove, kTable},
      {"table_clear", "TABLE", "remove all entries", 1, 1, clear, kTable},
      {"table_set_default", "TABLE ACTION PARAMETER...", "what a table does on a miss", 2, kAnyNumber, set_default},
      {"table_reset_default", "TABLE", "back to the default action of the program", 1, 1, reset_default},
  };
}

}  // namespace p4bpf::control::switch_cli
