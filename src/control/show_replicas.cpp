// Multicast groups and clone sessions as text and as JSON (show.h).
#include <nlohmann/json.hpp>

#include "control/columns.h"
#include "control/show.h"

namespace p4bpf::control {

std::string show_replicas(manifest::ReplicationKind kind, const std::map<std::uint32_t, manifest::ReplicaList>& lists,
                          Format format) {
  const bool is_clone = kind == manifest::ReplicationKind::kCloneSession;
  const char* const id = is_clone ? "session" : "group";
  if (format == Format::kJson) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const auto& [number, list] : lists) {
      nlohmann::ordered_json one = {{id, number}, {"copies", nlohmann::ordered_json::array()}};
      for (const manifest::Replica& replica : list.replicas)
        one["copies"].push_back({{"port", replica.port}, {"instance", replica.instance}});
      if (is_clone) one["truncate"] = list.truncate_bytes, one["class"] = list.class_of_service;
      json.push_back(std::move(one));
    }
    return json.dump(2) + "\n";
  }
  std::vector<std::vector<std::string>> rows = {{id, "copies"}};
  if (is_clone) rows[0].insert(rows[0].begin() + 1, {"truncate", "class"});
  for (const auto& [number, list] : lists) {
    std::string copies;
    for (const manifest::Replica& replica : list.replicas) {
      copies += (copies.empty() ? "" : " ") + std::to_string(replica.port);
      if (replica.instance != 0) copies += ":" + std::to_string(replica.instance);
    }
    std::vector<std::string>& row = rows.emplace_back(std::vector{std::to_string(number)});
    if (is_clone) {
      row.push_back(list.truncate_bytes == 0 ? "-" : std::to_string(list.truncate_bytes));
      row.push_back(std::to_string(list.class_of_service));
    }
    row.push_back(copies.empty() ? "-" : copies);
  }
  return lists.empty() ? "" : align_columns(rows);
}

}  // namespace p4bpf::control
