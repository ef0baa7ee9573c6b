// What the pieces of code generation decide, each by itself: printing, names, layouts, the analysis of a small parser.
// That the whole is right is shown by packets (tests/packets, on the native and kernel executors).
#include <gtest/gtest.h>

#include "codegen/c_printer.h"
#include "codegen/flow.h"
#include "codegen/generate.h"
#include "codegen/layout.h"
#include "codegen/names.h"
#include "ir/builder.h"

namespace p4bpf::codegen {
namespace {

TEST(CPrinter, PutsParenthesesWhereOperatorsMix) {
  c::Tree tree;
  const auto a = tree.name("a");
  const auto b = tree.name("b");
  EXPECT_EQ(c::print(tree, tree.binary("&", tree.binary("<<", a, tree.number(8)), b)), "(a << 8u) & b");
  EXPECT_EQ(c::print(tree, tree.binary("-", a, tree.binary("-", b, a))), "a - (b - a)");
  EXPECT_EQ(c::print(tree, tree.cast("u8", tree.binary("+", a, tree.number(16, true)))), "(u8)(a + 0x10ull)");
  EXPECT_EQ(c::print(tree, tree.member(tree.unary("*", a), "f", false)), "(*a).f");
}

TEST(CPrinter, PointsEachStatementAtItsSource) {
  SourceMap sources;
  const Loc begin = sources.add_file("x.p4", "one\ntwo\n");
  c::Tree tree;
  const c::BlockId body = tree.blocks.add({});
  const Span second{Loc{begin.offset + 4}, Loc{begin.offset + 5}};
  tree.blocks.edit(body).statements.push_back({second, c::Return{tree.number(0)}});
  tree.items.push_back(c::Function{"int f(void)", {}, body});
  EXPECT_EQ(c::print(tree, sources), "\nint f(void) {\n#line 2 \"x.p4\"\n  return 0u;\n}\n");
}

TEST(Names, AreUniqueAndNeverWordsOfC) {
  Names names;
  EXPECT_EQ(names.make("hdr.ipv4.ttl"), "hdr_ipv4_ttl");
  EXPECT_EQ(names.make("hdr.ipv4_ttl"), "hdr_ipv4_ttl_2");
  EXPECT_EQ(names.make("int"), "int_");
  EXPECT_EQ(names.make("stack[2]"), "stack_2");
  EXPECT_EQ(names.make("p4bpf_maps"), "p4bpf_maps_");
}

TEST(Layout, KeysHaveNoHiddenGaps) {
  std::vector<Member> members{
      {"a", 8, false, {}, {}, false}, {"b", 48, true, {}, {}, false}, {"c", 32, true, {}, {}, false}};
  const std::uint32_t end = lay_out(members, 0, false);
  EXPECT_EQ(members[1].slot.offset, 0U);  // the widest alignment first, in order
  EXPECT_EQ(members[1].slot.size, 6U);    // exactly its bytes
  EXPECT_EQ(members[2].slot.offset, 8U);
  EXPECT_EQ(members[0].slot.offset, 12U);
  EXPECT_EQ(end, 13U);
  std::vector<Pad> pads;
  const std::vector<c::Field> fields = fields_of(members, 0, 16, &pads);
  ASSERT_EQ(pads.size(), 2U);
  EXPECT_EQ(pads[0].offset, 6U);
  EXPECT_EQ(pads[0].size, 2U);
  EXPECT_EQ(pads[1].offset, 13U);
  EXPECT_EQ(fields.size(), 5U);
}

/// Two headers of four bytes, the second extracted if the first field of the first is 1; then `body`.
struct Sample {
  ir::Program program;
  ir::HeaderId first, second;
  ir::Builder entry{program};

