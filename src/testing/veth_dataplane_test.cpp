// The veth executor on hand-written programs: pass, back, redirect, drop by XDP; a filter by TC; short frames through
// tun; VLAN tags. Skipped without the privilege.
#include "testing/veth_dataplane.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "object/c_compiler.h"

namespace p4bpf::testing {
namespace {

constexpr const char* kXdp = R"(#include "p4bpf.h"
u32 port_of[P4BPF_PORT_SLOTS];
P4BPF_MAP(ifindex_of, P4BPF_MAP_DEVMAP_HASH, u32, u32, 16, 0);
P4BPF_PROGRAM("xdp", prog, xdp) {
  u32 ifindex = context->ingress_ifindex;
  u8 *data = P4BPF_DATA(context);
  if (data + 14 > P4BPF_DATA_END(context)) return P4BPF_XDP_DROP;
  data[1] = p4bpf_port_of(port_of, ifindex);
  switch (data[0]) {
    case 0: return P4BPF_XDP_DROP;
    case 2: return P4BPF_XDP_TX;
    case 4: return P4BPF_XDP_PASS;
    default: return p4bpf_redirect_map(&ifindex_of, data[0], 0);
  }
}
)";

constexpr const char* kTc = R"(#include "p4bpf.h"
P4BPF_PROGRAM("tc", prog, tc) {
  u8 *data = P4BPF_DATA(context);
  if (data + 3 > P4BPF_DATA_END(context)) return P4BPF_TC_SHOT;
  return data[2] == 0x33 ? P4BPF_TC_OK : P4BPF_TC_SHOT;
}
)";

class VethTest : public ::testing::Test {
 protected:
  std::unique_ptr<Dataplane> load(const std::string& text, const manifest::Manifest& manifest,
                                  const std::set<std::uint32_t>& ports) {
    const auto outcome = object::compile_bpf({text, {}, {}, {}, {}}, folder_->file("p.o"));
    EXPECT_TRUE(outcome && outcome->ok);
    if (!outcome || !outcome->ok) return nullptr;
    auto network = make_veth_network();
    if (!network) {
      EXPECT_EQ(network.error().code, kUnavailable) << network.error().message;
      return nullptr;
    }
    auto loaded = runtime::LoadedObject::load(folder_->file("p.o"), manifest);
    if (!loaded || !loaded->object) {
      ADD_FAILURE() << (loaded ? loaded->verifier_log : loaded.error().message);
      return nullptr;
    }
    auto made = make_veth_dataplane(std::move(*network), std::move(*loaded->object), ports, false);
    if (made) return std::move(*made);
    ADD_FAILURE() << made.error().message;
    return nullptr;
  }
  Result<TempDir> folder_ = TempDir::create();
};

TEST_F(VethTest, CarriesXdpVerdicts) {
  manifest::Manifest manifest;
  manifest.kernel_programs = {{"prog", manifest::Hook::kXdp}};
  manifest.port_of_ifindex_symbol = "port_of";
  manifest.ifindex_of_port_map = "ifindex_of";
  const auto veth = load(kXdp, manifest, {1, 6});
  if (veth == nullptr) GTEST_SKIP() << "no privilege";
  const auto packet = [](std::uint8_t first, std::uint8_t second) {
    Bytes bytes(30, 0x11);
    bytes[0] = first;
    bytes[1] = second;
    return bytes;
  };
  EXPECT_TRUE(veth->inject(1, packet(0, 0))->empty());
  EXPECT_EQ(veth->inject(1, packet(2, 0)).value(), (std::vector<Output>{{1, packet(2, 1)}}));
  EXPECT_EQ(veth->inject(1, packet(4, 0)).value(), (std::vector<Output>{{1, packet(4, 1)}}));
  EXPECT_EQ(veth->inject(1, packet(6, 0)).value(), (std::vector<Output>{{6, packet(6, 1)}}));
  EXPECT_EQ(veth->inject(6, packet(6, 0)).value(), (std::vector<Output>{{6, packet(6, 6)}}));
  EXPECT_TRUE(veth->inject(1, packet(8, 0))->empty());  // no such port
  EXPECT_EQ(veth->inject(7, packet(2, 0)).value(), (std::vector<Output>{{7, packet(2, 7)}}));
  EXPECT_EQ(veth->inject(1, Bytes(13, 0)).error().code, kUnavailable);
  EXPECT_EQ(veth->inject(1, Bytes(4000, 0)).error().code, kUnavailable);
}

TEST_F(VethTest, CarriesTagsWhole) {
  manifest::Manifest manifest;
  manifest.kernel_programs = {{"prog", manifest::Hook::kXdp}};
  const auto veth = load(kXdp, manifest, {1});
  if (veth == nullptr) GTEST_SKIP() << "no privilege";
  Bytes packet(60, 0x22);
  packet[0] = 4;
  packet[1] = 0;
  packet[12] = 0x81;
  packet[13] = 0x00;
  EXPECT_EQ(veth->inject(1, packet).value(), (std::vector<Output>{{1, packet}}));
  packet[0] = 2;
  EXPECT_EQ(veth->inject(1, packet).value(), (std::vector<Output>{{1, packet}}));
}

TEST_F(VethTest, CarriesFilters) {
  manifest::Manifest manifest;
  manifest.kernel_programs = {{"prog", manifest::Hook::kTcIngress}};
  const auto veth = load(kTc, manifest, {0});
  if (veth == nullptr) GTEST_SKIP() << "no privilege";
  for (const std::size_t size : {3, 11, 14, 60, 1400}) {
    const auto accepted = veth->inject(0, Bytes(size, 0x33));
    ASSERT_TRUE(accepted) << accepted.error().message;
    EXPECT_EQ(*accepted, (std::vector<Output>{{0, Bytes(size, 0x33)}})) << size;
    EXPECT_TRUE(veth->inject(0, Bytes(size, 0x32))->empty()) << size;
  }
}

}  // namespace
}  // namespace p4bpf::testing
