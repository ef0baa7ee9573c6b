// Namespaces, devices by rtnetlink and ioctl, AF_PACKET (network.h).
#include "testing/network.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/files.h"

namespace p4bpf::testing {
namespace {

tl::unexpected<Error> unavailable(const std::string& what, int code) {
  const bool missing = code == EPERM || code == EACCES || code == ENOSYS || code == ENODEV || code == ENOENT;
  return fail(fmt::format("{}: {}", what, std::strerror(code)), {}, missing ? kUnavailable : code);
}

/// A message of rtnetlink with nested attributes.
class Message {
 public:
  Message(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    append(&header, sizeof header);
  }
  void append(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
  }
  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    const std::size_t at = open(type);
    append(data, size);
    close(at, size);
  }
  std::size_t open(std::uint16_t type) {
    const std::size_t at = bytes_.size();
    const rtattr header{sizeof(rtattr), type};
    append(&header, sizeof header);
    return at;
  }
  void close(std::size_t at) { close(at, bytes_.size() - at - sizeof(rtattr)); }
  /// Sends it and waits for the kernel's answer: 0 or an errno.
  int exchange() {
    const auto length = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &length, sizeof length);
    const OwnedFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (socket.get() < 0 || ::send(socket.get(), bytes_.data(), bytes_.size(), 0) < 0) return errno;
    alignas(nlmsghdr) std::array<char, 8192> answer{};
    if (::recv(socket.get(), answer.data(), answer.size(), 0) < 0) return errno;
    nlmsgerr error{};
    std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
    return -error.error;
  }

 private:
  void close(std::size_t at, std::size_t payload) {
    const auto length = static_cast<std::uint16_t>(sizeof(rtattr) + payload);
    std::memcpy(bytes_.data() + at, &length, sizeof length);
  }
  std::vector<char> bytes_;
};

Result<ifreq> device_request(const std::string& name) {
  if (name.size() >= IFNAMSIZ) return fail(fmt::format("the interface name '{}' is too long", name));
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  return request;
}

Result<int> bring_up(const std::string& name) {
  const OwnedFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto request = device_request(name);
  if (!request) return fail(request.error());
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &*request) != 0)
    return fail_errno(fmt::format("cannot find interface {}", name), errno);
  request->ifr_flags = static_cast<short>(request->ifr_flags | IFF_UP);
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &*request) != 0)
    return fail_errno(fmt::format("cannot bring {} up", name), errno);
  if (::ioctl(socket.get(), SIOCGIFINDEX, &*request) != 0)
    return fail_errno(fmt::format("cannot find interface {}", name), errno);
  return request->ifr_ifindex;
}

/// A device that has just come up drops what is sent until the kernel's link watch, which runs behind our back, has
/// given it a queue. Asking for the state of the link does that work at once.
void settle(const std::string& name) {
  const OwnedFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto request = device_request(name);
  ethtool_value link{ETHTOOL_GLINK, 0};
  if (!request) return;
  request->ifr_data = reinterpret_cast<char*>(&link);
  ::ioctl(socket.get(), SIOCETHTOOL, &*request);
}

}  // namespace

OneCpu::OneCpu() {
  ::sched_getaffinity(0, sizeof before_, &before_);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(std::max(::sched_getcpu(), 0)), &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

OneCpu::~OneCpu() { ::sched_setaffinity(0, sizeof before_, &before_); }

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<NetworkNamespace> NetworkNamespace::enter() {
  OwnedFd home(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (home.get() < 0) return unavailable("cannot open this thread's network namespace", errno);
  if (::unshare(CLONE_NEWNET) != 0) return unavailable("cannot make a network namespace", errno);
  NetworkNamespace result(std::move(home));
  // No router solicitations between the packets of a test. Where the file is missing, there is no IPv6.
  const auto ignored = write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  static_cast<void>(ignored);
  return result;
}

NetworkNamespace::~NetworkNamespace() {
  if (home_.get() >= 0) ::setns(home_.get(), CLONE_NEWNET);
}

Result<VethPair> create_veth(const std::string& a, const std::string& b, int mtu) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  const ifinfomsg info{};
  const auto mtu_value = static_cast<std::uint32_t>(mtu);
  message.append(&info, sizeof info);
  message.attribute(IFLA_IFNAME, a.c_str(), a.size() + 1);
  message.attribute(IFLA_MTU, &mtu_value, sizeof mtu_value);
  const std::size_t link = message.open(IFLA_LINKINFO);
  message.attribute(IFLA_INFO_KIND, "veth", 4);
  const std::size_t data = message.open(IFLA_INFO_DATA);
  const std::size_t peer = message.open(VETH_INFO_PEER);
  message.append(&info, sizeof info);
  message.attribute(IFLA_IFNAME, b.c_str(), b.size() + 1);
  message.attribute(IFLA_MTU, &mtu_value, sizeof mtu_value);
  message.close(peer);
  message.close(data);
  message.close(link);
  const int code = message.exchange();
  if (code != 0) return unavailable(fmt::format("cannot make the veth pair {} and {}", a, b), code);
  const auto first = bring_up(a);
  if (!first) return fail(first.error());
  const auto second = bring_up(b);
  if (!second) return fail(second.error());
  settle(a);
  settle(b);
  return VethPair{*first, *second};
}

Result<TunDevice> create_tun(const std::string& name) {
  TunDevice device{OwnedFd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)), 0};
  if (device.fd.get() < 0) return unavailable("cannot open /dev/net/tun", errno);
  auto request = device_request(name);
  if (!request) return fail(request.error());
  request->ifr_flags = IFF_TUN;
  if (::ioctl(device.fd.get(), TUNSETIFF, &*request) != 0) return unavailable("cannot make a tun device", errno);
  const auto ifindex = bring_up(name);
  if (!ifindex) return fail(ifindex.error());
  settle(name);
  device.ifindex = *ifindex;
  return device;
}

