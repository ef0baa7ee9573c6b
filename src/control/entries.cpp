// Reads entries word by word (entries.h).
#include "control/entries.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "manifest/entry.h"

namespace p4bpf::control {
namespace {

using manifest::Action;
using manifest::Entry;
using manifest::KeyField;
using manifest::MatchKind;
using manifest::Table;

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

/// How an entry of the table is written, for messages.
std::string usage(const Table& table) {
  return "an entry is " + joined(names_of(table.keys)) + (table.is_value_set ? "" : " ACTION [ARGUMENT...]");
}

/// The name before `=`, if the word has one; masks and ranges hold none.
std::optional<std::pair<std::string, std::string>> split_named(const std::string& word) {
  const std::size_t mark = word.find('=');
  if (mark == std::string::npos || mark == 0) return std::nullopt;
  return std::pair{word.substr(0, mark), word.substr(mark + 1)};
}

Result<std::int32_t> parse_priority(const std::string& text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  return fail("the priority '" + text + "' is no number of 32 bits");
}

}  // namespace

Result<std::vector<KeyMatch>> parse_keys(const Table& table, std::vector<std::string>& words,
                                         const PortOfInterface& ports) {
  if (table.keys.empty())
    return fail("table '" + table.name + "' has no key, so it holds no entries",
                "set its default action: p4bpf table default");
  std::vector<std::optional<KeyMatch>> keys(table.keys.size());
  std::size_t used = 0;
  std::size_t filled = 0;
  bool any_named = false;
  while (used < words.size() && filled < keys.size()) {
    std::size_t index = filled;
    std::string text = words[used];
    if (const auto named = split_named(text)) {
      const Result<std::size_t> found = manifest::find_by_name("key", named->first, names_of(table.keys));
      if (!found) return fail(found.error());
      any_named = true;
      index = *found;
      text = named->second;
    } else if (any_named) {
      break;  // the action
    }
    if (keys[index]) return fail("key '" + table.keys[index].name + "' is given twice");
    Result<KeyMatch> match = parse_key(text, table.keys[index], ports);
    if (!match) return fail(match.error());
    keys[index] = std::move(*match);
    ++filled;
    ++used;
  }
  std::vector<KeyMatch> complete;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool may_lack = any_named && table.keys[i].match != MatchKind::kExact;
    if (!keys[i] && !may_lack) return fail("key '" + table.keys[i].name + "' is missing", usage(table));
    complete.push_back(keys[i].value_or(KeyMatch{}));
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  return complete;
}

Result<ActionWords> parse_action(const std::string& owner, const std::vector<Action>& actions,
                                 const std::vector<std::string>& words, const PortOfInterface& ports) {
  if (words.empty()) return fail("an action is missing", owner + " has the actions " + joined(names_of(actions)));
  const Result<std::size_t> index = manifest::find_by_name("action", words[0], names_of(actions));
  if (!index) return fail(index.error());
  const Action& action = actions[*index];
  std::vector<std::optional<BigInt>> arguments(action.params.size());
  const std::string takes = action.params.empty() ? "it takes none" : "it takes " + joined(names_of(action.params));
  std::size_t filled = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::size_t param = filled;
    std::string text = words[i];
    if (const auto named = split_named(text)) {
      const Result<std::size_t> found = manifest::find_by_name("parameter", named->first, names_of(action.params));
      if (!found) return fail(found.error());
      param = *found;
      text = named->second;
    }
    if (param >= arguments.size())
      return fail("action '" + action.name + "' has one argument too many: '" + text + "'", takes);
    if (arguments[param]) return fail("argument '" + action.params[param].name + "' is given twice");
    Result<BigInt> value = parse_value(text, type_of(action.params[param]), ports);
    if (!value) return fail(value.error());
    arguments[param] = std::move(*value);
    ++filled;
  }
  ActionWords parsed;
  parsed.action = *index;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i])
      return fail("argument '" + action.params[i].name + "' of action '" + action.name + "' is missing", takes);
    parsed.arguments.push_back(*arguments[i]);
  }
  return parsed;
}

