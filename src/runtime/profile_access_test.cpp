// Members and groups in their maps; what is still named stays; entries name what is there.
#include "runtime/profile_access.h"

#include <gtest/gtest.h>

#include "manifest/check.h"
#include "runtime/memory_kernel_fixture.h"
#include "runtime/table_access.h"

namespace p4bpf::runtime {
namespace {

using manifest::Entry;
using manifest::EntryTarget;
using manifest::Group;
using manifest::Member;
using Numbers = std::vector<std::uint32_t>;

constexpr std::size_t kProfile = 0;
constexpr std::size_t kTable = 0;

Entry entry(std::uint32_t key, EntryTarget target, std::uint32_t number) {
  Entry made;
  made.keys = {{KeyMatch::Kind::kExact, key, 0, 0, 0}};
  made.target = target;
  made.number = number;
  return made;
}

/// Actions: 0 send(bit<32> port), 1 miss() only as a default. Four members, groups of up to three.
class ProfileAccessTest : public testing::Test {
 protected:
  ProfileAccessTest() {
    manifest::Profile profile;
    profile.name = "p";
    profile.size = 4;
    profile.is_selector = true;
    profile.max_group_size = 3;
    profile.actions = {{"send", {{"port", manifest::ValueKind::kBits, 32, {}, {}, {}}}, false, false},
                       {"miss", {}, true, false}};
    profile.actions[0].params[0].slot = {4, 4, manifest::ByteOrder::kHost};
    profile.member_map = "members";
    profile.value_size = 8;
    profile.group_map = "groups";
    manifest::Table table;
    table.name = "t";
    table.keys = {{"k", manifest::MatchKind::kExact, manifest::ValueKind::kBits, 32, {}, {}}};
    table.keys[0].slot = {0, 4, manifest::ByteOrder::kHost};
    table.actions = profile.actions;
    table.default_action = 1;
    table.profile = kProfile;
    table.structure = manifest::Structure::kHash;
    table.map = "table";
    table.size = 8;
    table.key_size = 4;
    table.value_size = 8;
    table.default_symbol = "fallback";
    table.default_map = "data";
    manifest_.profiles = {profile};
    manifest_.tables = {table};
    kernel_.add("members", BPF_MAP_TYPE_ARRAY, 4, 8, 4);
    kernel_.add("groups", BPF_MAP_TYPE_ARRAY, 4, 4 * manifest::group_words(3), manifest::group_count(profile));
    kernel_.add("table", BPF_MAP_TYPE_HASH, 4, 8, 8);
    kernel_.add("data", BPF_MAP_TYPE_ARRAY, 4, 8, 1);
    EXPECT_TRUE(tables_.initialise());
    EXPECT_TRUE(tables_.reset_default(kTable));
  }

  int add_member(std::uint32_t number, BigInt port) {
    return code(profiles_.change_member(kProfile, Change::kAdd, {number, 0, {std::move(port)}}));
  }
  int change_group(Change change, std::uint32_t number, Numbers members) {
    return code(profiles_.change_group(kProfile, change, {number, std::move(members)}));
  }
  static int code(const Result<void>& done) { return done ? 0 : done.error().code; }

