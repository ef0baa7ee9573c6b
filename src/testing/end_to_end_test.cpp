// From P4 text to packets, on both architectures: front end, elaboration, glue, passes, interpreter.
#include <gtest/gtest.h>

#include "arch/compile.h"
#include "codegen/describe.h"
#include "frontend/parse.h"
#include "interp/interpreter.h"

namespace p4bpf::interp {
namespace {

struct Compiled {
  SourceMap sources;
  Diagnostics diagnostics{sources};
  ast::Ast ast;
  TypedProgram typed;
  std::optional<ir::Program> program;
  manifest::Manifest manifest;

  std::string problems() const { return render_all(diagnostics, false); }
};

std::unique_ptr<Compiled> compile(const std::string& text, const arch::BuildOptions& options = {}) {
  auto made = std::make_unique<Compiled>();
  made->ast = parse_text("test.p4", text, {}, made->sources, made->diagnostics);
  if (made->diagnostics.has_errors()) return made;
  made->typed = check_program(made->ast, made->diagnostics);
  if (made->diagnostics.has_errors()) return made;
  made->program = arch::build_program(made->typed, "test.p4", options, made->diagnostics);
  if (made->program) made->manifest = codegen::describe(*made->program);
  return made;
}

constexpr const char* kHeaders = R"(
header Byte { bit<8> v; }
struct Headers { Byte first; Byte second; }
parser Prs(packet_in packet, out Headers h) {
  state start {
    packet.extract(h.first);
    transition select(h.first.v) { 0xff: reject; 0: accept; default: more; }
  }
  state more { packet.extract(h.second); transition accept; }
}
)";

std::string filter_program(const std::string& locals, const std::string& statements) {
  return std::string("#include <core.p4>\n#include <ebpf_model.p4>\n") + kHeaders +
         "control Filter(inout Headers h, out bool accept) {\n" + locals + "\napply {\n" + statements +
         "\n} }\nebpfFilter(Prs(), Filter()) main;\n";
}
std::string switch_program(const std::string& statements) {
  return std::string("#include <core.p4>\n#include <xdp_model.p4>\n") + kHeaders +
         "control Switch(inout Headers h, in xdp_input i, out xdp_output o) { apply {\n" + statements +
         "\n} }\ncontrol Dep(in Headers h, packet_out packet) { apply { packet.emit(h.second); packet.emit(h.first); } "
         "}\n"
         "xdp(Prs(), Switch(), Dep()) main;\n";
}

TEST(EndToEnd, AFilterPassesThePacketAsItCameOrDropsIt) {
  const auto made = compile(filter_program("", "accept = h.second.isValid() && h.second.v == 5; h.first.v = 9;"));
  ASSERT_TRUE(made->program) << made->problems();
  Interpreter interpreter = std::move(Interpreter::create(*made->program, made->manifest).value());
  const auto verdict = [&](const Bytes& packet) { return interpreter.run(3, packet).value().verdict; };
  const Outcome passed = interpreter.run(3, {1, 5, 7}).value();
  EXPECT_EQ(passed.verdict, ir::VerdictKind::kPass);
  EXPECT_EQ(passed.port, 3U);
  EXPECT_EQ(passed.bytes, (Bytes{1, 5, 7}));
  EXPECT_EQ(verdict({1, 6}), ir::VerdictKind::kDrop);
  EXPECT_EQ(verdict({0, 5}), ir::VerdictKind::kDrop);
  EXPECT_EQ(verdict({1}), ir::VerdictKind::kDrop) << "too short: the parser rejects";
  EXPECT_EQ(verdict({}), ir::VerdictKind::kDrop);
  EXPECT_EQ(verdict({0xff, 5}), ir::VerdictKind::kDrop);
}

TEST(EndToEnd, TablesAndCountersOfAFilter) {
  const auto made = compile(filter_program(R"(
    CounterArray(10, true) seen;
    action keep(bit<8> add) { accept = true; seen.add((bit<32>)h.first.v, (bit<32>)add); }
    action refuse() { accept = false; }
    table t {
      key = { h.first.v: exact @name("first"); }
      actions = { keep; refuse; }
      default_action = refuse();
      implementation = hash_table(2);
    })",
                                           "accept = false; t.apply();"));
  ASSERT_TRUE(made->program) << made->problems();
  ASSERT_EQ(made->manifest.tables.size(), 1U);
  EXPECT_EQ(made->manifest.architecture, "ebpf_model");
  EXPECT_EQ(made->manifest.program, "test");
  EXPECT_EQ(made->manifest.tables[0].name, "Filter.t");
  EXPECT_EQ(made->manifest.tables[0].size, 2U);
  EXPECT_EQ(made->manifest.tables[0].keys[0].name, "first");
  ASSERT_EQ(made->manifest.counters.size(), 1U);
  EXPECT_TRUE(made->manifest.counters[0].sparse);
  Interpreter interpreter = std::move(Interpreter::create(*made->program, made->manifest).value());
  const auto key = [](int v) { return KeyMatch{KeyMatch::Kind::kExact, v, 0, 0, 0}; };
  ASSERT_TRUE(interpreter.table(0).insert({{key(7)}, 0, {30}, 0, false}));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(interpreter.run(0, {7, 1}).value().verdict, ir::VerdictKind::kPass);
  EXPECT_EQ(interpreter.run(0, {8, 1}).value().verdict, ir::VerdictKind::kDrop);
  EXPECT_EQ(interpreter.read_counter(0, 7).value().packets, 60);
}

