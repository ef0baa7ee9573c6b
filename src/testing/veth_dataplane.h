// The veth executor: the program attached to real interfaces, packets on the wire.
//
// Port N of the program is interface vN, whose other end is pN; all of them live in a network namespace that nobody
// else sees and that goes with the test. The program runs where a user would attach it:
//
//   XDP         a packet goes in at pN and meets the program as it arrives at vN; what is passed shows on vN, what is
//               sent back or redirected to port M shows on pM
//   TC          the same for a program that forwards, but that nothing is passed
//   TC filter   a packet goes out of vN and meets the program there (egress, or ingress code attached to egress); what
//   is accepted shows on pN
//
// In tests with frames that are too short for Ethernet tun devices, which have no link-layer header, are the ports of a
// program that forwards on TC; a filter's short packets go through one.
// Nothing sleeps: this thread stays on one CPU, where the kernel finishes a packet's way before sending returns; the
// program's run count says that it met the packet, and a marker frame through a pair of its own that the queues behind
// it are empty.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/loaded_object.h"
#include "testing/dataplane.h"

namespace p4bpf::testing {

/// The namespace that the executor needs, entered; a program that is loaded now can be attached in it. Back outside
/// when it goes.
class VethNetwork;
struct DeleteVethNetwork {
  void operator()(VethNetwork* network) const;
};
using VethNetworkHandle = std::unique_ptr<VethNetwork, DeleteVethNetwork>;
Result<VethNetworkHandle> make_veth_network();

/// `object` is a normal build of the program; `ports` are those that the test speaks of. With `short_frames` the ports
/// of a program that forwards on TC are tun devices, which carry less than an Ethernet header too.
Result<std::unique_ptr<Dataplane>> make_veth_dataplane(VethNetworkHandle network, runtime::LoadedObject object,
                                                       const std::set<std::uint32_t>& ports, bool short_frames,
                                                       std::vector<std::string> externs = {});

}  // namespace p4bpf::testing