Result<std::uint32_t> parse_number(const std::string& what, const std::string& text) {
  const Result<BigInt> number = parse_value(text, {what, manifest::ValueKind::kBits, 32, nullptr});
  if (!number) return fail(number.error());
  return static_cast<std::uint32_t>(*number);
}

Result<Entry> parse_target(const Table& table, const std::vector<std::string>& words, const PortOfInterface& ports) {
  const std::string first = words.empty() ? "" : words[0];
  if (!table.profile || (first != "member" && first != "group")) {
    Result<ActionWords> action = parse_action("table '" + table.name + "'", table.actions, words, ports);
    if (!action) return fail(action.error());
    return manifest::action_entry(action->action, std::move(action->arguments));
  }
  if (words.size() != 2) return fail("'" + first + "' takes one number", "an entry is KEY... " + first + " N");
  const Result<std::uint32_t> number = parse_number(first, words[1]);
  if (!number) return fail(number.error());
  Entry entry;
  entry.target = first == "member" ? manifest::EntryTarget::kMember : manifest::EntryTarget::kGroup;
  entry.number = *number;
  return entry;
}

Result<Entry> parse_entry_key(const Table& table, EntryWords given, const PortOfInterface& ports) {
  Result<std::vector<KeyMatch>> keys = parse_keys(table, given.words, ports);
  if (!keys) return fail(keys.error());
  if (!given.words.empty())
    return fail("'" + given.words[0] + "' is one word too many", "the key is " + joined(names_of(table.keys)));
  if (given.priority && !manifest::has_priorities(table)) {
    return fail("table '" + table.name + "' has no priorities", "no key of it is ternary, range or optional");
  }
  Entry entry;
  entry.keys = std::move(*keys);
  entry.priority = given.priority.value_or(0);
  return entry;
}

Result<Entry> parse_entry(const Table& table, EntryWords given, const PortOfInterface& ports) {
  if (table.is_value_set) return parse_entry_key(table, std::move(given), ports);
  Result<std::vector<KeyMatch>> keys = parse_keys(table, given.words, ports);
  if (!keys) return fail(keys.error());
  Result<Entry> whole = parse_target(table, given.words, ports);
  if (!whole) return fail(whole.error());
  if (given.priority && !manifest::has_priorities(table)) {
    return fail("table '" + table.name + "' has no priorities", "no key of it is ternary, range or optional");
  }
  whole->keys = std::move(*keys);
  whole->priority = given.priority.value_or(0);
  return whole;
}

Result<EntryWords> split_line(const std::string& line) {
  EntryWords given;
  std::istringstream stream(line.substr(0, line.find('#')));
  for (std::string word; stream >> word;) {
    if (word != "--priority" && !word.starts_with("--priority=")) {
      given.words.push_back(word);
      continue;
    }
    std::string number;
    if (word.size() > 10) number = word.substr(11);
    if (number.empty() && !(stream >> number)) return fail("--priority lacks its number");
    const Result<std::int32_t> priority = parse_priority(number);
    if (!priority) return fail(priority.error());
    given.priority = *priority;
  }
  return given;
}

std::string format_keys(const manifest::Table& table, const manifest::Entry& entry) {
  std::string text;
  for (std::size_t i = 0; i < entry.keys.size(); ++i)
    text += (i == 0 ? "" : " ") + table.keys[i].name + "=" + format_key(entry.keys[i], table.keys[i]);
  return text;
}

std::string format_action(const std::vector<Action>& actions, std::size_t action,
                          const std::vector<BigInt>& arguments) {
  if (action >= actions.size()) return "";
  std::string text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const manifest::ActionParam& param = actions[action].params[i];
    text += (text.empty() ? "" : ", ") + param.name + "=" + format_value(arguments[i], type_of(param));
  }
  return actions[action].name + "(" + text + ")";
}

std::string format_target(const Table& table, const Entry& entry) {
  if (entry.target == manifest::EntryTarget::kMember) return "member " + std::to_string(entry.number);
  if (entry.target == manifest::EntryTarget::kGroup) return "group " + std::to_string(entry.number);
  return format_action(table.actions, entry.action, entry.arguments);
}

}  // namespace p4bpf::control
