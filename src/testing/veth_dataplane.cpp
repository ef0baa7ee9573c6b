// Attaching, sending, listening (veth_dataplane.h).
#include "testing/veth_dataplane.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>

#include "runtime/ports.h"
#include "testing/network.h"
#include "testing/table_dataplane.h"

namespace p4bpf::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kEthernet = 14;
/// What a veth with XDP takes: a page less the headroom and the kernel's own record behind the packet.
constexpr int kMtu = 3400;
constexpr std::chrono::seconds kDeadline{10};
const Bytes kMarker{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 'p', '4', 'b', 'p', 'f'};

/// A pair of interfaces and who listens on them.
struct Port {
  VethPair pair;
  PacketSocket inner;  // vN, where the program is
  PacketSocket outer;  // pN
};

Result<OwnedFd> load_pass_everything() {
  // A frame sent by XDP reaches the other end of a veth only if that runs XDP as well.
  const std::array<bpf_insn, 2> program{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS},
                                        bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  const int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "p4bpf_pass", "GPL", program.data(), program.size(), nullptr);
  if (fd < 0) return fail_errno("cannot load the program that passes everything", -fd);
  return OwnedFd(fd);
}

std::string interface_name(char letter, std::uint32_t port) { return fmt::format("{}{}", letter, port); }

}  // namespace

/// All that the executor holds besides the tables.
class VethNetwork {
 public:
  OneCpu one_cpu;  // so that the kernel handles what we send before sending returns
  NetworkNamespace space;
  OwnedFd statistics;
  OwnedFd pass;
  Port marker;
};

namespace {

/// In the order of construction: sockets, devices and the program go before the namespace.
struct VethParts {
  VethNetworkHandle network;
  runtime::LoadedObject object;
};

class VethDataplane : private VethParts, public TableDataplane {
 public:
  VethDataplane(VethParts parts, bool short_frames, std::vector<std::string> externs)
      : VethParts(std::move(parts)),
        TableDataplane(object.kernel(), object.manifest()),
        externs_(std::move(externs)),
        is_xdp_(object.manifest().kernel_programs.front().hook == manifest::Hook::kXdp),
        forwards_(!is_xdp_ && !(object.manifest().ifindex_of_port_map.empty() &&
                                object.manifest().passes.slot_map.empty())),
        on_tuns_(short_frames && forwards_),
        program_(object.program(object.manifest().kernel_programs.front().function)) {}

  ~VethDataplane() override {
    for (const int link : links_) ::close(link);
    for (const auto& [ifindex, flags] : clsact_) detach_clsact(ifindex);
  }

  std::string name() const override { return "veth"; }

  Result<void> prepare(const std::set<std::uint32_t>& ports) {
    for (const std::uint32_t port : ports) {
      if (on_tuns_) {
        if (const auto made = find_tun(port); !made) return fail(made.error());
      } else if (const auto made = find_port(port); !made) {
        return fail(made.error());
      }
    }
    return {};
  }

  Result<std::vector<Output>> inject(std::uint32_t number, const Bytes& packet) override {
    if (on_tuns_) return inject_on_tun(number, packet);
    const auto port = find_port(number);
    if (!port) return fail(port.error());
    if (packet.size() > static_cast<std::size_t>(kMtu) + kEthernet) {
      return fail(fmt::format("a veth with XDP carries no frame of {} bytes", packet.size()), {}, kUnavailable);
    }
    if (packet.size() < kEthernet) return inject_short(number, packet);
    const auto sent =
        send([&] { return (is_xdp_ || forwards_ ? (*port)->outer : (*port)->inner).send(packet); });
    if (!sent) return fail(sent.error());
    return collect();
  }

 private:
  Result<Port> open_pair(const std::string& a, const std::string& b) const { return make_port(a, b); }

 public:
  static Result<Port> make_port(const std::string& a, const std::string& b) {
    const auto pair = create_veth(a, b, kMtu);
    if (!pair) return fail(pair.error());
    auto inner = PacketSocket::open(pair->a);
    if (!inner) return fail(inner.error());
    auto outer = PacketSocket::open(pair->b);
    if (!outer) return fail(outer.error());
    return Port{*pair, std::move(*inner), std::move(*outer)};
  }

