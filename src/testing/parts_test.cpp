// Programs with more tables than the kernel lets one BPF program use: no part of what is generated may have too many.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "codegen/generate.h"
#include "testing/p4_fixture.h"

namespace p4bpf::testing {
namespace {

constexpr int kTables = 70;
/// The kernel takes 64; some are left for the sections of global data and what the hook needs.
constexpr std::size_t kMostMaps = 60;

/// For each function of the program the tables that it looks up.
std::vector<std::set<std::string>> tables_of_functions(const std::string& c) {
  static const std::regex kTable("&(sw_t[0-9]+)\\b");
  std::vector<std::set<std::string>> functions;
  for (std::size_t at = c.find("\nP4BPF_P"); at != std::string::npos; at = c.find("\nP4BPF_P", at + 1)) {
    const std::size_t line_end = c.find('\n', at + 1);
    if (c.compare(line_end - 1, 1, "{") != 0) continue;
    const std::string body = c.substr(at, c.find("\n}\n", at) - at);
    std::set<std::string>& used = functions.emplace_back();
    for (std::sregex_iterator i(body.begin(), body.end(), kTable), end; i != end; ++i) used.insert((*i)[1]);
  }
  return functions;
}

std::vector<std::set<std::string>> functions_of(const std::string& apply) {
  std::string locals = "action mark(bit<8> by) { hdr.h.d = by; }\n";
  for (int i = 0; i < kTables; ++i) {
    locals += fmt::format(
        "table t{} {{ key = {{ hdr.h.a : exact; hdr.h.b : exact; hdr.h.c : exact; }}\n"
        "  actions = {{ mark; NoAction; }} }}\n",
        i);
  }
  P4Fixture fixture(control_program("", locals, apply));
  EXPECT_EQ(fixture.errors(), "");
  codegen::GenerateOptions options;
  options.hook = codegen::HookChoice::kXdp;
  const auto made = codegen::generate(fixture.program(), options, fixture.diagnostics());
  EXPECT_TRUE(made) << fixture.errors();
  return made ? tables_of_functions(made->c_text) : std::vector<std::set<std::string>>();
}

void expect_that_all_fit(const std::vector<std::set<std::string>>& functions) {
  std::set<std::string> all;
  for (const std::set<std::string>& used : functions) {
    EXPECT_LE(used.size(), kMostMaps);
    all.insert(used.begin(), used.end());
  }
  EXPECT_EQ(all.size(), std::size_t{kTables});
}

TEST(Parts, TablesOneAfterTheOther) {
  std::string apply;
  for (int i = 0; i < kTables; ++i) apply += fmt::format("t{}.apply();\n", i);
  expect_that_all_fit(functions_of(apply));
}

TEST(Parts, EachTableUnderACondition) {
  std::string apply;
  for (int i = 0; i < kTables; ++i) apply += fmt::format("if (hdr.h.d == {}) {{ t{}.apply(); }}\n", i, i);
  expect_that_all_fit(functions_of(apply));
}

TEST(Parts, EachTableUnderAConditionThatMayEndTheControl) {
  std::string apply;
  for (int i = 0; i < kTables; ++i)
    apply += fmt::format("if (hdr.h.a == {}) {{ if (!t{}.apply().hit) {{ return; }} }}\n", i, i);
  expect_that_all_fit(functions_of(apply));
}

}  // namespace
}  // namespace p4bpf::testing
