// Groups that change while packets go by on other CPUs: each packet sees a member of the group as it was before a
// change or after it, never anything else. Skipped without the privilege.
#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "base/files.h"
#include "object/c_compiler.h"
#include "runtime/loaded_object.h"
#include "runtime/profile_access.h"

namespace p4bpf::testing {
namespace {

constexpr std::uint32_t kMost = 1000;  // members of a group: many, so that writing them takes its time
constexpr std::uint32_t kMembers = 64;

/// Writes the member's number in place of what chooses it.
constexpr const char* kProgram = R"(#include "p4bpf.h"
struct member { u32 action; u32 number; };
P4BPF_MAP(members, P4BPF_MAP_ARRAY, u32, struct member, 64, 0);
P4BPF_MAP(groups, P4BPF_MAP_ARRAY, u32, struct { u32 words[2004]; }, 64, 0);
P4BPF_PROGRAM("xdp", prog, xdp) {
  u8 *data = P4BPF_DATA(context);
  if (data + 4 > P4BPF_DATA_END(context)) return P4BPF_XDP_DROP;
  u32 number = 0;
  number = p4bpf_choose(p4bpf_map_lookup(&groups, &number), 1000, *(u32 *)data);
  struct member *member = p4bpf_map_lookup(&members, &number);
  if (!member) return P4BPF_XDP_ABORTED;
  *(u32 *)data = member->number;
  return P4BPF_XDP_TX;
}
)";

manifest::Manifest sample() {
  manifest::Manifest manifest;
  manifest.kernel_programs = {{"prog", manifest::Hook::kXdp}};
  manifest::Profile profile;
  profile.name = "p";
  profile.size = kMembers;
  profile.is_selector = true;
  profile.max_group_size = kMost;
  profile.actions = {{"send", {{"number", manifest::ValueKind::kBits, 32, {}, {}, {}}}, false, false}};
  profile.actions[0].params[0].slot = {4, 4, manifest::ByteOrder::kHost};
  profile.member_map = "members";
  profile.value_size = 8;
  profile.group_map = "groups";
  manifest.profiles = {profile};
  return manifest;
}

/// What the group holds behind change `step`: a list of another length than before and behind, of eight other members.
std::uint32_t count_at(std::uint32_t step) { return kMost - step % 7; }
std::uint32_t member_at(std::uint32_t step, std::uint32_t index) { return 8 * (step % 8) + 8 * index / count_at(step); }
std::vector<std::uint32_t> members_of(std::uint32_t step) {
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < count_at(step); ++i) members.push_back(member_at(step, i));
  return members;
}

struct Packets {
  std::uint64_t sent = 0;
  std::uint64_t wrong = 0;
};

/// Sends packets until all changes are done. `begun` and `done` count changes, so a packet that was sent while they had
/// these values may see the group as of any step between.
Packets send_all(int program, const std::atomic<std::uint32_t>& begun, const std::atomic<std::uint32_t>& done,
                 std::uint32_t last) {
  Packets packets;
  for (std::uint32_t flow = 0; done < last; ++flow) {
    std::uint8_t bytes[64] = {};
    std::memcpy(bytes, &flow, sizeof flow);
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bytes, .data_out = bytes, .data_size_in = sizeof bytes,
                .data_size_out = sizeof bytes);
    const std::uint32_t from = done;
    if (bpf_prog_test_run_opts(program, &options) != 0) return {packets.sent, packets.wrong + 1};
    const std::uint32_t to = begun;
    std::uint32_t number = 0;
    std::memcpy(&number, bytes, sizeof number);
    bool is_right = false;
    for (std::uint32_t step = from; step <= to; ++step) {
      is_right = is_right || (options.retval == 3 && member_at(step, flow % count_at(step)) == number);
    }
    ++packets.sent;
    packets.wrong += is_right ? 0 : 1;
  }
  return packets;
}

TEST(ProfilesUnderLoad, APacketSeesAGroupWhole) {
  constexpr std::uint32_t kChanges = 200;
  Result<TempDir> folder = TempDir::create();
  ASSERT_TRUE(folder);
  const auto compiled = object::compile_bpf({kProgram, {}, {}, {}, {}}, folder->file("p.o"));
  ASSERT_TRUE(compiled && compiled->ok);
  auto loaded = runtime::LoadedObject::load(folder->file("p.o"), sample());
  if (!loaded || !loaded->object) GTEST_SKIP() << "no privilege to load BPF programs";
  runtime::ProfileAccess profiles(loaded->object->kernel(), loaded->object->manifest());
  for (std::uint32_t number = 0; number < kMembers; ++number)
    ASSERT_TRUE(profiles.change_member(0, runtime::Change::kAdd, {number, 0, {number}}));
  ASSERT_TRUE(profiles.change_group(0, runtime::Change::kAdd, {0, members_of(0)}));

  const int program = loaded->object->program("prog");
  std::atomic<std::uint32_t> begun = 0;
  std::atomic<std::uint32_t> done = 0;
  Packets packets[2];
  std::thread first([&] { packets[0] = send_all(program, begun, done, kChanges); });
  std::thread second([&] { packets[1] = send_all(program, begun, done, kChanges); });
  bool all_done = true;
  for (std::uint32_t step = 1; step <= kChanges; ++step) {
    begun = step;
    all_done = profiles.change_group(0, runtime::Change::kModify, {0, members_of(step)}) && all_done;
    done = step;
  }
  first.join();
  second.join();
  EXPECT_TRUE(all_done);
  for (const Packets& one : packets) {
    EXPECT_GT(one.sent, 0u);
    EXPECT_EQ(one.wrong, 0u) << "of " << one.sent;
  }
}

}  // namespace
}  // namespace p4bpf::testing
