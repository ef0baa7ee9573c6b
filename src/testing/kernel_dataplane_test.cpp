// The kernel executor on hand-written programs: verdicts, ports, short packets, defaults in global data. Skipped
// without the privilege.
#include "testing/kernel_dataplane.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "manifest/entry.h"
#include "object/c_compiler.h"

namespace p4bpf::testing {
namespace {

constexpr const char* kXdp = R"(#include "p4bpf.h"
u32 redirected_to P4BPF_SECTION(".data") = 0;
struct value { u32 action; u32 port; };
struct value fallback P4BPF_SECTION(".data") = {0, 0};
u32 port_of[P4BPF_PORT_SLOTS];
P4BPF_MAP(table, P4BPF_MAP_HASH, u8, struct value, 4, 0);
P4BPF_PROGRAM("xdp", prog, xdp) {
  u32 ifindex = context->ingress_ifindex;
  u8 *data = P4BPF_DATA(context);
  if (data + 1 > P4BPF_DATA_END(context)) return P4BPF_XDP_DROP;
  u8 key = data[0];
  struct value *value = p4bpf_map_lookup(&table, &key);
  if (!value) value = &fallback;
  switch (value->action) {
    case 1: data[0] = 0xee; return P4BPF_XDP_TX;
    case 2: redirected_to = value->port; return P4BPF_XDP_REDIRECT;
    case 3: return p4bpf_port_of(port_of, ifindex) == value->port ? P4BPF_XDP_PASS : P4BPF_XDP_DROP;
    default: return P4BPF_XDP_DROP;
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

manifest::Manifest sample(manifest::Hook hook) {
  manifest::Manifest manifest;
  manifest.kernel_programs = {{"prog", hook}};
  if (hook != manifest::Hook::kXdp) return manifest;
  manifest.port_of_ifindex_symbol = "port_of";
  manifest.test_port_symbol = "redirected_to";
  manifest::Table table;
  table.name = "t";
  table.keys = {{"k", manifest::MatchKind::kExact, {}, 8, {}, {0, 1, manifest::ByteOrder::kHost}}};
  const manifest::Slot port{4, 4, manifest::ByteOrder::kHost};
  table.actions = {{"drop", {}, false, false},
                   {"back", {}, false, false},
                   {"to", {{"port", {}, 32, {}, port}}, false, false},
                   {"pass", {{"port", {}, 32, {}, port}}, false, false}};
  table.structure = manifest::Structure::kHash;
  table.map = "table";
  table.size = 4;
  table.key_size = 1;
  table.value_size = 8;
  table.default_symbol = "fallback";
  manifest.tables.push_back(table);
  return manifest;
}

class KernelTest : public ::testing::Test {
 protected:
  std::unique_ptr<KernelDataplane> load(const std::string& text, manifest::Hook hook) {
    const auto outcome = object::compile_bpf({text, {}, {}, {}, {}}, folder_->file("p.o"));
    EXPECT_TRUE(outcome && outcome->ok);
    if (!outcome || !outcome->ok) return nullptr;
    auto loaded = runtime::LoadedObject::load(folder_->file("p.o"), sample(hook));
    if (loaded && loaded->object) return make_kernel_dataplane(std::move(*loaded->object), folder_->file("p.o"));
    EXPECT_TRUE(!loaded && (loaded.error().code == EPERM || loaded.error().code == EACCES));
    return nullptr;
  }
  Result<TempDir> folder_ = TempDir::create();
};

manifest::Entry entry(std::uint32_t key, std::size_t action, std::vector<BigInt> arguments) {
  manifest::Entry result;
  result.keys.push_back({KeyMatch::Kind::kExact, key, 0, 0, 0});
  result.action = action;
  result.arguments = std::move(arguments);
  return result;
}

TEST_F(KernelTest, RunsTablesDefaultsAndVerdicts) {
  const auto kernel = load(kXdp, manifest::Hook::kXdp);
  if (kernel == nullptr) GTEST_SKIP() << "no privilege to load BPF programs";
  const Bytes packet(20, 0x11);
  EXPECT_TRUE(kernel->inject(3, packet)->empty());
  ASSERT_TRUE(kernel->insert(0, entry(0x11, 1, {})));
  Bytes changed = packet;
  changed[0] = 0xee;
  EXPECT_EQ(kernel->inject(3, packet).value(), (std::vector<Output>{{3, changed}}));
  ASSERT_TRUE(kernel->clear(0));
  ASSERT_TRUE(kernel->set_default(0, manifest::action_entry(2, {9})));
  EXPECT_EQ(kernel->inject(3, packet).value(), (std::vector<Output>{{9, packet}}));
  ASSERT_TRUE(kernel->insert(0, entry(0x11, 3, {5})));
  EXPECT_EQ(kernel->inject(5, packet).value(), (std::vector<Output>{{5, packet}}));
  EXPECT_TRUE(kernel->inject(4, packet)->empty());
  EXPECT_EQ(kernel->inject(3, Bytes(13, 0)).error().code, kUnavailable);
  const runtime::ProgramStats& figures = kernel->stats();
  EXPECT_GT(figures.instructions, 10u);
  EXPECT_GE(figures.stack_bytes, 4u);
  EXPECT_GT(figures.processed, 10u);
  EXPECT_TRUE(kernel->nanoseconds(1, packet, 100));
}

TEST_F(KernelTest, RunsShortPacketsThroughTc) {
  const auto kernel = load(kTc, manifest::Hook::kTcIngress);
  if (kernel == nullptr) GTEST_SKIP() << "no privilege to load BPF programs";
  for (const std::size_t size : {3, 11, 13, 14, 15, 60}) {
    EXPECT_EQ(kernel->inject(1, Bytes(size, 0x33)).value(), (std::vector<Output>{{1, Bytes(size, 0x33)}})) << size;
    EXPECT_TRUE(kernel->inject(1, Bytes(size, 0x32))->empty()) << size;
  }
  Bytes cut_in_ip(30, 0x33);
  cut_in_ip[12] = 0x08;
  cut_in_ip[13] = 0x00;
  EXPECT_EQ(kernel->inject(1, cut_in_ip).value(), (std::vector<Output>{{1, cut_in_ip}}));
  EXPECT_TRUE(kernel->inject(1, Bytes(2, 0x33))->empty());
  EXPECT_TRUE(kernel->inject(1, {})->empty());
}

}  // namespace
}  // namespace p4bpf::testing