 private:
  /// Sends a packet and waits until nobody has anything to do any more.
  template <class F>
  Result<void> send(F&& packet) {
    const std::uint64_t before = run_count();
    if (Result<void> sent = packet(); !sent) return sent;
    if (Result<void> met = wait_until_through(before); !met) return met;
    return check_missing_extern();
  }

  /// The port, its interfaces made and the program attached at its first use.
  Result<Port*> find_port(std::uint32_t number) {
    const auto found = ports_.find(number);
    if (found != ports_.end()) return &found->second;
    auto port = open_pair(interface_name('v', number), interface_name('p', number));
    if (!port) return fail(port.error());
    const auto bound = runtime::bind_port(kernel(), manifest(), static_cast<std::uint32_t>(port->pair.a), number);
    if (!bound) return fail(bound.error());
    const auto attached = is_xdp_ ? attach_xdp(port->pair) : attach_tc(port->pair.a);
    if (!attached) return fail(attached.error());
    return &ports_.emplace(number, std::move(*port)).first->second;
  }

  Result<void> attach_xdp(const VethPair& pair) {
    int code = bpf_xdp_attach(pair.a, program_, XDP_FLAGS_DRV_MODE, nullptr);
    if (code == 0) code = bpf_xdp_attach(pair.b, network->pass.get(), XDP_FLAGS_DRV_MODE, nullptr);
    if (code != 0) return fail_errno("cannot attach the program to a veth", -code);
    return {};
  }

  /// A filter at the egress side whatever it was made for: there it stands between the sender and the other end. A
  /// program that forwards at ingress.
  Result<void> attach_tc(int ifindex) {
    constexpr auto kTcxIngress = static_cast<bpf_attach_type>(46);  // BPF_TCX_INGRESS, from kernel 6.6 on
    constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);
    const int link = bpf_link_create(program_, ifindex, forwards_ ? kTcxIngress : kTcxEgress, nullptr);
    if (link >= 0) {
      links_.push_back(link);
      return {};
    }
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = forwards_ ? BPF_TC_INGRESS : BPF_TC_EGRESS);
    LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program_);
    int code = bpf_tc_hook_create(&hook);
    if (code == 0 || code == -EEXIST) code = bpf_tc_attach(&hook, &options);
    if (code != 0) return fail_errno("cannot attach the program to a veth", -code);
    clsact_.emplace(ifindex, 0);
    return {};
  }

  static void detach_clsact(int ifindex) {
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
                .attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS));
    bpf_tc_hook_destroy(&hook);
  }

  std::uint64_t run_count() const {
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    return bpf_obj_get_info_by_fd(program_, &info, &size) == 0 ? info.run_cnt : 0;
  }

  /// Until the program has met one more packet and a marker sent afterwards has gone its way. The marker waits behind
  /// copies for further passes, which may make more of them.
  Result<void> wait_until_through(std::uint64_t before) {
    const auto deadline = Clock::now() + kDeadline;
    while (run_count() == before) {
      if (Clock::now() > deadline) return fail("the packet did not reach the program within 10 s");
      ::sched_yield();
    }
    do {
      before = run_count();
      if (Result<void> came = wait_for_marker(deadline); !came) return came;
    } while (run_count() != before);
    return {};
  }

  Result<void> wait_for_marker(Clock::time_point deadline) {
    while (network->marker.outer.receive()) {
    }
    do {
      if (Clock::now() > deadline) return fail("the marker behind the packet did not arrive within 10 s");
      const auto sent = network->marker.inner.send(kMarker);
      if (!sent) return sent;
      network->marker.outer.wait(100);
    } while (!network->marker.outer.receive());
    return {};
  }

  std::vector<Output> collect() {
    std::vector<Output> outputs;
    for (auto& [number, port] : ports_) {
      while (auto bytes = port.outer.receive()) outputs.push_back({number, std::move(*bytes)});
      while (auto bytes = port.inner.receive()) {
        if (is_xdp_) outputs.push_back({number, std::move(*bytes)});  // passed to the host
      }
    }
    return outputs;
  }

  /// Through the egress of a tun device; what is accepted is read from its other side.
  Result<std::vector<Output>> inject_short(std::uint32_t number, const Bytes& packet) {
    if (is_xdp_ || forwards_ || packet.empty()) {
      return fail(
          fmt::format("no interface that this program can be attached to carries a frame of {} bytes", packet.size()),
          {}, kUnavailable);
    }
    if (!tun_) {
      auto device = create_tun("t0");
      if (!device) return fail(device.error());
      auto socket = PacketSocket::open(device->ifindex);
      if (!socket) return fail(socket.error());
      const auto attached = attach_tc(device->ifindex);
      if (!attached) return fail(attached.error());
      tun_.emplace(Tun{std::move(*device), std::move(*socket)});
    }
    const auto bound =
        runtime::bind_port(kernel(), manifest(), static_cast<std::uint32_t>(tun_->device.ifindex), number);
    if (!bound) return fail(bound.error());
    const auto sent = send([&] { return tun_->socket.send(packet); });
    if (!sent) return fail(sent.error());
    std::vector<Output> outputs;
    while (auto bytes = tun_->device.receive()) outputs.push_back({number, std::move(*bytes)});
    return outputs;
  }

  /// The port as a tun device with the program at its ingress, made at its first use.
  Result<const TunDevice*> find_tun(std::uint32_t number) {
    const auto found = tuns_.find(number);
    if (found != tuns_.end()) return &found->second;
    auto device = create_tun(interface_name('t', number));
    if (!device) return fail(device.error());
    const auto bound = runtime::bind_port(kernel(), manifest(), static_cast<std::uint32_t>(device->ifindex), number);
    if (!bound) return fail(bound.error());
    const auto attached = attach_tc(device->ifindex);
    if (!attached) return fail(attached.error());
    return &tuns_.emplace(number, std::move(*device)).first->second;
  }

  Result<std::vector<Output>> inject_on_tun(std::uint32_t number, const Bytes& packet) {
    const auto tun = find_tun(number);
    if (!tun) return fail(tun.error());
    const auto sent = send([&] { return (*tun)->deliver(packet); });
    if (!sent) return fail(sent.error());
    std::vector<Output> outputs;
    for (const auto& [port, device] : tuns_) {
      while (auto bytes = device.receive()) outputs.push_back({port, std::move(*bytes)});
    }
    return outputs;
  }

  Result<void> check_missing_extern() {
    const auto place = object.global("p4bpf_missing_extern");
    if (!place) return {};  // every extern has a body
    const auto bytes = kernel().read_global(place->map, place->offset, sizeof(std::uint32_t));
    if (!bytes) return fail(bytes.error());
    std::uint32_t number = 0;
    std::memcpy(&number, bytes->data(), sizeof number);
    if (number == 0) return {};
    const auto reset = kernel().write_global(place->map, place->offset, bytes_of(0));
    if (!reset) return reset;
    return fail_missing_extern(number, externs_);
  }

  struct Tun {
    TunDevice device;
    PacketSocket socket;
  };

  std::map<std::uint32_t, Port> ports_;
  std::map<std::uint32_t, TunDevice> tuns_;
  std::optional<Tun> tun_;
  std::vector<int> links_;
  std::map<int, int> clsact_;
  std::vector<std::string> externs_;
  bool is_xdp_;
  bool forwards_;
  bool on_tuns_;
  int program_;
};

}  // namespace

