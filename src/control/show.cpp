// Writes tables, counters and instances as text and as JSON (show.h).
#include "control/show.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "control/columns.h"
#include "control/entries.h"
#include "manifest/entry.h"

namespace p4bpf::control {
namespace {

using Json = nlohmann::ordered_json;
using manifest::Entry;
using manifest::Table;

std::string text_of(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json action_json(const std::vector<manifest::Action>& actions, std::size_t action,
                 const std::vector<BigInt>& arguments) {
  Json json = {{"action", actions.at(action).name}, {"arguments", Json::object()}};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const manifest::ActionParam& param = actions[action].params[i];
    json["arguments"][param.name] = format_value(arguments[i], type_of(param));
  }
  return json;
}

Json target_json(const Table& table, const Entry& entry) {
  if (entry.target == manifest::EntryTarget::kMember) return {{"member", entry.number}};
  if (entry.target == manifest::EntryTarget::kGroup) return {{"group", entry.number}};
  return action_json(table.actions, entry.action, entry.arguments);
}

Json entry_json(const Table& table, const Entry& entry) {
  Json json = {{"key", Json::object()}};
  for (std::size_t i = 0; i < entry.keys.size(); ++i) {
    json["key"][table.keys[i].name] = format_key(entry.keys[i], table.keys[i]);
  }
  if (!table.actions.empty()) json.update(target_json(table, entry));
  if (manifest::has_priorities(table)) json["priority"] = entry.priority;
  if (entry.is_const) json["const"] = true;
  return json;
}

bool any_const(const std::vector<Entry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const Entry& e) { return e.is_const; });
}

std::string status_of(const runtime::InstanceStatus& instance) {
  if (!instance.is_complete) return "incomplete: unload it";
  if (!instance.fault.empty()) return instance.fault;
  return instance.attachments.empty() ? "loaded" : "attached";
}

}  // namespace

std::string show_table(const Table& table, const std::vector<Entry>& entries, const std::optional<Entry>& default_entry,
                       Format format, const std::vector<std::optional<double>>& idle) {
  const bool with_priority = manifest::has_priorities(table);
  if (format == Format::kJson) {
    Json json = {{"table", table.name}, {"size", table.size}, {"entries", Json::array()}};
    for (std::size_t i = 0; i < entries.size(); ++i) {
      json["entries"].push_back(entry_json(table, entries[i]));
      if (i < idle.size()) json["entries"].back()["idle_seconds"] = idle[i] ? Json(*idle[i]) : Json(nullptr);
    }
    if (default_entry) json["default_action"] = target_json(table, *default_entry);
    return text_of(json);
  }
  const bool with_const = any_const(entries);
  std::vector<std::vector<std::string>> rows(1);
  if (with_priority) rows[0].emplace_back("priority");
  for (const manifest::KeyField& key : table.keys) rows[0].push_back(key.name);
  if (!table.is_value_set) rows[0].emplace_back("action");
  if (with_const) rows[0].emplace_back("const");
  if (!idle.empty()) rows[0].emplace_back("idle");
  for (const Entry& entry : entries) {
    std::vector<std::string> row;
    if (with_priority) row.push_back(std::to_string(entry.priority));
    for (std::size_t i = 0; i < entry.keys.size(); ++i) row.push_back(format_key(entry.keys[i], table.keys[i]));
    if (!table.is_value_set) row.push_back(format_target(table, entry));
    if (with_const) row.emplace_back(entry.is_const ? "const" : "");
    if (const std::size_t i = rows.size() - 1; i < idle.size())
      row.push_back(idle[i] ? fmt::format("{:.1f} s", *idle[i]) : "never hit");
    rows.push_back(std::move(row));
  }
  std::string out = table.name + ": " + std::to_string(entries.size()) + " of " + std::to_string(table.size) +
                    (table.size == 1 ? " entry\n" : " entries\n");
  if (table.keys.empty()) out = table.name + ": no key\n";
  if (!entries.empty()) out += align_columns(rows);
  if (default_entry) out += "default: " + format_target(table, *default_entry) + "\n";
  return out;
}

std::string show_members(const manifest::Profile& profile, const std::vector<manifest::Member>& members,
                         Format format) {
  if (format == Format::kJson) {
    Json json = {{"profile", profile.name}, {"size", profile.size}, {"members", Json::array()}};
    for (const manifest::Member& member : members) {
      Json one = {{"member", member.number}};
      one.update(action_json(profile.actions, member.action, member.arguments));
      json["members"].push_back(std::move(one));
    }
    return text_of(json);
  }
  std::vector<std::vector<std::string>> rows = {{"member", "action"}};
  for (const manifest::Member& member : members)
    rows.push_back({std::to_string(member.number), format_action(profile.actions, member.action, member.arguments)});
  return profile.name + ": " + std::to_string(members.size()) + " of " + std::to_string(profile.size) + " members\n" +
         (members.empty() ? "" : align_columns(rows));
}

