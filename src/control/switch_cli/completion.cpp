// What a half-typed line may go on with (session.h): names of commands, then what the command's usage asks for.
#include <algorithm>

#include "control/switch_cli/context.h"
#include "control/switch_cli/session.h"

namespace p4bpf::control::switch_cli {
namespace {

using Names = std::vector<std::string>;

/// Those of the table or profile that the word before names.
Names actions_named(const manifest::Manifest& manifest, const std::string& owner) {
  const Names tables = names_of(manifest.tables), profiles = names_of(manifest.profiles);
  if (const auto table = manifest::find_by_name("table", owner, tables))
    return names_of(manifest.tables[*table].actions);
  const auto profile = manifest::find_by_name("profile", owner, profiles);
  return profile ? names_of(manifest.profiles[*profile].actions) : Names{};
}

Names tables_of(const manifest::Manifest& manifest, bool are_value_sets) {
  Names names;
  for (const manifest::Table& table : manifest.tables) {
    if (table.is_value_set == are_value_sets) names.push_back(table.name);
  }
  return names;
}

/// The names that a word of a command's usage stands for.
Names names_for(const manifest::Manifest& manifest, const std::string& placeholder, const std::string& before) {
  if (placeholder == "TABLE") return tables_of(manifest, false);
  if (placeholder == "SET") return tables_of(manifest, true);
  if (placeholder == "ACTION") return actions_named(manifest, before);
  if (placeholder == "COUNTER") return names_of(manifest.counters);
  if (placeholder == "METER") return names_of(manifest.meters);
  if (placeholder == "REGISTER") return names_of(manifest.registers);
  if (placeholder == "CALCULATION") return names_of(manifest.calculations);
  if (placeholder == "PROFILE") return names_of(manifest.profiles);
  if (placeholder == "[COMMAND]") return command_names();
  return {};
}

/// Those that begin with `word`, whole or from behind one of their dots on.
Names starting_with(const std::string& word, const Names& names) {
  Names found;
  for (const std::string& name : names) {
    for (std::size_t at = 0; at <= name.size();) {
      const std::string end = name.substr(at);
      const bool is_whole = at == 0;
      if (end.starts_with(word) && (is_whole || (!word.empty() && manifest::find_by_name("", end, names)))) {
        found.push_back(end);
        break;
      }
      const std::size_t dot = name.find('.', at);
      if (dot == std::string::npos) break;
      at = dot + 1;
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace

std::vector<std::string> complete(const manifest::Manifest& manifest, std::string_view line) {
  Words words = split(line);
  if (words.empty() || line.back() == ' ' || line.back() == '\t') words.emplace_back();
  const std::string word = words.back();
  if (words.size() == 1) return starting_with(word, command_names());
  const Words usage = split(usage_of(words.front()));
  if (words.size() - 2 >= usage.size()) return {};
  return starting_with(word, names_for(manifest, usage[words.size() - 2], words[words.size() - 2]));
}

}  // namespace p4bpf::control::switch_cli
