// The network interfaces of the current network namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace p4bpf::runtime {

struct InterfaceState {
  std::uint32_t ifindex = 0;
  bool is_up = false;
};

/// Fails, with the nearest name, if there is no such interface.
Result<InterfaceState> find_interface(const std::string& name);

/// "veth", "virtio_net", ...; "" if it cannot be found out.
std::string driver_of(const std::string& name);

struct InterfaceCounts {
  std::uint64_t received_packets = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_packets = 0;
  std::uint64_t sent_bytes = 0;
};
/// What the interface counted since it exists; zeros if it is gone.
InterfaceCounts count_packets(const std::string& name);

}  // namespace p4bpf::runtime