  manifest::Manifest manifest_;
  MemoryKernel kernel_;
  ProfileAccess profiles_{kernel_, manifest_};
  TableAccess tables_{kernel_, manifest_};
};

TEST_F(ProfileAccessTest, MembersComeChangeAndGo) {
  EXPECT_EQ(manifest::find_fault(manifest_), "");
  EXPECT_TRUE(profiles_.members(kProfile)->empty());
  EXPECT_EQ(add_member(0, 7), 0);
  EXPECT_EQ(add_member(2, 9), 0);
  EXPECT_EQ(add_member(2, 9), EEXIST);
  EXPECT_EQ(add_member(4, 9), ERANGE);
  EXPECT_EQ(profiles_.free_member(kProfile), 1u);
  EXPECT_EQ(*profiles_.members(kProfile), (std::vector<Member>{{0, 0, {7}}, {2, 0, {9}}}));
  EXPECT_TRUE(profiles_.change_member(kProfile, Change::kModify, {2, 0, {10}}));
  EXPECT_EQ(*profiles_.member(kProfile, 2), (Member{2, 0, {10}}));
  EXPECT_EQ(code(profiles_.change_member(kProfile, Change::kModify, {3, 0, {10}})), ENOENT);
  EXPECT_FALSE(profiles_.change_member(kProfile, Change::kModify, {2, 1, {}})) << "an action for defaults only";
  EXPECT_FALSE(profiles_.change_member(kProfile, Change::kModify, {2, 0, {}})) << "an argument is missing";
  EXPECT_TRUE(profiles_.change_member(kProfile, Change::kDelete, {2, 0, {}}));
  EXPECT_EQ(profiles_.member(kProfile, 2).error().code, ENOENT);
}

TEST_F(ProfileAccessTest, GroupsComeChangeAndGo) {
  add_member(0, 7);
  add_member(1, 8);
  EXPECT_EQ(change_group(Change::kAdd, 3, {1, 0, 1}), 0);
  EXPECT_EQ(*profiles_.group(kProfile, 3), (Group{3, {0, 1, 1}})) << "in rising order";
  EXPECT_EQ(change_group(Change::kAdd, 3, {}), EEXIST);
  EXPECT_EQ(change_group(Change::kAdd, 0, {2}), ENOENT) << "there is no member 2";
  EXPECT_EQ(change_group(Change::kAdd, 0, {0, 0, 0, 0}), ENOSPC);
  EXPECT_EQ(change_group(Change::kAdd, 4, {}), ERANGE);
  EXPECT_EQ(change_group(Change::kModify, 0, {}), ENOENT);
  EXPECT_EQ(change_group(Change::kModify, 3, {}), 0);
  EXPECT_EQ(*profiles_.group(kProfile, 3), (Group{3, {}})) << "an empty group is a group";
  EXPECT_EQ(change_group(Change::kModify, 3, {0}), 0);
  EXPECT_EQ(change_group(Change::kAdd, 0, {1}), 0);
  EXPECT_EQ(profiles_.free_group(kProfile), 1u);
  EXPECT_EQ(*profiles_.groups(kProfile), (std::vector<Group>{{0, {1}}, {3, {0}}}));
  EXPECT_EQ(change_group(Change::kDelete, 3, {}), 0);
  EXPECT_EQ(profiles_.group(kProfile, 3).error().code, ENOENT);
  EXPECT_EQ(change_group(Change::kDelete, 3, {}), ENOENT);
}

/// Packets see one half; a change writes the other one.
TEST_F(ProfileAccessTest, AChangeLeavesWhatPacketsRead) {
  add_member(0, 7);
  add_member(1, 8);
  change_group(Change::kAdd, 0, {0, 0});
  const auto word = [&](std::size_t i) {
    std::uint32_t read = 0;
    std::memcpy(&read, kernel_.lookup("groups", MemoryKernel::index(0))->data() + 4 * i, sizeof read);
    return read;
  };
  const std::uint32_t half = word(0);
  change_group(Change::kModify, 0, {1});
  EXPECT_NE(word(0), half);
  EXPECT_EQ(word(2 + 4 * half), 2u);
  EXPECT_EQ(word(3 + 4 * half), 0u);
  EXPECT_EQ(word(2 + 4 * (half ^ 1)), 1u);
  EXPECT_EQ(word(3 + 4 * (half ^ 1)), 1u);
}

TEST_F(ProfileAccessTest, EntriesNameWhatIsThere) {
  EXPECT_EQ(code(tables_.insert(kTable, entry(1, EntryTarget::kMember, 0))), ENOENT);
  EXPECT_EQ(code(tables_.insert(kTable, entry(1, EntryTarget::kGroup, 0))), ENOENT);
  EXPECT_EQ(code(tables_.set_default(kTable, entry(1, EntryTarget::kMember, 0))), ENOENT);
  add_member(0, 7);
  change_group(Change::kAdd, 2, {});
  EXPECT_TRUE(tables_.insert(kTable, entry(1, EntryTarget::kMember, 0)));
  EXPECT_TRUE(tables_.insert(kTable, entry(2, EntryTarget::kGroup, 2)));
  Entry own = entry(3, EntryTarget::kAction, 0);
  own.arguments = {5};
  EXPECT_TRUE(tables_.insert(kTable, own));
  EXPECT_EQ(*tables_.dump(kTable),
            (std::vector<Entry>{entry(1, EntryTarget::kMember, 0), entry(2, EntryTarget::kGroup, 2), own}));
  EXPECT_TRUE(tables_.set_default(kTable, entry(0, EntryTarget::kGroup, 2)));
  EXPECT_EQ(tables_.get_default(kTable)->target, EntryTarget::kGroup);
  EXPECT_EQ(tables_.get_default(kTable)->number, 2u);
}

TEST_F(ProfileAccessTest, WhatIsNamedStays) {
  add_member(0, 7);
  add_member(1, 8);
  change_group(Change::kAdd, 2, {1});
  const auto delete_member = [&](std::uint32_t number) {
    return code(profiles_.change_member(kProfile, Change::kDelete, {number, 0, {}}));
  };
  EXPECT_EQ(delete_member(1), EBUSY) << "a group has it";
  ASSERT_TRUE(tables_.insert(kTable, entry(1, EntryTarget::kMember, 0)));
  EXPECT_EQ(delete_member(0), EBUSY) << "an entry names it";
  ASSERT_TRUE(tables_.modify(kTable, entry(1, EntryTarget::kGroup, 2)));
  EXPECT_EQ(change_group(Change::kDelete, 2, {}), EBUSY);
  ASSERT_TRUE(tables_.set_default(kTable, entry(0, EntryTarget::kMember, 0)));
  EXPECT_EQ(delete_member(0), EBUSY) << "a default names it";
  ASSERT_TRUE(tables_.reset_default(kTable));
  EXPECT_EQ(delete_member(0), 0);
  ASSERT_TRUE(tables_.remove(kTable, entry(1, EntryTarget::kGroup, 2)));
  EXPECT_EQ(change_group(Change::kDelete, 2, {}), 0);
  EXPECT_EQ(delete_member(1), 0);
}

TEST_F(ProfileAccessTest, WithoutAProfileThereIsNothingToName) {
  manifest_.tables[0].profile.reset();
  EXPECT_EQ(code(tables_.insert(kTable, entry(1, EntryTarget::kMember, 0))), EINVAL);
  manifest_.profiles[0].is_selector = false;
  EXPECT_FALSE(profiles_.change_group(kProfile, Change::kAdd, {0, {}}));
}

}  // namespace
}  // namespace p4bpf::runtime
