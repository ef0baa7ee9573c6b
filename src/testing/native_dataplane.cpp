// Packets through a shared object, between guard pages (native_dataplane.h).
#include "testing/native_dataplane.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/ports.h"
#include "testing/guard.h"
#include "testing/native_maps.h"
#include "testing/pass_queue.h"
#include "testing/table_dataplane.h"

namespace p4bpf::testing {
namespace {

constexpr std::size_t kHeadroom = 256;  // as XDP gives
constexpr std::size_t kMaxPacket = 65535;
constexpr std::uint32_t kIfindex = 1;  // of every packet; what port it stands for is set before each
enum Hook : std::uint32_t { kXdp = 0, kTcIngress = 1, kTcEgress = 2 };

/// Memory with a page behind it that nobody may touch, so that a read behind the packet is caught.
class PacketMemory {
 public:
  PacketMemory() {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    usable_ = (kHeadroom + kMaxPacket + page) / page * page;
    size_ = usable_ + page;
    void* const memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    P4BPF_CHECK(memory != MAP_FAILED, "memory for packets");
    begin_ = static_cast<std::uint8_t*>(memory);
    ::mprotect(begin_ + usable_, page, PROT_NONE);
  }
  PacketMemory(const PacketMemory&) = delete;
  PacketMemory& operator=(const PacketMemory&) = delete;
  ~PacketMemory() { ::munmap(begin_, size_); }
  std::uint8_t* end() const { return begin_ + usable_; }

 private:
  std::uint8_t* begin_ = nullptr;
  std::size_t usable_ = 0;
  std::size_t size_ = 0;
};

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};
using Library = std::unique_ptr<void, CloseLibrary>;

/// What the tables stand on. In the order of construction: the library goes after the maps that its variables point to.
struct NativeParts {
  Library library;
  std::unique_ptr<NativeMaps> maps;
  std::unique_ptr<manifest::Manifest> own_manifest;
};

class NativeDataplane : private NativeParts, public TableDataplane {
 public:
  NativeDataplane(NativeParts parts, std::vector<std::string> externs)
      : NativeParts(std::move(parts)), TableDataplane(*maps, *own_manifest), externs_(std::move(externs)) {
    run_ = reinterpret_cast<int (*)(NativeContext*)>(find("p4bpf_run"));
    hook_ = static_cast<const std::uint32_t*>(find("p4bpf_hook"));
    missing_extern_ = static_cast<std::uint32_t*>(find("p4bpf_missing_extern"));
    if (!own_manifest->test_port_symbol.empty())
      test_port_ = static_cast<std::uint32_t*>(find(own_manifest->test_port_symbol.c_str()));
  }

  std::string name() const override { return "native"; }

  Result<void> prepare() {
    if (run_ == nullptr || hook_ == nullptr)
      return fail("the native build of the program lacks p4bpf_run or p4bpf_hook");
    return access().initialise();
  }

  Result<std::vector<Output>> inject(std::uint32_t port, const Bytes& packet) override {
    if (packet.size() > kMaxPacket) return fail(fmt::format("a packet has {} bytes at most", kMaxPacket));
    if (const auto set = runtime::set_port_of(kernel(), manifest(), kIfindex, port); !set) return fail(set.error());
    return run_passes(
        packet, [&](const PassInput& pass) { return run_once(port, pass); }, [&] { return take_copies(); });
  }

 private:
  Result<std::vector<PassInput>> take_copies() {
    std::vector<PassInput> copies;
    if (manifest().passes.test_copies_map.empty()) return copies;
    for (const runtime::Bytes& event : maps->take_events(manifest().passes.test_copies_map))
      copies.push_back(read_copy(event));
    return copies;
  }

  Result<std::optional<Output>> run_once(std::uint32_t port, const PassInput& pass) {
    const Bytes& packet = pass.packet;
    if (packet.size() > kMaxPacket) return fail("a packet has grown from pass to pass and is too long");
    std::uint8_t* const data = memory_.end() - packet.size();
    std::memset(data - kHeadroom, 0, kHeadroom);
    if (!packet.empty()) std::memcpy(data, packet.data(), packet.size());
    NativeContext context{data - kHeadroom, memory_.end(), data, memory_.end(), pass.mark, kIfindex};
    int verdict = 0;
    const std::string crash = run_guarded([&] { verdict = run_(&context); });
    if (!crash.empty()) return fail(fmt::format("the program met {} in the native build", crash));
    const auto missing = check_missing_extern();
    if (!missing) return fail(missing.error());
    const auto out = output_port(verdict, port);
    if (!out) return std::optional<Output>();
    return std::optional<Output>({*out, Bytes(context.data, context.data_end)});
  }

  void* find(const char* name) const { return ::dlsym(library.get(), name); }

  std::optional<std::uint32_t> output_port(int verdict, std::uint32_t port) const {
    const std::uint32_t redirected = test_port_ != nullptr ? *test_port_ : port;
    if (*hook_ == kXdp) {
      if (verdict == XDP_PASS || verdict == XDP_TX) return port;
      return verdict == XDP_REDIRECT ? std::optional(redirected) : std::nullopt;
    }
    if (verdict == TC_ACT_OK || verdict == TC_ACT_UNSPEC) return port;
    return verdict == TC_ACT_REDIRECT ? std::optional(redirected) : std::nullopt;
  }

  Result<void> check_missing_extern() {
    if (missing_extern_ == nullptr || *missing_extern_ == 0) return {};
    return fail_missing_extern(std::exchange(*missing_extern_, 0), externs_);
  }

  std::vector<std::string> externs_;
  int (*run_)(NativeContext*) = nullptr;
  const std::uint32_t* hook_ = nullptr;
  std::uint32_t* missing_extern_ = nullptr;
  std::uint32_t* test_port_ = nullptr;
  PacketMemory memory_;
};

}  // namespace

Result<std::unique_ptr<Dataplane>> make_native_dataplane(const manifest::Manifest& manifest, const std::string& library,
                                                         std::vector<std::string> externs) {
  Library handle(::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!handle) {
    const char* const why = ::dlerror();
    return fail(
        fmt::format("cannot load the native build of the program: {}", why != nullptr ? why : "no reason given"));
  }
  auto maps = NativeMaps::create(handle.get());
  if (!maps) return fail(maps.error());
  auto own = std::make_unique<manifest::Manifest>(manifest);
  // A global is found by its symbol here, not by the place in a section.
  for (manifest::Table& table : own->tables) {
    table.default_map = table.default_symbol;
    table.default_offset = 0;
  }
  for (manifest::Calculation& one : own->calculations) one.map = one.symbol;
  own->port_of_ifindex_map = own->port_of_ifindex_symbol;
  own->port_of_ifindex_offset = 0;
  auto dataplane = std::make_unique<NativeDataplane>(NativeParts{std::move(handle), std::move(*maps), std::move(own)},
                                                     std::move(externs));
  const auto ready = dataplane->prepare();
  if (!ready) return fail(ready.error());
  return std::unique_ptr<Dataplane>(std::move(dataplane));
}

}  // namespace p4bpf::testing
