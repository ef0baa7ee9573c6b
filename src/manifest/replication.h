// Copies of packets as the control plane configures them: what a multicast group or a clone session stands for.
#pragma once

#include <cstdint>
#include <vector>

namespace p4bpf::manifest {

enum class ReplicationKind { kMulticastGroup, kCloneSession };

/// One copy: the P4 port that it goes to, and a number that tells it from others to the same port (`egress_rid`).
struct Replica {
  std::uint32_t port = 0;
  std::uint32_t instance = 0;
  bool operator==(const Replica&) const = default;
};

struct ReplicaList {
  std::vector<Replica> replicas;
  /// Bytes that a copy is cut to; 0: copies are whole.
  std::uint32_t truncate_bytes = 0;
  std::uint32_t class_of_service = 0;
  bool operator==(const ReplicaList&) const = default;
};

/// Passes through the program that a packet may take, each made by the one before; what would be one more is not made.
constexpr std::uint32_t kMostPasses = 64;

}  // namespace p4bpf::manifest
