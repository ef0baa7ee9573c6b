// A network of our own for a test: a namespace that only this process sees, veth pairs and tun devices in it, raw
// sockets on them.
//
// The namespace has no name and no process but ours, so it and all devices in it vanish with us, however we end.
#pragma once

#include <sched.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "testing/dataplane.h"

namespace p4bpf::testing {

/// A file descriptor that closes itself.
class OwnedFd {
 public:
  explicit OwnedFd(int fd = -1) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    const int fd = fd_;
    fd_ = other.fd_;
    other.fd_ = fd;
    return *this;
  }
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  ~OwnedFd();
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Keeps this thread on the CPU where it is now.
class OneCpu {
 public:
  OneCpu();
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;
  ~OneCpu();

 private:
  cpu_set_t before_{};
};

/// While it lives, this thread is in a new network namespace; then back in the one it was in. A missing privilege is
/// kUnavailable.
class NetworkNamespace {
 public:
  static Result<NetworkNamespace> enter();
  NetworkNamespace(NetworkNamespace&&) = default;
  NetworkNamespace& operator=(NetworkNamespace&&) = delete;
  ~NetworkNamespace();

 private:
  explicit NetworkNamespace(OwnedFd home) : home_(std::move(home)) {}
  OwnedFd home_;
};

/// Both ends, up, with no addresses. The ifindices.
struct VethPair {
  int a = 0;
  int b = 0;
};
Result<VethPair> create_veth(const std::string& a, const std::string& b, int mtu);

/// A tun device (packets without an Ethernet header), up.
struct TunDevice {
  OwnedFd fd;  // the wire, each packet behind a struct tun_pi
  int ifindex = 0;
  /// As if it came by the wire.
  Result<void> deliver(const Bytes& packet) const;
  /// What the device has sent, whole; nothing if there is none now.
  std::optional<Bytes> receive() const;
};
Result<TunDevice> create_tun(const std::string& name);

/// A raw socket on one device.
class PacketSocket {
 public:
  static Result<PacketSocket> open(int ifindex);
  /// As the device would send it.
  Result<void> send(const Bytes& packet) const;
  /// What arrived at the device, whole, a VLAN tag that the kernel took off put back; nothing if there is none now.
  std::optional<Bytes> receive() const;
  /// Whether something is there within `milliseconds`.
  bool wait(int milliseconds) const;

 private:
  PacketSocket(OwnedFd fd, int ifindex) : fd_(std::move(fd)), ifindex_(ifindex) {}
  OwnedFd fd_;
  int ifindex_;
};

}  // namespace p4bpf::testing
