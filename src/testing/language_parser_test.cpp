// The rules of the language as parsers show them, from P4 text to bytes; and what makes parsers acyclic.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "testing/p4_fixture.h"

namespace p4bpf::testing {
namespace {

struct ParserCase {
  const char* name;
  const char* top;
  const char* parser;
  const char* in;
  const char* out;  // "-": rejected
};

class ParserRule : public ::testing::TestWithParam<ParserCase> {};

TEST_P(ParserRule, Holds) {
  const ParserCase& rule = GetParam();
  P4Fixture program(parser_program(rule.top, rule.parser));
  EXPECT_EQ(program.send(rule.in), rule.out);
}

const ParserCase kStates[] = {
    {"Accept", "", "state start { p.extract(hdr.first); transition accept; }", "0102", "0: 0102"},
    {"Reject", "", "state start { p.extract(hdr.first); transition reject; }", "0102", "-"},
    {"NoTransitionRejects", "", "state start { p.extract(hdr.first); }", "0102", "-"},
    {"NoMatchRejects", "", "state start { p.extract(hdr.first); transition select(hdr.first.v) { 2: accept; } }",
     "0102", "-"},
    {"PacketTooShort", "", "state start { p.extract(hdr.w); transition accept; }", "01", "-"},
    {"FirstCaseWins", "",
     "state start { p.extract(hdr.first); transition select(hdr.first.v) { 1 &&& 1: accept; 1: reject; _: reject; } }",
     "01", "0: 01"},
    {"SelectOnATuple", "",
     "state start { p.extract(hdr.w); transition select(hdr.w.v[15:8], hdr.w.v[7:0]) { (1, 2 .. 4): accept; (_, 9): "
     "accept; default: reject; } }",
     "0709", "0: 0709"},
    {"SelectOnABool", "",
     "state start { p.extract(hdr.w); transition select(hdr.w.v == 0x0102) { true: accept; false: reject; } }", "0102",
     "0: 0102"},
    {"SelectOnAnEnum", "enum E { A, B }\n",
     "E e = E.A; state start { p.extract(hdr.first); e = E.B; transition select(e) { E.A: reject; E.B: "
     "accept; } }",
     "01", "0: 01"},
    {"SelectOnARunTimeSet", "",
     "state start { p.extract(hdr.first); p.extract(hdr.w); transition select(hdr.first.v) { hdr.w.v[7:0]: accept; "
     "_: reject; } }",
     "05aa05", "0: 05aa05"},
    {"LocalsStartAtTheParser", "",
     "bit<8> n = 2; state start { n = n - 1; transition select(n) { 0: done; default: start; } } state done { "
     "p.extract(hdr.first); transition accept; }",
     "01", "0: 01"},
    {"VerifyHolds", "",
     "state start { p.extract(hdr.first); verify(hdr.first.v == 1, error.NoMatch); transition accept; }", "01",
     "0: 01"},
    {"VerifyFails", "",
     "state start { p.extract(hdr.first); verify(hdr.first.v == 1, error.NoMatch); transition accept; }", "02", "-"},
    {"FunctionInAParser", "bit<8> next(inout bit<8> x) { x = x + 1; return x; }\n",
     "state start { p.extract(hdr.first); "
     "transition select(next(hdr.first.v)) { 2: accept; } }",
     "01", "0: 02"},
};
INSTANTIATE_TEST_SUITE_P(States, ParserRule, ::testing::ValuesIn(kStates),
                         [](const auto& one) { return one.param.name; });

const ParserCase kPackets[] = {
    {"LookaheadOfBits", "",
     "state start { transition select(p.lookahead<bit<16>>()) { 0x0102: two; default: reject; } } state two { "
     "p.extract(hdr.w); transition accept; }",
     "0102", "0: 0102"},
    {"LookaheadOfAStruct", "struct S { bit<4> x; bit<12> y; }\n",
     "state start { S s = p.lookahead<S>(); p.extract(hdr.w); transition select(s.x, "
     "s.y) { (1, 0x203): accept; } }",
     "1203", "0: 1203"},
    {"LookaheadOfAHeader", "", "state start { hdr.w = p.lookahead<W>(); p.extract(hdr.first); transition accept; }",
     "0102", "0: 01010202"},
    {"LookaheadBeyondTheEnd", "", "state start { bit<16> x = p.lookahead<bit<16>>(); transition accept; }", "01", "-"},
    {"Advance", "", "state start { p.advance(8); p.extract(hdr.first); transition accept; }", "0102", "0: 02"},
    {"AdvanceBeyondTheEnd", "", "state start { p.advance(24); transition accept; }", "0102", "-"},
    {"ExtractToSkip", "", "state start { p.extract<W>(_); p.extract(hdr.first); transition accept; }", "010203",
     "0: 03"},
    {"Length", "", "state start { p.extract(hdr.first); transition select(p.length()) { 2: accept; } }", "0102",
     "0: 0102"},
    {"Varbit", "", "state start { p.extract(hdr.l, 16); transition accept; }", "02aabb", "0: 02aabb"},
    {"VarbitTooLong", "", "state start { p.extract(hdr.l, 40); transition accept; }", "02aabbccddee", "-"},
    {"ExtractOfAUnionMember", "", "state start { p.extract(hdr.u.b); p.extract(hdr.u.w); transition accept; }",
     "010203", "0: 0203"},
};
INSTANTIATE_TEST_SUITE_P(Packets, ParserRule, ::testing::ValuesIn(kPackets),
                         [](const auto& one) { return one.param.name; });

const ParserCase kStacks[] = {
    {"Next", "",
     "state start { p.extract(hdr.s.next); transition select(hdr.s.last.v) { 1: start; default: accept; } }", "010102",
     "0: 010102"},
    {"NextBeyondTheEnd", "",
     "state start { p.extract(hdr.s.next); transition select(hdr.s.last.v) { 1: start; default: accept; } }",
     "01010102", "-"},
    {"LastOfNone", "", "state start { transition select(hdr.s.last.v) { 0: accept; default: accept; } }", "01", "-"},
    {"LastIndex", "",
     "state start { p.extract(hdr.s.next); p.extract(hdr.s.next); transition select(hdr.s.lastIndex) { 1: accept; } }",
     "0102", "0: 0102"},
    {"RunTimeIndex", "", "state start { p.extract(hdr.first); p.extract(hdr.s[hdr.first.v]); transition accept; }",
     "0207", "0: 0207"},
};
INSTANTIATE_TEST_SUITE_P(Stacks, ParserRule, ::testing::ValuesIn(kStacks),
                         [](const auto& one) { return one.param.name; });

const ParserCase kSubParsers[] = {
    {"AcceptGoesOn", "parser Sub(packet_in p, out B b) { state start { p.extract(b); transition accept; } }\n",
     "Sub() sub; state start { sub.apply(p, hdr.first); p.extract(hdr.w); transition accept; }", "010203", "0: 010203"},
    {"RejectRejects", "parser Sub(packet_in p, out B b) { state start { p.extract(b); transition reject; } }\n",
     "Sub() sub; state start { sub.apply(p, hdr.first); transition accept; }", "010203", "-"},
    {"AppliedTwice",
     "parser Sub(packet_in p, inout B[3] s) { state start { p.extract(s.next); transition accept; } }\n",
     "Sub() sub; state start { sub.apply(p, hdr.s); sub.apply(p, hdr.s); transition accept; }", "010203", "0: 010203"},
    {"UnderAnIf", "parser Sub(packet_in p, out W w) { state start { p.extract(w); transition accept; } }\n",
     "Sub() sub; state start { p.extract(hdr.first); if (hdr.first.v == 1) { sub.apply(p, hdr.w); } hdr.first.v = 9; "
     "transition accept; }",
     "010203", "0: 090203"},
    {"ScalarsAreCopiedOut",
     "parser Sub(packet_in p, out bit<8> n) { state start { n = p.lookahead<bit<8>>(); transition accept; } }\n",
     "bit<8> n; Sub() sub; state start { sub.apply(p, n); transition select(n) { 1: accept; } }", "01", "0: 01"},
    {"ConstructorParameter",
     "parser Sub(packet_in p)(bit<8> want) { state start { transition select(p.lookahead<bit<8>>()) { want: accept; } "
     "} }\n",
     "Sub(1) sub; state start { sub.apply(p); transition accept; }", "01", "0: 01"},
};
INSTANTIATE_TEST_SUITE_P(SubParsers, ParserRule, ::testing::ValuesIn(kSubParsers),
                         [](const auto& one) { return one.param.name; });

// ---- unrolling ----------------------------------------------------------------------------------------------------

constexpr const char* kSkipZeros =
    "state start { p.extract(hdr.first); transition select(hdr.first.v) { 0: start; 1: accept; default: reject; } }";

std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }

std::string zeros_then_one(std::size_t count) { return zeros(count) + "01"; }

TEST(UnrollParsers, ALoopGoesRoundAsOftenAsTheLimitSays) {
  arch::BuildOptions options;
  options.parser_loop_limit = 5;
  P4Fixture program(parser_program("", kSkipZeros), options);
  EXPECT_EQ(program.send(zeros_then_one(4)), "0: 01") << "the fifth round finds the one";
  EXPECT_EQ(program.send(zeros_then_one(5)), "-") << "there is no sixth round";
}

TEST(UnrollParsers, ALoopTakesSoMuchOfThePacket) {
  // 16 bits a round: 256 rounds, and not one more.
  P4Fixture program(parser_program(
      "", "state start { p.advance(16); transition select(p.lookahead<bit<8>>()) { 0: start; 1: accept; } }"));
  const std::string rest = "0102030405060708090a0b0c0d0e";  // XDP leaves no less than an Ethernet header
  EXPECT_EQ(program.send(zeros(512) + rest), "0: " + rest);
  EXPECT_EQ(program.send(zeros(514) + rest), "-");
  // 40 bits a round, on the shorter of two ways round: 103 rounds.
  P4Fixture longer(
      parser_program("",
                     "state start { p.advance(40); transition select(p.lookahead<bit<8>>()) { 0: start; 1: "
                     "accept; 2: more; } } state more { p.advance(8); transition start; }"));
  EXPECT_EQ(longer.send(zeros(515) + rest), "0: " + rest);
  EXPECT_EQ(longer.send(zeros(520) + rest), "-");
}

TEST(UnrollParsers, AStackBoundsItsLoopWhateverTheLimit) {
  arch::BuildOptions options;
  options.parser_loop_limit = 1;
  P4Fixture program(
      parser_program("",
                     "state start { p.extract(hdr.s.next); transition select(hdr.s.last.v) { 1: start; _: accept; } }"),
      options);
  EXPECT_EQ(program.send("010102"), "0: 010102");
}

TEST(UnrollParsers, NoStateOfAStackLoopHasARunTimeIndex) {
  P4Fixture program(parser_program(
      "", "state start { p.extract(hdr.s.next); transition select(hdr.s.last.v) { 1: start; _: accept; } }"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  for (const ir::Parser& parser : program.program().parsers) {
    EXPECT_EQ(parser.states.size(), 4U);
    for (const ir::State& state : parser.states) {
      for (const ir::Stmt& stmt : program.program()[state.body].statements) {
        const auto* extract = std::get_if<ir::Extract>(&stmt.node);
        EXPECT_TRUE(extract == nullptr || extract->header.header);
      }
    }
  }
}

TEST(UnrollParsers, WaysThatMeetShareTheirStates) {
  // Both ways lead to `tail`, which asks for no stack: there must be one of it.
  P4Fixture program(parser_program(
      "",
      "state start { p.extract(hdr.first); transition select(hdr.first.v) { 1: one; _: tail; } } state one { "
      "p.extract(hdr.s.next); transition tail; } state tail { p.extract(hdr.w); transition accept; }"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  EXPECT_EQ(program.program().parsers.begin()->states.size(), 3U);
  EXPECT_EQ(program.send("01020304"), "0: 01020304");
  EXPECT_EQ(program.send("050304"), "0: 050304");
}

TEST(UnrollParsers, AChainIsOneState) {
  P4Fixture program(
      parser_program("",
                     "state start { p.extract(hdr.first); transition two; } state two { p.extract(hdr.w); transition "
                     "three; } state three { p.extract(hdr.u.b); transition accept; }"));
  ASSERT_TRUE(program.is_built()) << program.errors();
  EXPECT_EQ(program.program().parsers.begin()->states.size(), 1U);
}

TEST(UnrollParsers, TooManyStatesAreAnError) {
  // 256 rounds of a byte each through seventeen states.
  std::string states = "state start { p.extract(hdr.first); transition select(hdr.first.v) { 0: s0; _: accept; } } ";
  for (int i = 0; i < 16; ++i) {
    states +=
        fmt::format("state s{} {{ transition select(p.lookahead<bit<8>>()) {{ {}: s{}; _: start; }} }} ", i, i, i + 1);
  }
  P4Fixture program(parser_program("", states + "state s16 { transition start; }"));
  EXPECT_FALSE(program.is_built());
  EXPECT_NE(program.errors().find("through state 's"), std::string::npos) << program.errors();
  EXPECT_NE(program.errors().find("[parser-loop]"), std::string::npos) << program.errors();
}

TEST(UnrollParsers, ALoopThatDoesNothingIsAnError) {
  P4Fixture program(
      parser_program("",
                     "state start { p.extract(hdr.first); transition again; } state again { transition select("
                     "hdr.first.v) { 0: again; _: accept; } }"));
  EXPECT_FALSE(program.is_built());
  EXPECT_NE(program.errors().find("state 'again'"), std::string::npos) << program.errors();
  EXPECT_NE(program.errors().find("[parser-loop]"), std::string::npos) << program.errors();
}

}  // namespace
}  // namespace p4bpf::testing