  Sample() {
    program.errors = {"NoError", "PacketTooShort", "NoMatch"};
    const ir::HeaderTypeId type = program.header_types.add(
        {"H", {{"a", ir::Type::bits(16), 0}, {"b", ir::Type::bits(16), 16}}, 32, std::nullopt, {}});
    first = program.headers.add({"first", type, {}, 0, {}});
    second = program.headers.add({"second", type, {}, 0, {}});
    ir::Parser parser;
    parser.accepted = entry.var("accepted", ir::Type::boolean());
    parser.error = entry.var("error", ir::Type::error());
    ir::Builder one = entry.nested();
    one.add(ir::Extract{{first, {}, {}}, {}});
    ir::Builder two = entry.nested();
    two.add(ir::Extract{{second, {}, {}}, {}});
    KeyMatch is_one{KeyMatch::Kind::kExact, 1, 0, 0, 0};
    const ir::ExprId key = entry.field({first, {}, {}}, 0);
    const ir::StateTarget accept{ir::StateTarget::Kind::kAccept, 0};
    parser.states.push_back(
        {"start",
         one.block(),
         {{key}, {{{is_one}, {ir::StateTarget::Kind::kState, 1}, {}}, {{KeyMatch{}}, accept, {}}}, {}},
         {}});
    parser.states.push_back({"two", two.block(), {{}, {{{}, accept, {}}}, {}}, {}});
    const ir::ParserId id = program.parsers.add(std::move(parser));
    entry.add(ir::RunParser{id});
    ir::Builder rejected = entry.nested();
    rejected.add(ir::Verdict{ir::VerdictKind::kDrop, {}});
    entry.add(ir::If{entry.negation(entry.ref(program[id].accepted)), rejected.block(), {}});
    program.entry = entry.block();
  }
  std::string c_text() {
    SourceMap sources;
    Diagnostics diagnostics(sources);
    GenerateOptions options;
    options.hook = HookChoice::kXdp;
    const auto made = generate(program, options, diagnostics);
    EXPECT_TRUE(made) << render_all(diagnostics, false);
    return made ? made->c_text : "";
  }
};

TEST(Flow, AFieldThatIsStoredBeforeAPassWithoutDeparserLeavesThePacket) {
  Sample sample;
  sample.entry.assign(sample.entry.field({sample.first, {}, {}}, 1), sample.entry.constant(ir::Type::bits(16), 7));
  sample.entry.add(ir::Verdict{ir::VerdictKind::kPass, {}});
  const Flow flow = analyse(sample.program);
  EXPECT_TRUE(flow.local[sample.first.index()]);
  EXPECT_FALSE(flow.local[sample.second.index()]);
  EXPECT_EQ(flow.origins[sample.second.index()], (std::set<std::int32_t>{32}));
  EXPECT_EQ(sample.c_text().find("P4BPF_STORE"), std::string::npos);
}

TEST(Flow, DeparsingTheParsedLayoutStoresInPlaceAndDoesNothingElse) {
  Sample sample;
  sample.entry.assign(sample.entry.field({sample.first, {}, {}}, 1), sample.entry.constant(ir::Type::bits(16), 7));
  ir::Builder emits = sample.entry.nested();
  emits.add(ir::Emit{{sample.first, {}, {}}});
  emits.add(ir::Emit{{sample.second, {}, {}}});
  sample.entry.add(ir::Deparse{emits.block()});
  sample.entry.add(ir::Verdict{ir::VerdictKind::kPass, {}});
  EXPECT_FALSE(analyse(sample.program).local[sample.first.index()]);
  const std::string text = sample.c_text();
  EXPECT_NE(text.find("P4BPF_STORE16(data + 2u, 0x700u);"), std::string::npos) << text;
  EXPECT_EQ(text.find("adjust_head"), std::string::npos);
}

TEST(Flow, AReadOfAHeaderThatMayBeInvalidIsGuarded) {
  Sample sample;
  const ir::VarId out = sample.entry.var("out", ir::Type::bits(16));
  sample.entry.assign(out, sample.entry.field({sample.first, {}, {}}, 1));
  sample.entry.assign(out, sample.entry.field({sample.second, {}, {}}, 1));
  sample.entry.add(ir::Verdict{ir::VerdictKind::kPass, {}});
  const std::string text = sample.c_text();
  EXPECT_NE(text.find("second_valid ? P4BPF_LOAD16(data + 6u)"), std::string::npos) << text;
  EXPECT_EQ(text.find("first_valid ?"), std::string::npos);
}

TEST(Generate, AVerdictThatTheHookCannotGiveIsRefused) {
  Sample sample;
  sample.entry.add(ir::Verdict{ir::VerdictKind::kTx, {}});
  SourceMap sources;
  Diagnostics diagnostics(sources);
  GenerateOptions options;
  options.hook = HookChoice::kTcIngress;
  EXPECT_FALSE(generate(sample.program, options, diagnostics));
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(diagnostics.all()[0].kind, DiagnosticKind::kHookUnable);
}

}  // namespace
}  // namespace p4bpf::codegen
