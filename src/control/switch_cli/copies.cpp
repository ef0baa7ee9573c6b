// Commands of the switch's command language for copies of packets: multicast groups, which are made of nodes, and
// mirroring (clone) sessions.
#include <fmt/format.h>

#include <algorithm>

#include "control/switch_cli/values.h"
#include "runtime/replication_access.h"

namespace p4bpf::control::switch_cli {
namespace {

using manifest::Replica;
using manifest::ReplicaList;
using manifest::ReplicationKind;
using runtime::ReplicationAccess;

ReplicationAccess access(Context& context) { return {context.kernel, context.manifest()}; }

/// Whether the words were only to be checked, or the program makes no such copies at all: then it cannot notice where
/// they would go, and a file that says so is no mistake. Clone sessions may copy to groups as well.
bool is_done(Context& context, ReplicationKind kind) {
  if (context.only_checks) return true;
  if (access(context).has(kind) || access(context).has(ReplicationKind::kCloneSession)) return false;
  context.out += fmt::format("note: the program makes no copies for a {}; nothing is kept\n", runtime::kind_name(kind));
  return true;
}

Result<std::uint32_t> parse_group(const std::string& word) {
  Result<std::uint32_t> group = parse_number(word, "the group");
  if (group && *group == 0) return fail("0 is no multicast group", "packets whose mcast_grp is 0 are not copied");
  return group;
}

/// Where a group copies to now; what is no group copies to nothing.
Result<ReplicaList> copies_of(Context& context, std::uint32_t group) {
  if (access(context).has(ReplicationKind::kMulticastGroup)) {
    Result<ReplicaList> list = access(context).get(ReplicationKind::kMulticastGroup, group);
    return list || list.error().code != ENOENT ? list : ReplicaList{};
  }
  ReplicaList list;
  for (const auto& [handle, node] : context.state.nodes) {
    if (node.group != group) continue;
    for (const std::uint32_t port : node.ports) list.replicas.push_back({port, node.rid});
  }
  return list;
}

/// The clone sessions that copy to the group copy to what it is now.
Result<void> follow(Context& context, std::uint32_t group) {
  for (const auto& [session, followed] : context.state.group_of_session) {
    if (followed != group) continue;
    const Result<ReplicaList> list = copies_of(context, group);
    if (!list) return fail(list.error());
    Result<void> done = access(context).set(ReplicationKind::kCloneSession, session, *list);
    if (!done) return done;
  }
  return {};
}

Result<void> create_group(Context& context, const Words& words) {
  const Result<std::uint32_t> group = parse_group(words[0]);
  if (!group) return fail(group.error());
  if (is_done(context, ReplicationKind::kMulticastGroup)) return {};
  const bool has_groups = access(context).has(ReplicationKind::kMulticastGroup);
  if (has_groups && access(context).get(ReplicationKind::kMulticastGroup, *group))
    return fail("there is a multicast group " + words[0] + " already", "", EEXIST);
  context.out += "Creating multicast group " + words[0] + "\n";
  return has_groups ? access(context).set(ReplicationKind::kMulticastGroup, *group, {}) : Result<void>();
}

Result<void> destroy_group(Context& context, const Words& words) {
  const Result<std::uint32_t> group = parse_group(words[0]);
  if (!group) return fail(group.error());
  if (is_done(context, ReplicationKind::kMulticastGroup)) return {};
  for (auto& [handle, node] : context.state.nodes) {
    if (node.group == *group) node.group = 0;
  }
  context.out += "Destroying multicast group " + words[0] + "\n";
  if (access(context).has(ReplicationKind::kMulticastGroup)) {
    if (Result<void> done = access(context).remove(ReplicationKind::kMulticastGroup, *group); !done) return done;
  }
  return follow(context, *group);
}

Result<std::vector<std::uint32_t>> parse_ports(Context& context, const Words& words, std::size_t first) {
  std::vector<std::uint32_t> ports;
  for (std::size_t i = first; i < words.size() && words[i] != "|"; ++i) {
    const Result<BigInt> port = parse_value(words[i], {"port", manifest::ValueKind::kBits, 32, nullptr}, context.ports);
    if (!port) return fail(port.error());
    ports.push_back(static_cast<std::uint32_t>(*port));
  }
  const auto bar = std::find(words.begin(), words.end(), "|");
  if (bar != words.end() && bar + 1 != words.end())
    return fail("nodes copy to ports only, not to link aggregation groups", "leave out what follows '|'");
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

std::string shown_ports(const std::vector<std::uint32_t>& ports) {
  std::string text;
  for (const std::uint32_t port : ports) text += (text.empty() ? "" : ", ") + std::to_string(port);
  return text;
}

Result<void> create_node(Context& context, const Words& words) {
  const Result<std::uint32_t> rid = parse_number(words[0], "the rid");
  if (!rid) return fail(rid.error());
  const Result<std::vector<std::uint32_t>> ports = parse_ports(context, words, 1);
  if (!ports) return fail(ports.error());
  if (is_done(context, ReplicationKind::kMulticastGroup)) return {};
  std::uint32_t handle = 0;
  while (context.state.nodes.contains(handle)) ++handle;
  context.state.nodes[handle] = {*rid, *ports, 0};
  context.out += fmt::format("Creating node with rid {} and ports [{}]\nnode was created with handle {}\n", *rid,
                             shown_ports(*ports), handle);
  return {};
}

Result<Node*> node_of(Context& context, std::uint32_t handle) {
  const auto at = context.state.nodes.find(handle);
  if (at != context.state.nodes.end()) return &at->second;
  return fail("there is no multicast node with handle " + std::to_string(handle), "mc_node_create makes one", ENOENT);
}

/// Takes the node's copies out of the group, and puts those in that it would have now.
Result<void> put_copies(Context& context, std::uint32_t group, const Node* out, const Node* in) {
  if (!access(context).has(ReplicationKind::kMulticastGroup)) return {};  // what the nodes say is all there is
  Result<ReplicaList> list = access(context).get(ReplicationKind::kMulticastGroup, group);
  if (!list) return fail(list.error());
  if (out != nullptr) {
    for (const std::uint32_t port : out->ports) {
      const auto at = std::find(list->replicas.begin(), list->replicas.end(), Replica{port, out->rid});
      if (at != list->replicas.end()) list->replicas.erase(at);
    }
  }
  if (in != nullptr) {
    for (const std::uint32_t port : in->ports) list->replicas.push_back({port, in->rid});
  }
  return access(context).set(ReplicationKind::kMulticastGroup, group, *list);
}

Result<void> update_node(Context& context, const Words& words) {
  const Result<std::uint32_t> handle = parse_number(words[0], "the handle");
  if (!handle) return fail(handle.error());
  const Result<std::vector<std::uint32_t>> ports = parse_ports(context, words, 1);
  if (!ports) return fail(ports.error());
  if (is_done(context, ReplicationKind::kMulticastGroup)) return {};
  const Result<Node*> node = node_of(context, *handle);
  if (!node) return fail(node.error());
  Node changed = **node;
  changed.ports = *ports;
  if (changed.group != 0) {
    if (Result<void> done = put_copies(context, changed.group, *node, &changed); !done) return done;
  }
  **node = changed;
  return follow(context, changed.group);
}

Result<void> associate(Context& context, const Words& words, bool joins) {
  const Result<std::uint32_t> group = parse_group(words[0]);
  if (!group) return fail(group.error());
  const Result<std::uint32_t> handle = parse_number(words[1], "the handle");
  if (!handle) return fail(handle.error());
  if (is_done(context, ReplicationKind::kMulticastGroup)) return {};
  const Result<Node*> node = node_of(context, *handle);
  if (!node) return fail(node.error());
  if (joins && (*node)->group != 0)
    return fail(fmt::format("node {} belongs to multicast group {} already", *handle, (*node)->group),
                "dissociate it first");
  if (!joins && (*node)->group != *group)
    return fail(fmt::format("node {} does not belong to multicast group {}", *handle, *group),
                "mc_dump shows which do");
  Result<void> done = put_copies(context, *group, joins ? nullptr : *node, joins ? *node : nullptr);
  if (!done) return done;
  (*node)->group = joins ? *group : 0;
  context.out += fmt::format("{} node {} {} multicast group {}\n", joins ? "Associating" : "Dissociating", *handle,
                             joins ? "to" : "from", *group);
  return follow(context, *group);
}
Result<void> join(Context& context, const Words& words) { return associate(context, words, true); }
Result<void> leave(Context& context, const Words& words) { return associate(context, words, false); }

Result<void> destroy_node(Context& context, const Words& words) {
  const Result<std::uint32_t> handle = parse_number(words[0], "the handle");
  if (!handle) return fail(handle.error());
  if (is_done(context, ReplicationKind::kMulticastGroup)) return {};
  const Result<Node*> node = node_of(context, *handle);
  if (!node) return fail(node.error());
  const std::uint32_t group = (*node)->group;
  if (group != 0) {
    if (Result<void> done = put_copies(context, group, *node, nullptr); !done) return done;
  }
  context.state.nodes.erase(*handle);
  context.out += "Destroying node " + words[0] + "\n";
  return follow(context, group);
}

Result<void> dump(Context& context, const Words&) {
  if (is_done(context, ReplicationKind::kMulticastGroup)) return {};
  std::map<std::uint32_t, ReplicaList> groups;
  for (const auto& [handle, node] : context.state.nodes) {
    if (node.group != 0) groups[node.group] = {};
  }
  if (access(context).has(ReplicationKind::kMulticastGroup)) {
    auto all = access(context).list(ReplicationKind::kMulticastGroup);
    if (!all) return fail(all.error());
    groups = std::move(*all);
  }
  context.out += "==========\nMC ENTRIES\n";
  for (const auto& [group, list] : groups) {
    context.out += fmt::format("**********\nmgrp({})\n", group);
    std::vector<Replica> rest = list.replicas;
    for (const auto& [handle, node] : context.state.nodes) {
      if (node.group != group) continue;
      context.out +=
          fmt::format("  -> (L1h={}, rid={}) -> (ports=[{}], lags=[])\n", handle, node.rid, shown_ports(node.ports));
      for (const std::uint32_t port : node.ports) std::erase(rest, Replica{port, node.rid});
    }
    // Copies that did not come by nodes.
    for (const Replica& one : rest)
      context.out += fmt::format("  -> (rid={}) -> (ports=[{}])\n", one.instance, one.port);
  }
  context.out += "==========\nLAGS\n==========\n";
  return {};
}

// ---- mirroring -----------------------------------------------------------------------------------------------------

Result<void> add_session(Context& context, const Words& words) {
  const Result<std::uint32_t> session = parse_number(words[0], "the session");
  if (!session) return fail(session.error());
  const Result<std::vector<std::uint32_t>> ports = parse_ports(context, words, 1);
  if (!ports) return fail(ports.error());
  if (is_done(context, ReplicationKind::kCloneSession)) return {};
  ReplicaList list;
  for (const std::uint32_t port : *ports) list.replicas.push_back({port, 0});
  context.state.group_of_session.erase(*session);
  return access(context).set(ReplicationKind::kCloneSession, *session, list);
}

Result<void> add_session_to_group(Context& context, const Words& words) {
  const Result<std::uint32_t> session = parse_number(words[0], "the session");
  if (!session) return fail(session.error());
  const Result<std::uint32_t> group = parse_group(words[1]);
  if (!group) return fail(group.error());
  if (is_done(context, ReplicationKind::kCloneSession)) return {};
  context.state.group_of_session[*session] = *group;
  return follow(context, *group);
}

Result<void> remove_session(Context& context, const Words& words) {
  const Result<std::uint32_t> session = parse_number(words[0], "the session");
  if (!session) return fail(session.error());
  if (is_done(context, ReplicationKind::kCloneSession)) return {};
  context.state.group_of_session.erase(*session);
  return access(context).remove(ReplicationKind::kCloneSession, *session);
}

Result<void> show_session(Context& context, const Words& words) {
  const Result<std::uint32_t> session = parse_number(words[0], "the session");
  if (!session) return fail(session.error());
  if (is_done(context, ReplicationKind::kCloneSession)) return {};
  const Result<ReplicaList> list = access(context).get(ReplicationKind::kCloneSession, *session);
  if (!list) return fail(list.error());
  if (const auto followed = context.state.group_of_session.find(*session);
      followed != context.state.group_of_session.end()) {
    context.out += fmt::format("MirroringSessionConfig(mgid={}, port=None)\n", followed->second);
    return {};
  }
  if (list->replicas.size() == 1) {
    context.out += fmt::format("MirroringSessionConfig(mgid=None, port={})\n", list->replicas[0].port);
    return {};
  }
  std::string copies;
  for (const Replica& one : list->replicas)
    copies += fmt::format("{}(port={}, rid={})", copies.empty() ? "" : ", ", one.port, one.instance);
  context.out += "MirroringSessionConfig(" + copies + ")\n";
  return {};
}

}  // namespace

Result<void> remove_groups(Context& context) {
  context.state.nodes.clear();
  if (access(context).has(ReplicationKind::kMulticastGroup)) {
    const auto groups = access(context).list(ReplicationKind::kMulticastGroup);
    if (!groups) return fail(groups.error());
    for (const auto& [group, list] : *groups) {
      if (Result<void> done = access(context).remove(ReplicationKind::kMulticastGroup, group); !done) return done;
    }
  }
  for (const auto& [session, group] : context.state.group_of_session) {
    if (Result<void> done = follow(context, group); !done) return done;
  }
  return {};
}

std::vector<Command> copy_commands() {
  return {
      {"mc_mgrp_create", "GROUP", "make a multicast group", 1, 1, create_group},
      {"mc_mgrp_destroy", "GROUP", "remove a multicast group", 1, 1, destroy_group},
      {"mc_node_create", "RID PORT...", "make a node: a copy for each port", 1, kAnyNumber, create_node},
      {"mc_node_update", "NODE PORT...", "give a node other ports", 1, kAnyNumber, update_node},
      {"mc_node_associate", "GROUP NODE", "put a node into a group", 2, 2, join},
      {"mc_node_dissociate", "GROUP NODE", "take a node out of its group", 2, 2, leave},
      {"mc_node_destroy", "NODE", "remove a node", 1, 1, destroy_node},
      {"mc_dump", "", "the groups with their nodes", 0, 0, dump},
      {"mirroring_add", "SESSION PORT", "where copies of a clone session go", 2, 2, add_session},
      {"mirroring_add_mc", "SESSION GROUP", "to all that the group copies to, whenever a command here changes it", 2, 2,
       add_session_to_group},
      {"mirroring_delete", "SESSION", "remove a clone session", 1, 1, remove_session},
      {"mirroring_get", "SESSION", "where copies of a clone session go", 1, 1, show_session},
  };
}

}  // namespace p4bpf::control::switch_cli
