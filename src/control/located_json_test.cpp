// JSON with lines: each value's line, numbers of any size, and what is refused where.
#include "control/located_json.h"

#include <gtest/gtest.h>

namespace p4bpf::control {
namespace {

using Kind = LocatedJson::Kind;

TEST(LocatedJson, ValuesKnowTheirLines) {
  const Result<LocatedJson> root =
      read_json("{\n  \"a\": 1,\n  \"b\": [\n 2\n,\n\"x\"],\n \"c\": {\"d\": true}\n}\n", "f.json");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->line, 1u);
  EXPECT_EQ(root->member("a")->line, 2u);
  const LocatedJson& list = *root->member("b");
  EXPECT_EQ(list.line, 3u);
  EXPECT_EQ(list.elements[0].line, 4u);  // the number ends with its line
  EXPECT_EQ(list.elements[1].line, 6u);
  EXPECT_EQ(root->member("c")->member("d")->line, 7u);
  EXPECT_EQ(root->member("c")->member("d")->text, "true");
  EXPECT_EQ(root->member("e"), nullptr);
}

TEST(LocatedJson, NumbersKeepTheirDigits) {
  const Result<LocatedJson> root = read_json("[340282366920938463463374607431768211455, -7, 1.5]", "f.json");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->elements[0].text, "340282366920938463463374607431768211455");
  EXPECT_EQ(root->elements[1].text, "-7");
  EXPECT_EQ(root->elements[2].text, "1.5");
}

TEST(LocatedJson, MistakesAreAtTheirLines) {
  EXPECT_TRUE(
      read_json("{\n\"a\": 1,\n\"a\": 2}", "f.json").error().message.starts_with("f.json:3: 'a' is given twice"));
  EXPECT_TRUE(read_json("{\n\"a\": 1\n\"b\": 2}", "f.json").error().message.starts_with("f.json:3: this is no JSON"));
  EXPECT_TRUE(read_json("{\n\"a\": [1,\n", "f.json").error().message.starts_with("f.json:"));
  EXPECT_FALSE(read_json("", "f.json"));
  EXPECT_FALSE(read_json(std::string(100, '['), "f.json"));
}

}  // namespace
}  // namespace p4bpf::control
