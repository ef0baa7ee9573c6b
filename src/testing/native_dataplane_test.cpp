// The native executor: verdicts, ports, head moves, every kind of map, and crashes that stay in the packet that met
// them.
#include "testing/native_dataplane.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <cstring>

#include "base/files.h"
#include "object/c_compiler.h"
#include "testing/native_maps.h"

namespace p4bpf::testing {
namespace {

/// Byte 0 of a packet says what to do with it.
constexpr const char* kProgram = R"(#include "p4bpf.h"
u32 p4bpf_hook P4BPF_SECTION(".data") = 0;
u32 redirected_to P4BPF_SECTION(".data") = 0;
u32 port_of[P4BPF_PORT_SLOTS];
P4BPF_PROGRAM("xdp", prog, xdp) {
  u32 ifindex = context->ifindex;
  if (context->data_end - context->data < 1) return P4BPF_XDP_DROP;
  switch (*context->data) {
    case 0: return P4BPF_XDP_DROP;
    case 1: return P4BPF_XDP_TX;
    case 2: redirected_to = 7; return P4BPF_XDP_REDIRECT;
    case 3: return p4bpf_port_of(port_of, ifindex) == 5 ? P4BPF_XDP_PASS : P4BPF_XDP_DROP;
    case 4: p4bpf_move_head(context, -4, 14); context->data[0] = 9; return P4BPF_XDP_TX;
    case 5: return *context->data_end;
    case 6: for (;;) __asm__ volatile("");
    default: return P4BPF_XDP_ABORTED;
  }
}
)";

class NativeTest : public ::testing::Test {
 protected:
  std::string build(const std::string& text) {
    const auto outcome = object::compile_native({text, {}, {}, {}, {"P4BPF_NATIVE"}}, folder_->file("p.so"));
    EXPECT_TRUE(outcome && outcome->ok);
    for (const auto& message : outcome->messages) ADD_FAILURE() << message.line << ": " << message.text;
    return folder_->file("p.so");
  }
  Result<TempDir> folder_ = TempDir::create();
};

Bytes packet(std::uint8_t first) {
  Bytes bytes(20, 0x55);
  bytes[0] = first;
  return bytes;
}

TEST_F(NativeTest, TakesVerdictsAndPorts) {
  manifest::Manifest manifest;
  manifest.port_of_ifindex_symbol = "port_of";
  manifest.test_port_symbol = "redirected_to";
  const auto made = make_native_dataplane(manifest, build(kProgram));
  ASSERT_TRUE(made) << made.error().message;
  Dataplane& native = **made;
  EXPECT_TRUE(native.inject(3, packet(0))->empty());
  EXPECT_EQ(native.inject(3, packet(1)).value(), (std::vector<Output>{{3, packet(1)}}));
  EXPECT_EQ(native.inject(3, packet(2)).value(), (std::vector<Output>{{7, packet(2)}}));
  EXPECT_EQ(native.inject(5, packet(3)).value(), (std::vector<Output>{{5, packet(3)}}));
  EXPECT_TRUE(native.inject(3, packet(3))->empty());
  EXPECT_EQ(native.inject(3, packet(4))->at(0).bytes.size(), 24u);
  EXPECT_TRUE(native.inject(3, packet(9))->empty());
  EXPECT_TRUE(native.inject(3, {})->empty());
  EXPECT_FALSE(native.inject(3, Bytes(70000)));
}

TEST_F(NativeTest, SurvivesAReadBehindThePacket) {
  manifest::Manifest manifest;
  const auto made = make_native_dataplane(manifest, build(kProgram));
  ASSERT_TRUE(made);
  const auto result = (*made)->inject(1, packet(5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the program met a bad memory access in the native build");
  EXPECT_EQ((*made)->inject(1, packet(1))->size(), 1u);
}

TEST_F(NativeTest, MapsBehaveLikeTheKernels) {
  NativeMapDeclaration hash{"h", BPF_MAP_TYPE_HASH, 4, 8, 2, 0, nullptr};
  NativeMap map(hash);
  const std::uint32_t keys[] = {1, 2, 3};
  const std::uint64_t value = 42;
  EXPECT_EQ(map.lookup(&keys[0]), nullptr);
  EXPECT_EQ(map.update(&keys[0], &value, BPF_EXIST), -ENOENT);
  EXPECT_EQ(map.update(&keys[0], &value, BPF_NOEXIST), 0);
  EXPECT_EQ(map.update(&keys[0], &value, BPF_NOEXIST), -EEXIST);
  EXPECT_EQ(map.update(&keys[1], &value, BPF_ANY), 0);
  EXPECT_EQ(map.update(&keys[2], &value, BPF_ANY), -E2BIG);
  EXPECT_EQ(*static_cast<std::uint64_t*>(map.lookup(&keys[1])), 42u);
  EXPECT_EQ(map.remove(&keys[1]), 0);
  EXPECT_EQ(map.remove(&keys[1]), -ENOENT);

  NativeMapDeclaration lru{"l", BPF_MAP_TYPE_LRU_HASH, 4, 8, 2, 0, nullptr};
  NativeMap recent(lru);
  EXPECT_EQ(recent.update(&keys[0], &value, BPF_NOEXIST), 0);
  EXPECT_EQ(recent.update(&keys[1], &value, BPF_NOEXIST), 0);
  EXPECT_EQ(recent.update(&keys[1], &value, BPF_NOEXIST), -EEXIST);
  EXPECT_NE(recent.lookup(&keys[0]), nullptr);
  EXPECT_EQ(recent.update(&keys[2], &value, BPF_NOEXIST), 0);
  EXPECT_EQ(recent.lookup(&keys[1]), nullptr);
  EXPECT_EQ(recent.remove(&keys[0]), 0);
  EXPECT_EQ(recent.update(&keys[1], &value, BPF_NOEXIST), 0);
  EXPECT_EQ(recent.keys().size(), 2u);

  NativeMapDeclaration array{"a", BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0, nullptr};
  NativeMap elements(array);
  EXPECT_NE(elements.lookup(&keys[0]), nullptr);
  EXPECT_EQ(elements.lookup(&keys[1]), nullptr);
  EXPECT_EQ(elements.remove(&keys[0]), -EINVAL);
}

TEST_F(NativeTest, TrieFindsTheLongestPrefix) {
  NativeMapDeclaration trie{"t", BPF_MAP_TYPE_LPM_TRIE, 8, 4, 8, 0, nullptr};
  NativeMap map(trie);
  const auto key = [](std::uint32_t length, std::array<std::uint8_t, 4> address) {
    runtime::Bytes bytes(8);
    std::memcpy(bytes.data(), &length, 4);
    std::copy(address.begin(), address.end(), bytes.begin() + 4);
    return bytes;
  };
  std::uint32_t value = 8;
  map.update(key(8, {10, 0, 0, 0}).data(), &value, 0);
  value = 12;
  map.update(key(12, {10, 16, 0, 0}).data(), &value, 0);
  const auto find = [&](std::array<std::uint8_t, 4> address) {
    const void* const found = map.lookup(key(32, address).data());
    return found == nullptr ? 0u : *static_cast<const std::uint32_t*>(found);
  };
  EXPECT_EQ(find({10, 31, 1, 1}), 12u);
  EXPECT_EQ(find({10, 32, 1, 1}), 8u);
  EXPECT_EQ(find({11, 0, 0, 0}), 0u);
  EXPECT_EQ(map.update(key(33, {1, 1, 1, 1}).data(), &value, 0), -EINVAL);
}

TEST_F(NativeTest, ListsAreReplacedWhole) {
  NativeMapDeclaration outer{"o", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 8, nullptr};
  NativeMap map(outer);
  const std::uint32_t zero = 0;
  EXPECT_EQ(map.lookup(&zero), nullptr);
  map.replace_inner({1, 2, 3, 4, 5, 6, 7, 8});
  auto* const inner = static_cast<NativeMapDeclaration*>(map.lookup(&zero));
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(*static_cast<std::uint8_t*>(static_cast<NativeMap*>(inner->impl)->lookup(&zero)), 1);
  EXPECT_EQ(map.read_inner().size(), 8u);
}

}  // namespace
}  // namespace p4bpf::testing
