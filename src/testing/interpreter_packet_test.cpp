// What parsers take from packets and deparsers put back, bit by bit; packets that are too short, empty or huge.
#include <gtest/gtest.h>

#include "codegen/describe.h"
#include "interp/interpreter.h"
#include "ir/builder.h"
#include "ir/validator.h"

namespace p4bpf::interp {
namespace {

using ir::Type;

/// A parser of some states; the program passes what it accepts, deparsed, and gives the parser's error as redirect port
/// otherwise.
struct ParserFixture {
  ir::Program program;
  ir::Builder emits{program};
  ir::Parser parser;

  ParserFixture() {
    program.source_name = "test.p4";
    program.architecture = "xdp_model";
    program.errors = {"NoError",       "PacketTooShort",       "NoMatch", "StackOutOfBounds", "HeaderTooShort",
                      "ParserTimeout", "ParserInvalidArgument"};
    ir::Builder builder(program);
    parser.name = "prs";
    parser.accepted = builder.var("accepted", Type::boolean());
    parser.error = builder.var("error", Type::error());
  }
  ir::HeaderId header(const std::vector<Type>& fields) {
    ir::HeaderType type;
    type.name = "h";
    for (const Type& field : fields) {
      if (field.kind == Type::Kind::kVarbit) type.varbit_field = type.fields.size();
      type.fields.push_back({"f" + std::to_string(type.fields.size()), field, type.width});
      if (field.kind != Type::Kind::kVarbit) type.width += field.width;
    }
    ir::Header made;
    made.name = "h" + std::to_string(program.headers.size());
    made.type = program.header_types.add(type);
    return program.headers.add(made);
  }
  static ir::HeaderRef ref(ir::HeaderId header) { return {header, {}, {}}; }
  /// A state that accepts; give it another transition through `parser.states`.
  ir::Builder state() {
    ir::Builder body(program);
    ir::State made;
    made.name = "s" + std::to_string(parser.states.size());
    made.body = body.block();
    made.transition.cases.push_back({{}, {ir::StateTarget::Kind::kAccept, 0}, {}});
    parser.states.push_back(made);
    return body;
  }
  void emit(ir::HeaderId header) { emits.add(ir::Emit{ref(header)}); }

  Result<Outcome> run(const Bytes& packet) {
    if (!program.entry) {
      const ir::ParserId id = program.parsers.add(parser);
      ir::Builder entry(program);
      entry.add(ir::RunParser{id});
      ir::Builder rejected = entry.nested();
      rejected.add(ir::Verdict{ir::VerdictKind::kRedirect, rejected.cast(Type::bits(32), rejected.ref(parser.error))});
      entry.add(ir::If{entry.negation(entry.ref(parser.accepted)), rejected.block(), {}});
      entry.add(ir::Deparse{emits.block()});
      entry.add(ir::Verdict{ir::VerdictKind::kPass, {}});
      program.entry = entry.block();
      EXPECT_EQ(ir::find_fault(program), "");
    }
    const manifest::Manifest manifest = codegen::describe(program);
    Options options;
    options.step_limit = 10'000;
    return Interpreter::create(program, manifest, options)->run(0, packet);
  }
  Bytes bytes(const Bytes& packet) {
    const Result<Outcome> outcome = run(packet);
    EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->verdict, ir::VerdictKind::kPass) << error(packet);
    return outcome->bytes;
  }
  /// The name of the error with which the parser rejects; "" if it accepts.
  std::string error(const Bytes& packet) {
    const Result<Outcome> outcome = run(packet);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome->verdict == ir::VerdictKind::kRedirect ? program.errors.at(outcome->port) : "";
  }
};

TEST(InterpreterPacket, HeadersOfOddWidthsFollowEachOtherBitByBit) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(3), Type::bits(1)});
  const ir::HeaderId b = f.header({Type::bits(13)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  s.add(ir::Extract{ParserFixture::ref(b), {}});
  f.emit(b);
  f.emit(a);
  // 101 1 | 0110 0000 1111 1 | 010 1010 1010: b, then a, then the payload from bit 17 on.
  // 0110000011111 1011 010 1010 1010 -> 01100000 11111101 10101010 1010(0000)
  EXPECT_EQ(f.bytes({0xb6, 0x0f, 0xaa, 0xa0}), (Bytes{0x60, 0xfd, 0xaa, 0xa0}));
}

TEST(InterpreterPacket, WhatWasNotParsedKeepsItsPlaceInItsByte) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(4)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  EXPECT_EQ(f.bytes({0xab, 0xcd}), (Bytes{0x0b, 0xcd})) << "a is not emitted";
}