std::string show_groups(const manifest::Profile& profile, const std::vector<manifest::Group>& groups, Format format) {
  // A member with how often it stands in the group.
  const auto weights = [](const manifest::Group& group) {
    std::map<std::uint32_t, std::size_t> counts;
    for (const std::uint32_t member : group.members) ++counts[member];
    return counts;
  };
  if (format == Format::kJson) {
    Json json = {{"selector", profile.name}, {"max_group_size", profile.max_group_size}, {"groups", Json::array()}};
    for (const manifest::Group& group : groups) {
      Json one = {{"group", group.number}, {"members", Json::array()}};
      for (const auto& [member, weight] : weights(group))
        one["members"].push_back({{"member", member}, {"weight", weight}});
      json["groups"].push_back(std::move(one));
    }
    return text_of(json);
  }
  std::vector<std::vector<std::string>> rows = {{"group", "members"}};
  for (const manifest::Group& group : groups) {
    std::string members;
    for (const auto& [member, weight] : weights(group))
      members +=
          (members.empty() ? "" : " ") + std::to_string(member) + (weight == 1 ? "" : ":" + std::to_string(weight));
    rows.push_back({std::to_string(group.number), members.empty() ? "none" : members});
  }
  return profile.name + ": " + std::to_string(groups.size()) + " of " + std::to_string(manifest::group_count(profile)) +
         " groups\n" + (groups.empty() ? "" : align_columns(rows));
}

std::string show_instances(const std::vector<runtime::InstanceStatus>& instances, Format format) {
  if (format == Format::kJson) {
    Json json = Json::array();
    for (const runtime::InstanceStatus& instance : instances) {
      Json one = {{"name", instance.name}, {"complete", instance.is_complete}, {"status", status_of(instance)}};
      if (instance.is_complete && instance.fault.empty()) {
        one["program"] = instance.manifest.program;
        one["source"] = instance.manifest.source;
        one["architecture"] = instance.manifest.architecture;
      }
      one["attachments"] = Json::array();
      for (const runtime::Attachment& attachment : instance.attachments) {
        one["attachments"].push_back({{"port", attachment.port},
                                      {"interface", attachment.interface},
                                      {"ifindex", attachment.ifindex},
                                      {"hook", runtime::hook_name(attachment.hook)},
                                      {"mode", attachment.mode}});
      }
      json.push_back(std::move(one));
    }
    return text_of(json);
  }
  if (instances.empty()) return "nothing is loaded\n";
  std::vector<std::vector<std::string>> rows = {{"NAME", "PROGRAM", "STATUS", "PORT", "INTERFACE", "HOOK", "MODE"}};
  for (const runtime::InstanceStatus& instance : instances) {
    std::vector<std::string> head = {instance.name, instance.manifest.program.empty() ? "?" : instance.manifest.program,
                                     status_of(instance)};
    if (instance.attachments.empty()) rows.push_back({head[0], head[1], head[2], "-", "-", "-", "-"});
    for (const runtime::Attachment& attachment : instance.attachments) {
      const std::string interface = attachment.interface + (attachment.ifindex == 0 ? " (gone)" : "");
      rows.push_back({head[0], head[1], head[2], std::to_string(attachment.port), interface,
                      runtime::hook_name(attachment.hook), attachment.mode});
    }
  }
  return align_columns(rows);
}

std::string show_stats(const std::vector<runtime::ProgramStats>& stats, Format format) {
  if (format == Format::kJson) {
    Json json = Json::array();
    for (const runtime::ProgramStats& one : stats) {
      json.push_back({{"function", one.function},
                      {"instructions", one.instructions},
                      {"jited_bytes", one.jited_bytes},
                      {"processed", one.processed},
                      {"stack_bytes", one.stack_bytes},
                      {"verification_us", one.verification_us}});
    }
    return text_of(json);
  }
  std::string out;
  for (const runtime::ProgramStats& one : stats) {
    out += one.function + ": " + std::to_string(one.instructions) + " instructions, " +
           std::to_string(one.stack_bytes) + " bytes of stack, " + std::to_string(one.jited_bytes) +
           " bytes of machine code; the verifier looked at " + std::to_string(one.processed) + " instructions in " +
           std::to_string(one.verification_us) + " us\n";
  }
  return out;
}

}  // namespace p4bpf::control
