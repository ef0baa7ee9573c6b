// The list of passes: names are unique, what a pass needs was given before it.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ir/passes/pass.h"

namespace p4bpf::ir {
namespace {

TEST(PassesTest, EachNeedIsGivenBefore) {
  std::vector<Property> given;
  std::set<std::string_view> names;
  for (const Pass& pass : all_passes()) {
    EXPECT_TRUE(names.insert(pass.name).second) << pass.name;
    for (const Property need : pass.needs) {
      EXPECT_NE(std::find(given.begin(), given.end(), need), given.end()) << pass.name;
    }
    given.insert(given.end(), pass.gives.begin(), pass.gives.end());
  }
  EXPECT_FALSE(names.empty());
}

}  // namespace
}  // namespace p4bpf::ir
