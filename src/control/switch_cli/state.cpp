// Keeps handles and nodes (state.h).
#include "control/switch_cli/state.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "control/entries.h"
#include "manifest/entry.h"

namespace p4bpf::control::switch_cli {
namespace {

using Json = nlohmann::json;

constexpr const char* kName = "switch_cli";

std::string key_text(const manifest::Table& table, const manifest::Entry& entry) {
  std::string text;
  for (std::size_t i = 0; i < table.keys.size(); ++i) text += format_key(entry.keys[i], table.keys[i]) + " ";
  if (manifest::has_priorities(table)) text += std::to_string(entry.priority);
  return text;
}

}  // namespace

void State::Handles::set(std::uint32_t handle, const std::string& key) {
  key_of[handle] = key;
  handle_of[key] = handle;
}

void State::Handles::remove(std::uint32_t handle) {
  const auto at = key_of.find(handle);
  if (at == key_of.end()) return;
  handle_of.erase(at->second);
  key_of.erase(at);
  lowest_free = std::min(lowest_free, handle);
}

std::uint32_t State::Handles::add(const std::string& key) {
  while (key_of.contains(lowest_free)) ++lowest_free;
  set(lowest_free, key);
  return lowest_free;
}

Result<State> State::load(const runtime::Instance& instance) {
  State state;
  const Result<std::string> text = instance.kept_text(kName);
  if (!text) return fail(text.error());
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return state;  // nothing is kept yet
  try {
    for (const auto& [table, handles] : json.at("tables").items()) {
      for (const auto& [handle, key] : handles.items())
        state.tables_[table].set(static_cast<std::uint32_t>(std::stoul(handle)), key.get<std::string>());
    }
    for (const auto& [handle, node] : json.at("nodes").items()) {
      state.nodes[static_cast<std::uint32_t>(std::stoul(handle))] = {node.at("rid").get<std::uint32_t>(),
                                                                     node.at("ports").get<std::vector<std::uint32_t>>(),
                                                                     node.at("group").get<std::uint32_t>()};
    }
    for (const auto& [session, group] : json.at("sessions").items())
      state.group_of_session[static_cast<std::uint32_t>(std::stoul(session))] = group.get<std::uint32_t>();
  } catch (const std::exception&) {
    return fail("the handles that are kept with instance '" + instance.name() + "' cannot be read",
                "it was loaded by another p4bpf; load it again");
  }
  return state;
}

Result<void> State::save(runtime::Instance& instance) {
  Json tables = Json::object();
  for (const auto& [table, handles] : tables_) {
    Json& all = tables[table] = Json::object();
    for (const auto& [handle, key] : handles.key_of) all[std::to_string(handle)] = key;
  }
  Json all_nodes = Json::object();
  for (const auto& [handle, node] : nodes)
    all_nodes[std::to_string(handle)] = {{"rid", node.rid}, {"ports", node.ports}, {"group", node.group}};
  Json sessions = Json::object();
  for (const auto& [session, group] : group_of_session) sessions[std::to_string(session)] = group;
  return instance.keep_text(kName, Json{{"tables", tables}, {"nodes", all_nodes}, {"sessions", sessions}}.dump());
}

/// Looks at the table once: entries that are gone lose their handles, new ones get theirs.
Result<State::Handles*> State::current(runtime::TableAccess& tables, const manifest::Manifest& manifest,
                                       std::size_t index) {
  const manifest::Table& table = manifest.tables.at(index);
  Handles& handles = tables_[table.name];
  if (handles.is_current) return &handles;
  const Result<std::vector<manifest::Entry>> entries = tables.dump(index);
  if (!entries) return fail(entries.error());
  std::set<std::string> there;
  for (const manifest::Entry& entry : *entries) there.insert(key_text(table, entry));
  const std::map<std::uint32_t, std::string> known = handles.key_of;
  for (const auto& [handle, key] : known) {
    if (!there.contains(key)) handles.remove(handle);
  }
  for (const manifest::Entry& entry : *entries) {
    const std::string key = key_text(table, entry);
    if (!handles.handle_of.contains(key)) handles.add(key);
  }
  handles.is_current = true;
  return &handles;
}

Result<std::map<std::uint32_t, manifest::Entry>> State::entries(runtime::TableAccess& tables,
                                                                const manifest::Manifest& manifest, std::size_t index) {
  const Result<Handles*> handles = current(tables, manifest, index);
  if (!handles) return fail(handles.error());
  const Result<std::vector<manifest::Entry>> all = tables.dump(index);
  if (!all) return fail(all.error());
  std::map<std::uint32_t, manifest::Entry> by_handle;
  for (const manifest::Entry& entry : *all) {
    const auto at = (*handles)->handle_of.find(key_text(manifest.tables[index], entry));
    if (at != (*handles)->handle_of.end()) by_handle.emplace(at->second, entry);
  }
  return by_handle;
}

Result<manifest::Entry> State::entry(runtime::TableAccess& tables, const manifest::Manifest& manifest,
                                     std::size_t index, std::uint32_t handle) {
  const manifest::Table& table = manifest.tables.at(index);
  const Result<Handles*> handles = current(tables, manifest, index);
  if (!handles) return fail(handles.error());
  const auto at = (*handles)->key_of.find(handle);
  if (at != (*handles)->key_of.end()) {
    // What is shown can be typed again.
    std::istringstream stream(at->second);
    std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    manifest::Entry key;
    if (manifest::has_priorities(table)) {
      key.priority = std::stoi(words.back());
      words.pop_back();
    }
    Result<std::vector<KeyMatch>> keys = parse_keys(table, words, {});
    if (!keys) return fail(keys.error());
    key.keys = std::move(*keys);
    return tables.get(index, key);
  }
  return fail("table '" + table.name + "' has no entry with handle " + std::to_string(handle),
              "table_dump shows the handles", ENOENT);
}

Result<std::uint32_t> State::add(runtime::TableAccess& tables, const manifest::Manifest& manifest, std::size_t index,
                                 const manifest::Entry& entry) {
  const manifest::Table& table = manifest.tables.at(index);
  const Result<manifest::Entry> normal = manifest::normalize(table, entry);
  if (!normal) return fail(normal.error());
  const Result<Handles*> handles = current(tables, manifest, index);
  if (!handles) return fail(handles.error());
  const std::string key = key_text(table, *normal);
  const auto at = (*handles)->handle_of.find(key);
  return at != (*handles)->handle_of.end() ? at->second : (*handles)->add(key);
}

void State::remove(const manifest::Table& table, std::uint32_t handle) { tables_[table.name].remove(handle); }

void State::clear(const manifest::Table& table) { tables_[table.name] = Handles{}; }

}  // namespace p4bpf::control::switch_cli
