// Each warning where it belongs, and none where it does not: a pair of programs for every rule.
#include "frontend/warnings/warnings.h"

#include <gtest/gtest.h>

#include "frontend/types/test_support.h"

namespace p4bpf::warnings {
namespace {

/// "LINE kind-name" of each warning, separated by "; ".
std::string warnings_of(const std::string& text) {
  const auto checked = check::check_text(text);
  EXPECT_EQ(checked->errors(), "");
  check_warnings(checked->program, checked->diagnostics);
  std::string found;
  for (const Diagnostic& diagnostic : checked->diagnostics.all()) {
    if (!found.empty()) found += "; ";
    found += std::to_string(checked->sources.position(diagnostic.span.begin).line) + " " +
             std::string(kind_name(diagnostic.kind));
  }
  return found;
}

const check::Rule kRules[] = {
    {"unused", R"(control c(inout bit<8> x) {
  bit<8> y;
  apply { x = 1; }
}
)",
     "2 unused"},
    {"unused, put right", R"(control c(inout bit<8> x) {
  apply { x = 1; }
}
)",
     ""},
    {"uninitialized", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y;
    x = y;
  }
}
)",
     "4 uninitialized"},
    {"uninitialized, put right", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y = 0;
    x = y;
  }
}
)",
     ""},
    {"invalid-header", R"(header h_t { bit<8> f; }
control c(inout bit<8> x) {
  h_t h;
  apply { x = h.f; }
}
)",
     "4 invalid-header"},
    {"invalid-header, put right", R"(header h_t { bit<8> f; }
control c(inout bit<8> x) {
  h_t h;
  apply {
    if (h.isValid()) { x = h.f; }
  }
}
)",
     ""},
    {"unreachable", R"(control c(inout bit<8> x) {
  apply {
    x = 1;
    return;
    x = 2;
  }
}
)",
     "5 unreachable"},
    {"unreachable, put right", R"(control c(inout bit<8> x) {
  apply {
    x = 1;
    return;
  }
}
)",
     ""},
    {"shadowing", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y = 1;
    {
      bit<8> y = x;
      x = y + 1;
    }
    x = x + y;
  }
}
)",
     "5 shadowing"},
    {"shadowing, put right", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y = 1;
    {
      bit<8> z = x;
      x = z + 1;
    }
    x = x + y;
  }
}
)",
     ""},
    {"no-effect", R"(control c(inout bit<8> x) {
  apply { x = x; }
}
)",
     "2 no-effect"},
    {"no-effect, put right", R"(control c(inout bit<8> x) {
  apply { x = x + 1; }
}
)",
     ""},
    {"constant-comparison", R"(control c(inout bit<8> x) {
  apply {
    if (x >= 0) { x = 1; }
  }
}
)",
     "3 constant-comparison"},
    {"constant-comparison, put right", R"(control c(inout bit<8> x) {
  apply {
    if (x > 0) { x = 1; }
  }
}
)",
     ""},
    {"a name with an underscore may be unused", R"(control c(inout bit<8> x) {
  bit<8> _y;
  apply { x = 1; }
}
)",
     ""},
    {"@noWarn silences its kind", R"(control c(inout bit<8> x) {
  @noWarn("unused") bit<8> y;
  apply { x = 1; }
}
)",
     ""},
    {"a value on one way only", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y;
    if (x == 1) { y = 2; }
    x = y;
  }
}
)",
     "5 uninitialized"},
    {"a value on the ways that a condition tells apart is excused", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y;
    if (x == 1) { y = 2; }
    if (x == 1) { x = y; }
  }
}
)",
     ""},
    {"a compound assignment reads", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y;
    y += 1;
    x = y;
  }
}
)",
     "4 uninitialized"},
    {"a loop may set what is read behind it", R"(control c(inout bit<8> x) {
  apply {
    bit<8> y;
    for (bit<8> i in 1 .. 3) { y = i; }
    x = y;
  }
}
)",
     ""},
    {"an out parameter without a value", R"(bit<8> f(out bit<8> a) {
  return 1;
}
)",
     "1 uninitialized"},
    {"a write to an invalid header", R"(header h_t { bit<8> f; }
control c(inout bit<8> x) {
  h_t h;
  apply {
    h.f = 1;
    h.setValid();
    x = h.f;
  }
}
)",
     "5 invalid-header"},
    {"short-circuit guards", R"(header h_t { bit<8> f; }
control c(inout bit<8> x) {
  h_t h;
  apply {
    if (h.isValid() && h.f == 1) { x = 2; }
  }
}
)",
     ""},
    {"a call that is told whether to look", R"(header h_t { bit<8> f; }
extern void look(in bool condition, in bit<8> data);
control c(inout h_t h, inout h_t g, in bit<8> x) {
  apply {
    if (x == 1) { h.setInvalid(); }
    look(g.isValid() && h.isValid(), h.f);
  }
}
)",
     ""},
    {"invalid-header, under a condition that never holds", R"(header h_t { bit<8> f; }
extern void look<T>(in bool condition, in T data);
control c(in bool more, inout bit<8> x) {
  h_t h;
  apply {
    look(more && h.isValid(), h.f);
    x = h.f;
  }
}
)",
     "7 invalid-header"},
    {"a state that none leads to", R"(parser p() {
  state start { transition accept; }
  state lost { transition accept; }
}
)",
     "3 unreachable"},
    {"a case behind one that takes all", R"(parser p(in bit<8> x) {
  state start {
    transition select(x) {
      0x10 &&& 0xf0: accept;
      0x12: reject;
      _: accept;
    }
  }
}
)",
     "5 unreachable"},
    {"the lowest value is not left out", R"(control c(inout bit<8> x) {
  apply {
    if (x < 256w1[7:0]) { x = 1; }
  }
}
)",
     ""},
};

TEST(Warnings, StandWhereTheyBelong) {
  for (const check::Rule& rule : kRules) {
    SCOPED_TRACE(rule.name);
    EXPECT_EQ(warnings_of(rule.program), rule.errors);
  }
}

}  // namespace
}  // namespace p4bpf::warnings
