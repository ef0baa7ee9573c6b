// The commands of packet tests for multicast groups and clone sessions:
//
//   mc_mgrp_create GROUP            mc_node_create INSTANCE PORT...   -> the next handle, from 0 on
//   mc_node_associate GROUP HANDLE  mirroring_add SESSION PORT        mirroring_add_mc SESSION GROUP
//   mirroring_get SESSION           mirroring_delete SESSION
#pragma once

#include <map>

#include "testing/dataplane.h"
#include "testing/stf.h"

namespace p4bpf::testing::stf {

/// Whether the command is one of these.
bool is_replication(const Other& command);

/// What the commands of one test have configured so far.
class ReplicationCommands {
 public:
  explicit ReplicationCommands(Dataplane& dataplane) : dataplane_(dataplane) {}
  Result<void> execute(const Other& command);

 private:
  Result<void> publish(std::uint32_t group);

  Dataplane& dataplane_;
  std::vector<std::vector<manifest::Replica>> nodes_;  // by handle
  std::map<std::uint32_t, std::vector<manifest::Replica>> groups_;
  std::map<std::uint32_t, std::uint32_t> group_of_session_;
};

}  // namespace p4bpf::testing::stf
