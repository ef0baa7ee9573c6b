// Run-time files in the form of the P4 tutorials (sX-runtime.json): entries of tables, multicast groups and clone
// sessions.
//
//   {"table_entries": [
//      {"table": "MyIngress.ipv4_lpm", "default_action": true, "action_name": "MyIngress.drop", "action_params": {}},
//      {"table": "MyIngress.ipv4_lpm", "match": {"hdr.ipv4.dstAddr": ["10.0.1.1", 32]},
//       "action_name": "MyIngress.ipv4_forward", "action_params": {"dstAddr": "08:00:00:00:01:11", "port": 1}}],
//    "multicast_group_entries": [{"multicast_group_id": 1, "replicas": [{"egress_port": 1, "instance": 1}]}],
//    "clone_session_entries": [{"clone_session_id": 5, "replicas": [{"egress_port": 2}], "packet_length_bytes": 128}]}
//
// A key is VALUE, or [VALUE, LENGTH] of lpm, [VALUE, MASK] of ternary, [LOW, HIGH] of range; values are numbers,
// addresses or anything that `table add` takes. Keys that match anything are left out. Of priorities the larger wins.
// "target", "p4info" and "bmv2_json" say which files another switch would load; they are not looked at.
//
// The whole file is checked before anything is changed, and packets see all entries of its tables or none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/values.h"
#include "manifest/manifest.h"
#include "manifest/replication.h"
#include "runtime/instance.h"

namespace p4bpf::control {

struct RuntimeFile {
  struct TableChange {
    std::size_t line = 0;
    std::size_t table = 0;
    bool is_default = false;
    manifest::Entry entry;
  };
  struct Copies {
    std::size_t line = 0;
    manifest::ReplicationKind kind = manifest::ReplicationKind::kMulticastGroup;
    std::uint32_t number = 0;
    manifest::ReplicaList list;
  };
  std::vector<TableChange> changes;  // in the order of the file
  std::vector<Copies> copies;
};

/// Reads and checks a file's text; `file` is its name for messages, which say FILE:LINE.
Result<RuntimeFile> read_runtime_file(const manifest::Manifest& manifest, std::string_view text,
                                      const std::string& file, const PortOfInterface& ports);
/// Adds what the file says to what is there. Of tables all or nothing. Groups and sessions of a program that makes no
/// copies for them, which cannot notice where they would go, are left out, and `warnings` say so.
Result<void> apply_runtime_file(runtime::Instance& instance, const RuntimeFile& changes, const std::string& file,
                                std::vector<std::string>& warnings);

}  // namespace p4bpf::control