Result<void> TunDevice::deliver(const Bytes& packet) const {
  Bytes written(sizeof(tun_pi) + packet.size());
  constexpr std::uint16_t kExperimental = 0x88b5;  // an EtherType that the kernel looks behind for no header
  const tun_pi front{0, __builtin_bswap16(kExperimental)};
  std::memcpy(written.data(), &front, sizeof front);
  std::copy(packet.begin(), packet.end(), written.begin() + sizeof front);
  if (::write(fd.get(), written.data(), written.size()) < 0)
    return fail_errno(fmt::format("cannot send a packet of {} bytes", packet.size()), errno);
  return {};
}

std::optional<Bytes> TunDevice::receive() const {
  Bytes buffer(65536 + sizeof(tun_pi));
  const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
  if (count < static_cast<ssize_t>(sizeof(tun_pi))) return std::nullopt;
  return Bytes(buffer.begin() + sizeof(tun_pi), buffer.begin() + count);
}

Result<PacketSocket> PacketSocket::open(int ifindex) {
  OwnedFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return unavailable("cannot open a packet socket", errno);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
  const int room = 8 << 20;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = __builtin_bswap16(ETH_P_ALL);
  address.sll_ifindex = ifindex;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail_errno("cannot bind a packet socket", errno);
  }
  return PacketSocket(std::move(fd), ifindex);
}

Result<void> PacketSocket::send(const Bytes& packet) const {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = ifindex_;
  // A tun device learns the protocol from here; on Ethernet it stands in the frame.
  address.sll_protocol = __builtin_bswap16(ETH_P_IP);
  const ssize_t sent =
      ::sendto(fd_.get(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  // A filter that drops on egress shows as ENOBUFS: the packet went as far as it could.
  if (sent < 0 && errno != ENOBUFS)
    return fail_errno(fmt::format("cannot send a frame of {} bytes", packet.size()), errno);
  return {};
}

std::optional<Bytes> PacketSocket::receive() const {
  Bytes packet(65536 + 64);
  alignas(cmsghdr) std::array<char, 256> control{};
  iovec data{packet.data(), packet.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t count = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_TRUNC);
  if (count < 0) return std::nullopt;
  packet.resize(std::min(static_cast<std::size_t>(count), packet.size()));
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA || packet.size() < 12) continue;
    tpacket_auxdata auxiliary{};
    std::memcpy(&auxiliary, CMSG_DATA(part), sizeof auxiliary);
    if ((auxiliary.tp_status & TP_STATUS_VLAN_VALID) == 0) continue;
    const bool has_type = (auxiliary.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    const std::uint16_t type = has_type ? auxiliary.tp_vlan_tpid : static_cast<std::uint16_t>(ETH_P_8021Q);
    const std::uint16_t tag = auxiliary.tp_vlan_tci;
    const std::array<std::uint8_t, 4> bytes{static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type & 255),
                                            static_cast<std::uint8_t>(tag >> 8), static_cast<std::uint8_t>(tag & 255)};
    packet.insert(packet.begin() + 12, bytes.begin(), bytes.end());
  }
  return packet;
}

bool PacketSocket::wait(int milliseconds) const {
  pollfd poll{fd_.get(), POLLIN, 0};
  return ::poll(&poll, 1, milliseconds) == 1;
}

}  // namespace p4bpf::testing