TEST(InterpreterPacket, WideFieldsSurvive) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(2040), Type::bits(8)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  f.emit(a);
  Bytes packet(300);
  for (std::size_t i = 0; i < packet.size(); ++i) packet[i] = static_cast<std::uint8_t>(i * 7);
  EXPECT_EQ(f.bytes(packet), packet);
}

TEST(InterpreterPacket, SignedFieldsKeepTheirBits) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(8, true), Type::bits(8)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  const ir::ExprId field = s.field(ParserFixture::ref(a), 0);
  s.assign(s.field(ParserFixture::ref(a), 1),
           s.cast(Type::bits(8),
                  s.cast(Type::bits(1), s.binary(ir::BinaryOp::kLt, field, s.constant(Type::bits(8, true), 0)))));
  f.emit(a);
  EXPECT_EQ(f.bytes({0x80, 9}), (Bytes{0x80, 1}));
  EXPECT_EQ(f.bytes({0x7f, 9}), (Bytes{0x7f, 0}));
}

TEST(InterpreterPacket, PacketTooShortAtTheExtractThatDoesNotFit) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(16)});
  const ir::HeaderId b = f.header({Type::bits(8)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  s.add(ir::Extract{ParserFixture::ref(b), {}});
  EXPECT_EQ(f.error({}), "PacketTooShort");
  EXPECT_EQ(f.error({1}), "PacketTooShort");
  EXPECT_EQ(f.error({1, 2}), "PacketTooShort");
  EXPECT_EQ(f.error({1, 2, 3}), "") << "a packet that fits exactly is accepted";
  EXPECT_EQ(f.bytes(Bytes(100'000, 5)).size(), 100'000U - 3);
}

struct VarbitFixture : ParserFixture {
  ir::HeaderId fixed = header({Type::bits(8)});
  ir::HeaderId options = header({Type::bits(8), Type::varbit(32), Type::bits(8)});
  VarbitFixture() {
    ir::Builder s = state();
    s.add(ir::Extract{ref(fixed), {}});
    s.add(ir::Extract{ref(options), s.cast(Type::bits(32), s.field(ref(fixed), 0))});
    emit(options);
    emit(fixed);
  }
};

TEST(InterpreterPacket, VarbitHasTheSizeThatTheProgramGives) {
  VarbitFixture f;
  EXPECT_EQ(f.bytes({0, 1, 2, 9}), (Bytes{1, 2, 0, 9}));
  EXPECT_EQ(f.bytes({16, 1, 0xa, 0xb, 2, 9}), (Bytes{1, 0xa, 0xb, 2, 16, 9}));
  EXPECT_EQ(f.bytes({32, 1, 0xa, 0xb, 0xc, 0xd, 2}), (Bytes{1, 0xa, 0xb, 0xc, 0xd, 2, 32}));
}

TEST(InterpreterPacket, VarbitErrors) {
  VarbitFixture f;
  EXPECT_EQ(f.error({4, 1, 2, 3, 4, 5, 6}), "ParserInvalidArgument");
  EXPECT_EQ(f.error({16, 1, 2, 3}), "PacketTooShort");
  EXPECT_EQ(f.error({40, 1, 2, 3, 4, 5, 6, 7}), "HeaderTooShort");
}

TEST(InterpreterPacket, VarbitsCompareByLengthAndValue) {
  for (const bool same : {false, true}) {
    ParserFixture f;
    const ir::HeaderId a = f.header({Type::varbit(16)});
    const ir::HeaderId b = f.header({Type::varbit(16)});
    const ir::HeaderId result = f.header({Type::bits(8)});
    ir::Builder s = f.state();
    const auto bits = [&](int count) { return s.constant(Type::bits(32), count); };
    s.add(ir::Extract{ParserFixture::ref(a), bits(8)});
    s.add(ir::Extract{ParserFixture::ref(b), bits(same ? 8 : 16)});
    const ir::ExprId equal =
        s.binary(ir::BinaryOp::kEq, s.field(ParserFixture::ref(a), 0), s.field(ParserFixture::ref(b), 0));
    s.add(ir::SetValid{ParserFixture::ref(result)});
    s.assign(s.field(ParserFixture::ref(result), 0), s.cast(Type::bits(8), s.cast(Type::bits(1), equal)));
    f.emit(result);
    // 0x05 and, as 16 bits, 0x0005: the same number, but not the same value.
    EXPECT_EQ(f.bytes(same ? Bytes{5, 5} : Bytes{5, 0, 5}), (Bytes{static_cast<std::uint8_t>(same ? 1 : 0)}));
  }
}

TEST(InterpreterPacket, AdvanceSkips) {
  ParserFixture f;
  const ir::HeaderId amount = f.header({Type::bits(8)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(amount), {}});
  s.add(ir::Advance{s.cast(Type::bits(32), s.field(ParserFixture::ref(amount), 0))});
  f.emit(amount);
  EXPECT_EQ(f.bytes({16, 1, 2, 3}), (Bytes{16, 3}));
  EXPECT_EQ(f.error({24, 1, 2}), "PacketTooShort");
  EXPECT_EQ(f.error({12, 1, 2}), "ParserInvalidArgument");
}

TEST(InterpreterPacket, PeekReadsAheadWithoutMoving) {
  ParserFixture f;
  const ir::HeaderId seen = f.header({Type::bits(12)});
  const ir::HeaderId pad = f.header({Type::bits(4)});
  ir::Builder s = f.state();
  s.add(ir::Require{16});
  s.assign(s.field(ParserFixture::ref(seen), 0), s.expr(Type::bits(12), ir::Peek{4}));
  s.add(ir::SetValid{ParserFixture::ref(seen)});
  s.add(ir::SetValid{ParserFixture::ref(pad)});
  f.emit(seen);
  f.emit(pad);
  EXPECT_EQ(f.bytes({0xab, 0xcd}), (Bytes{0xbc, 0xd0, 0xab, 0xcd}));
  EXPECT_EQ(f.error({0xab}), "PacketTooShort");
}

TEST(InterpreterPacket, SelectTakesTheFirstCaseThatMatches) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(8), Type::bits(8)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  ir::Transition& select = f.parser.states[0].transition;
  select.keys = {s.field(ParserFixture::ref(a), 0), s.field(ParserFixture::ref(a), 1)};
  const KeyMatch any;
  const KeyMatch one{KeyMatch::Kind::kExact, 1, 0, 0, 0};
  const KeyMatch high{KeyMatch::Kind::kMask, 0x80, 0x80, 0, 0};
  const KeyMatch middle{KeyMatch::Kind::kRange, 10, 0, 20, 0};
  const auto to = [](ir::StateTarget::Kind kind) { return ir::StateTarget{kind, 0}; };
  select.cases = {{{one, any}, to(ir::StateTarget::Kind::kAccept), {}},
                  {{high, middle}, to(ir::StateTarget::Kind::kAccept), {}},
                  {{any, middle}, to(ir::StateTarget::Kind::kReject), {}}};
  EXPECT_EQ(f.error({1, 15}), "");
  EXPECT_EQ(f.error({0x81, 20}), "");
  EXPECT_EQ(f.error({2, 10}), "NoError") << "transition reject leaves the error as it was";
  EXPECT_EQ(f.error({2, 21}), "NoMatch");
}

TEST(InterpreterPacket, RejectSetsTheError) {
  ParserFixture f;
  ir::Builder s = f.state();
  s.add(ir::Reject{s.constant(Type::error(), 3)});
  EXPECT_EQ(f.error({1}), "StackOutOfBounds");
}

TEST(InterpreterPacket, StatesFollowEachOtherAndEndlessOnesAreStopped) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(8)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  f.parser.states[0].transition.cases[0].target = {ir::StateTarget::Kind::kState, 0};
  EXPECT_EQ(f.error(Bytes(100)), "PacketTooShort") << "round and round until the packet ends";

  ParserFixture endless;
  endless.state();
  endless.parser.states[0].transition.cases[0].target = {ir::StateTarget::Kind::kState, 0};
  EXPECT_FALSE(endless.run({1}));
}

TEST(InterpreterPacket, ADeparserThatEmitsNothingTakesTheHeadOff) {
  ParserFixture f;
  const ir::HeaderId a = f.header({Type::bits(16)});
  ir::Builder s = f.state();
  s.add(ir::Extract{ParserFixture::ref(a), {}});
  EXPECT_EQ(f.bytes({1, 2, 3}), (Bytes{3}));
  EXPECT_EQ(f.bytes({1, 2}), Bytes{});
}

TEST(BitWriter, AppendsAtAnyBit) {
  BitWriter writer;
  writer.append(0x5, 3);
  writer.append(0, 0);
  writer.append(0x3ff, 10);
  writer.append(0x1, 1);
  EXPECT_EQ(writer.bit_count(), 14U);
  EXPECT_EQ(writer.bytes(), (Bytes{0xbf, 0xfc}));
  writer.append(Bytes{0xff, 0x01}, 7);
  EXPECT_EQ(writer.bit_count(), 23U);
  EXPECT_EQ(writer.bytes(), (Bytes{0xbf, 0xfe, 0x02}));
}

TEST(ReadBits, BehindTheEndIsZero) {
  EXPECT_EQ(read_bits({0xff}, 4, 8), 0xf0);
  EXPECT_EQ(read_bits({0xff}, 64, 8), 0);
  EXPECT_EQ(read_bits({}, 0, 5), 0);
  EXPECT_EQ(read_bits({0xab, 0xcd}, 4, 8), 0xbc);
}

}  // namespace
}  // namespace p4bpf::interp
