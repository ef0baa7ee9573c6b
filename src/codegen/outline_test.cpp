// What outline moves out of a block, and what it leaves.
#include "codegen/outline.h"

#include <gtest/gtest.h>

#include "base/source_map.h"
#include "codegen/c_printer.h"

namespace p4bpf::codegen {
namespace {

class Outline : public testing::Test {
 protected:
  void add(c::BlockId block, decltype(c::Stmt::node) node) {
    tree_.blocks.edit(block).statements.push_back({{}, std::move(node)});
  }
  c::BlockId block() { return tree_.blocks.add({}); }
  /// A statement that looks `map` up `times` times.
  void look_up(c::BlockId to, const std::string& map, int times = 20) {
    const c::BlockId body = block();
    for (int i = 0; i < times; ++i) {
      add(body, c::Eval{tree_.call("p4bpf_map_lookup", {tree_.address(tree_.name(map)), tree_.name("key")})});
    }
    add(to, c::Border{});
    add(to, c::Scope{body});
    add(to, c::Border{});
  }
  std::vector<Part> cut(c::BlockId body, std::size_t maps) {
    return outline(tree_, body, {"prog", {"a", "b", "c"}, {"context", "data", "data_end", "state"}, {maps, 100000}});
  }
  std::string text(c::BlockId body) {
    tree_.items = {c::Function{"int f()", {}, body}};
    return c::print(tree_, sources_);
  }

  SourceMap sources_;
  c::Tree tree_;
};

TEST_F(Outline, LeavesWhatFits) {
  const c::BlockId body = block();
  look_up(body, "a");
  look_up(body, "b");
  EXPECT_TRUE(cut(body, 2).empty());
  EXPECT_EQ(text(body).find("part"), std::string::npos);
}

TEST_F(Outline, PartsAreAsLargeAsFitsAndInOrder) {
  const c::BlockId body = block();
  for (const char* map : {"a", "b", "c"}) look_up(body, map);
  const std::vector<Part> parts = cut(body, 2);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "prog_part_1");
  const std::string first = text(parts[0].body);
  EXPECT_NE(first.find("&a"), std::string::npos);
  EXPECT_NE(first.find("&b"), std::string::npos);
  EXPECT_NE(text(parts[1].body).find("&c"), std::string::npos);
  const std::string rest = text(body);
  EXPECT_LT(rest.find("prog_part_1_call(context)"), rest.find("prog_part_2_call(context)"));
  EXPECT_EQ(rest.find("p4bpf_map_lookup"), std::string::npos);
}

TEST_F(Outline, AJumpOutOfAPartIsMadeByTheCaller) {
  const c::BlockId body = block();
  const c::BlockId leave = block();
  add(leave, c::Goto{"end"});
  const c::BlockId inner = block();
  look_up(inner, "a");
  add(inner, c::If{tree_.name("x"), leave, {}});
  add(inner, c::Border{});
  look_up(inner, "b");
  add(body, c::Scope{inner});
  add(body, c::Label{"end"});
  const std::vector<Part> parts = cut(body, 1);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_NE(text(parts[0].body).find("return P4BPF_GO_ON + 1u;"), std::string::npos);
  EXPECT_EQ(text(parts[0].body).find("goto"), std::string::npos);
  const std::string rest = text(body);
  EXPECT_NE(rest.find("if (prog_part_1_ended == (P4BPF_GO_ON + 1u)) {\n        goto end;"), std::string::npos) << rest;
}

TEST_F(Outline, WhatSharesALocalVariableStaysTogether) {
  const c::BlockId body = block();
  add(body, c::Declare{"u32", "local", {}, tree_.number(1)});
  look_up(body, "a");
  look_up(body, "b");
  add(body, c::Eval{tree_.call("use", {tree_.name("local")})});
  const std::vector<Part> parts = cut(body, 1);
  for (const Part& part : parts) EXPECT_EQ(text(part.body).find("local"), std::string::npos);
  EXPECT_EQ(parts.size(), 2u);
}

}  // namespace
}  // namespace p4bpf::codegen