void DeleteVethNetwork::operator()(VethNetwork* network) const { delete network; }

Result<VethNetworkHandle> make_veth_network() {
  auto space = NetworkNamespace::enter();
  if (!space) return fail(space.error());
  OwnedFd statistics(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (statistics.get() < 0)
    return fail(fmt::format("cannot count the runs of a program: {}", std::strerror(errno)), {}, kUnavailable);
  auto pass = load_pass_everything();
  if (!pass) return fail(pass.error());
  auto marker = VethDataplane::make_port("m0", "m1");
  if (!marker) return fail(marker.error());
  // Made in place: the namespace must not be left between.
  return VethNetworkHandle(
      new VethNetwork{{}, std::move(*space), std::move(statistics), std::move(*pass), std::move(*marker)});
}

Result<std::unique_ptr<Dataplane>> make_veth_dataplane(VethNetworkHandle network, runtime::LoadedObject object,
                                                       const std::set<std::uint32_t>& ports, bool short_frames,
                                                       std::vector<std::string> externs) {
  auto dataplane =
      std::make_unique<VethDataplane>(VethParts{std::move(network), std::move(object)}, short_frames,
                                      std::move(externs));
  const auto ready = dataplane->prepare(ports);
  if (!ready) return fail(ready.error());
  return std::unique_ptr<Dataplane>(std::move(dataplane));
}

}  // namespace p4bpf::testing
