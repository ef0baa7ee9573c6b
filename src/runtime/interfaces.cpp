// Asks the kernel about network interfaces (interfaces.h).
#include "runtime/interfaces.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/diagnostics.h"
#include "runtime/file_descriptor.h"

namespace p4bpf::runtime {
namespace {

std::vector<std::string> interface_names() {
  std::vector<std::string> names;
  struct if_nameindex* const all = ::if_nameindex();
  if (all == nullptr) return names;
  for (struct if_nameindex* one = all; one->if_index != 0; ++one) names.emplace_back(one->if_name);
  ::if_freenameindex(all);
  return names;
}

}  // namespace

Result<InterfaceState> find_interface(const std::string& name) {
  const std::uint32_t ifindex = ::if_nametoindex(name.c_str());
  if (ifindex == 0) {
    const std::string near = nearest_name(name, interface_names());
    return fail("there is no interface '" + name + "'",
                near.empty() ? "'ip link' lists them" : "did you mean " + near + "?", ENODEV);
  }
  InterfaceState state{ifindex, false};
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket && ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0) state.is_up = (request.ifr_flags & IFF_UP) != 0;
  return state;
}

std::string driver_of(const std::string& name) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&info);
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || ::ioctl(socket.get(), SIOCETHTOOL, &request) != 0) return "";
  return std::string(info.driver, ::strnlen(info.driver, sizeof info.driver));
}

InterfaceCounts count_packets(const std::string& name) {
  InterfaceCounts counts;
  std::ifstream table("/proc/self/net/dev");
  for (std::string line; std::getline(table, line);) {
    // "  eth0: bytes packets errs drop fifo frame compressed multicast bytes packets ..."
    const std::size_t colon = line.rfind(':');
    const std::size_t start = line.find_first_not_of(' ');
    if (colon == std::string::npos || line.substr(start, colon - start) != name) continue;
    std::istringstream numbers(line.substr(colon + 1));
    std::uint64_t unused = 0;
    numbers >> counts.received_bytes >> counts.received_packets;
    for (int i = 0; i < 6; ++i) numbers >> unused;
    numbers >> counts.sent_bytes >> counts.sent_packets;
  }
  return counts;
}

}  // namespace p4bpf::runtime
