// Groups and sessions of a test, told to the executor whole at each change (stf_replication.h).
#include "testing/stf_replication.h"

#include <fmt/format.h>

#include <charconv>

namespace p4bpf::testing::stf {
namespace {

using manifest::ReplicationKind;

struct Shape {
  std::string_view command;
  std::size_t least_words;
};
constexpr Shape kShapes[] = {{"mc_mgrp_create", 1}, {"mc_node_create", 1},   {"mc_node_associate", 2},
                             {"mirroring_add", 2},  {"mirroring_add_mc", 2}, {"mirroring_get", 1},
                             {"mirroring_delete", 1}};

const Shape* shape_of(const Other& command) {
  for (const Shape& shape : kShapes) {
    if (shape.command == command.command) return &shape;
  }
  return nullptr;
}

Result<std::vector<std::uint32_t>> numbers_of(const Other& command) {
  std::vector<std::uint32_t> numbers;
  for (const std::string& word : command.words) {
    std::uint32_t number = 0;
    const char* const end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      return fail(fmt::format("'{}' takes decimal numbers, but was given '{}'", command.command, word));
    }
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

bool is_replication(const Other& command) { return shape_of(command) != nullptr; }

Result<void> ReplicationCommands::publish(std::uint32_t group) {
  const manifest::ReplicaList list{groups_[group], 0, 0};
  if (const auto set = dataplane_.set_replicas(ReplicationKind::kMulticastGroup, group, list); !set) return set;
  for (const auto& [session, of] : group_of_session_) {
    if (of != group) continue;
    if (const auto set = dataplane_.set_replicas(ReplicationKind::kCloneSession, session, list); !set) return set;
  }
  return {};
}

Result<void> ReplicationCommands::execute(const Other& command) {
  const Shape* const shape = shape_of(command);
  const auto words = numbers_of(command);
  if (!words) return fail(words.error());
  if (shape == nullptr || words->size() < shape->least_words) {
    return fail(fmt::format("'{}' takes {} numbers", command.command, shape != nullptr ? shape->least_words : 0));
  }
  const std::uint32_t id = words->front();
  if (command.command == "mc_node_create") {
    std::vector<manifest::Replica>& node = nodes_.emplace_back();
    for (std::size_t i = 1; i < words->size(); ++i) node.push_back({(*words)[i], id});
    return {};
  }
  if (command.command == "mc_mgrp_create") return publish(id);
  if (command.command == "mc_node_associate") {
    const std::uint32_t handle = (*words)[1];
    if (handle >= nodes_.size()) return fail(fmt::format("there is no node {}: {} were created", handle, nodes_.size()));
    std::vector<manifest::Replica>& group = groups_[id];
    group.insert(group.end(), nodes_[handle].begin(), nodes_[handle].end());
    return publish(id);
  }
  if (command.command == "mirroring_add_mc") {
    group_of_session_[id] = (*words)[1];
    return publish((*words)[1]);
  }
  if (command.command == "mirroring_get") return {};  // for people to look at
  group_of_session_.erase(id);
  manifest::ReplicaList list;
  if (command.command == "mirroring_add") {
    list.replicas.push_back({(*words)[1], 0});
    if (words->size() > 2) list.truncate_bytes = (*words)[2];  // bytes that copies are cut to: a word of our own
  }
  return dataplane_.set_replicas(ReplicationKind::kCloneSession, id, list);
}

}  // namespace p4bpf::testing::stf