TEST(EndToEnd, ASwitchSaysWhatBecomesOfThePacket) {
  struct Case {
    const char* action;
    ir::VerdictKind verdict;
    bool deparsed;
  };
  for (const Case& one :
       {Case{"XDP_ABORTED", ir::VerdictKind::kAborted, false}, Case{"XDP_DROP", ir::VerdictKind::kDrop, false},
        Case{"XDP_PASS", ir::VerdictKind::kPass, true}, Case{"XDP_TX", ir::VerdictKind::kTx, true},
        Case{"XDP_REDIRECT", ir::VerdictKind::kRedirect, true}}) {
    const auto made = compile(switch_program("o.output_action = xdp_action." + std::string(one.action) +
                                             "; o.output_port = i.input_port + 1;"));
    ASSERT_TRUE(made->program) << made->problems();
    Interpreter interpreter = std::move(Interpreter::create(*made->program, made->manifest).value());
    const Outcome outcome = interpreter.run(4, {1, 2, 3}).value();
    EXPECT_EQ(outcome.verdict, one.verdict) << one.action;
    EXPECT_EQ(outcome.port, one.verdict == ir::VerdictKind::kRedirect ? 5U : 4U);
    EXPECT_EQ(outcome.bytes, (one.deparsed ? Bytes{2, 1, 3} : Bytes{1, 2, 3})) << one.action;
    EXPECT_EQ(interpreter.run(4, {0xff}).value().verdict, ir::VerdictKind::kAborted) << "the parser rejects";
  }
}

TEST(EndToEnd, ASwitchThatSetsNothingAborts) {
  const auto made = compile(switch_program(""));
  ASSERT_TRUE(made->program) << made->problems();
  Interpreter interpreter = std::move(Interpreter::create(*made->program, made->manifest).value());
  EXPECT_EQ(interpreter.run(4, {0}).value().verdict, ir::VerdictKind::kAborted);
}

TEST(EndToEnd, PassesDoNotChangeTheMeaning) {
  const std::string text = switch_program(
      "bit<8> x = h.first.v; if (x > 3) { x = x + 1; } else { x = 2 * x; } h.first.v = x + 0;\n"
      "o.output_action = xdp_action.XDP_TX;");
  arch::BuildOptions raw;
  raw.run_passes = false;
  const auto plain = compile(text, raw);
  const auto optimized = compile(text);
  ASSERT_TRUE(plain->program) << plain->problems();
  ASSERT_TRUE(optimized->program) << optimized->problems();
  Interpreter a = std::move(Interpreter::create(*plain->program, plain->manifest).value());
  Interpreter b = std::move(Interpreter::create(*optimized->program, optimized->manifest).value());
  for (int v = 0; v < 256; ++v) {
    const Bytes packet = {static_cast<std::uint8_t>(v), 77};
    EXPECT_EQ(a.run(0, packet).value().bytes, b.run(0, packet).value().bytes) << v;
  }
}

TEST(EndToEnd, UnknownPackage) {
  const auto made =
      compile("#include <core.p4>\ncontrol C(); package P(C c);\ncontrol c() { apply {} }\nP(c()) main;\n");
  EXPECT_FALSE(made->program);
  ASSERT_EQ(made->diagnostics.error_count(), 1U) << made->problems();
  EXPECT_EQ(made->diagnostics.all()[0].kind, DiagnosticKind::kUnknownArchitecture);
  EXPECT_NE(made->problems().find("`ebpfFilter` (ebpf_model), `xdp` (xdp_model)"), std::string::npos)
      << made->problems();
}

TEST(EndToEnd, ThePackageIsOfAnotherArchitectureThanWasAskedFor) {
  arch::BuildOptions options;
  options.architecture = "ebpf_model";
  const auto made = compile(switch_program(""), options);
  EXPECT_FALSE(made->program);
  ASSERT_EQ(made->diagnostics.error_count(), 1U) << made->problems();
  EXPECT_EQ(made->diagnostics.all()[0].kind, DiagnosticKind::kUnknownArchitecture);
}

TEST(EndToEnd, AForeignPackageOfAKnownName) {
  const auto made =
      compile("#include <core.p4>\ncontrol C(); package xdp(C c);\ncontrol c() { apply {} }\nxdp(c()) main;\n");
  EXPECT_FALSE(made->program);
  ASSERT_GE(made->diagnostics.error_count(), 1U);
  EXPECT_EQ(made->diagnostics.all()[0].kind, DiagnosticKind::kUnsupported) << made->problems();
}

}  // namespace
}  // namespace p4bpf::interp
