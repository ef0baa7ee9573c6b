// One test for each construct of the IR, built with ir::Builder: what it does to packets.
#include "interp/interpreter.h"

#include <gtest/gtest.h>

#include "codegen/describe.h"
#include "ir/builder.h"
#include "ir/validator.h"

namespace p4bpf::interp {
namespace {

using ir::BinaryOp;
using ir::Type;

/// A program in the making: a parser of one state, then a body, then a deparser and `pass`. What a test wants to see it
/// stores in `out`, a header of 32 bits that is emitted first if it is valid.
struct Fixture {
  ir::Program program;
  ir::HeaderTypeId word;  // one field `v`, bit<32>
  ir::HeaderId out;
  ir::Builder parse{program};
  ir::Builder body{program};
  ir::Builder emits{program};
  ir::ParserId parser;

  Fixture() {
    program.source_name = "test.p4";
    program.architecture = "xdp_model";
    program.errors = {"NoError",       "PacketTooShort",       "NoMatch", "StackOutOfBounds", "HeaderTooShort",
                      "ParserTimeout", "ParserInvalidArgument"};
    word = header_type("word", {{"v", 32}});
    out = header("out", word);
    ir::Parser made;
    made.name = "prs";
    ir::State start;
    start.name = "start";
    start.body = parse.block();
    start.transition.cases.push_back({{}, {ir::StateTarget::Kind::kAccept, 0}, {}});
    made.states.push_back(start);
    made.accepted = parse.var("accepted", Type::boolean());
    made.error = parse.var("error", Type::error());
    parser = program.parsers.add(made);
    emit(out);
  }

  ir::HeaderTypeId header_type(std::string name, const std::vector<std::pair<std::string, std::uint32_t>>& fields) {
    ir::HeaderType type;
    type.name = std::move(name);
    for (const auto& [field, width] : fields) {
      type.fields.push_back({field, Type::bits(width), type.width});
      type.width += width;
    }
    return program.header_types.add(type);
  }
  ir::HeaderId header(std::string name, ir::HeaderTypeId type) {
    ir::Header made;
    made.name = std::move(name);
    made.type = type;
    return program.headers.add(made);
  }
  static ir::HeaderRef ref(ir::HeaderId header) { return {header, {}, {}}; }
  ir::ExprId field(ir::HeaderId header, std::size_t index = 0) { return body.field(ref(header), index); }
  ir::ExprId bits(std::uint32_t width, BigInt value) { return body.constant(Type::bits(width), std::move(value)); }
  ir::ExprId ints(std::uint32_t width, BigInt value) {
    return body.constant(Type::bits(width, true), std::move(value));
  }
  void extract(ir::HeaderId header) { parse.add(ir::Extract{ref(header), {}}); }
  void emit(ir::HeaderId header) { emits.add(ir::Emit{ref(header)}); }
  /// Makes `value` visible in the first four bytes of the packet.
  void show(ir::ExprId value) { show(body, value); }
  void show(ir::Builder& at, ir::ExprId value) {
    at.add(ir::SetValid{ref(out)});
    const Type from = program[value].type;
    if (from.kind == Type::Kind::kBool) value = at.cast(Type::bits(1), value);
    if (from.is_signed) value = at.cast(Type::bits(from.width), value);
    at.assign(at.field(ref(out), 0), at.cast(Type::bits(32), value));
  }

  /// `after` takes the place of the plain `pass` at the end.
  void finish() {
    if (program.entry) return;
    ir::Builder entry(program);
    entry.add(ir::RunParser{parser});
    for (const ir::Stmt& stmt : program[body.block()].statements) entry.add(stmt.node);
    entry.add(ir::Deparse{emits.block()});
    entry.add(ir::Verdict{ir::VerdictKind::kPass, {}});
    program.entry = entry.block();
    ASSERT_EQ(ir::find_fault(program), "");
  }
  Result<Outcome> run(const Bytes& packet, std::vector<TraceRecord>* trace = nullptr, Options options = {}) {
    finish();
    const manifest::Manifest manifest = codegen::describe(program);
    Result<Interpreter> interpreter = Interpreter::create(program, manifest, std::move(options));
    if (!interpreter) return fail(interpreter.error());
    return interpreter->run(7, packet, trace);
  }
  Bytes bytes(const Bytes& packet) {
    Result<Outcome> outcome = run(packet);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? outcome->bytes : Bytes{};
  }
  /// What the first four bytes of the output say.
  BigInt shown(const Bytes& packet = {}) {
    const Bytes got = bytes(packet);
    return got.size() < 4 ? BigInt(-1) : from_bytes(got.data(), 4);
  }
};

// ---- expressions ----

BigInt binary(BinaryOp op, std::uint32_t width, bool is_signed, BigInt left, BigInt right) {
  Fixture f;
  const Type type = Type::bits(width, is_signed);
  const ir::ExprId a = f.body.constant(type, std::move(left));
  const ir::ExprId b =
      f.body.constant(op == BinaryOp::kShl || op == BinaryOp::kShr ? Type::bits(32) : type, std::move(right));
  f.show(f.body.binary(op, a, b));
  return f.shown();
}

TEST(Interpreter, ArithmeticWraps) {
  EXPECT_EQ(binary(BinaryOp::kAdd, 8, false, 255, 2), 1);
  EXPECT_EQ(binary(BinaryOp::kSub, 8, false, 1, 2), 255);
  EXPECT_EQ(binary(BinaryOp::kMul, 8, false, 16, 17), 16);
  EXPECT_EQ(binary(BinaryOp::kAdd, 8, true, 127, 1), 0x80);
  EXPECT_EQ(binary(BinaryOp::kDiv, 8, false, 200, 7), 28);
  EXPECT_EQ(binary(BinaryOp::kMod, 8, false, 200, 7), 4);
  EXPECT_EQ(binary(BinaryOp::kDiv, 8, false, 200, 0), 0);
  EXPECT_EQ(binary(BinaryOp::kMod, 8, false, 200, 0), 200);
}

TEST(Interpreter, SaturatingArithmeticStopsAtTheBounds) {
  EXPECT_EQ(binary(BinaryOp::kSatAdd, 8, false, 250, 10), 255);
  EXPECT_EQ(binary(BinaryOp::kSatSub, 8, false, 3, 10), 0);
  EXPECT_EQ(binary(BinaryOp::kSatAdd, 8, true, 120, 10), 127);
  EXPECT_EQ(binary(BinaryOp::kSatSub, 8, true, -120, 10), 0x80);
}

TEST(Interpreter, ShiftsByTheWidthOrMoreEmptyTheValue) {
  EXPECT_EQ(binary(BinaryOp::kShl, 8, false, 0x81, 1), 2);
  EXPECT_EQ(binary(BinaryOp::kShl, 8, false, 0x81, 8), 0);
  EXPECT_EQ(binary(BinaryOp::kShr, 8, false, 0x81, 7), 1);
  EXPECT_EQ(binary(BinaryOp::kShr, 8, false, 0x81, 0xffffffff), 0);
  EXPECT_EQ(binary(BinaryOp::kShr, 8, true, -3, 1), 0xfe);
  EXPECT_EQ(binary(BinaryOp::kShr, 8, true, -3, 200), 0xff);
}

TEST(Interpreter, ComparisonsKnowTheSign) {
  EXPECT_EQ(binary(BinaryOp::kLt, 8, true, -1, 1), 1);
  EXPECT_EQ(binary(BinaryOp::kLt, 8, false, 255, 1), 0);
  EXPECT_EQ(binary(BinaryOp::kGe, 8, true, -1, -1), 1);
  EXPECT_EQ(binary(BinaryOp::kNe, 8, false, 1, 1), 0);
}

TEST(Interpreter, BitwiseAndConcat) {
  EXPECT_EQ(binary(BinaryOp::kBitXor, 8, true, -1, 0x0f), 0xf0);
  EXPECT_EQ(binary(BinaryOp::kConcat, 4, false, 0xa, 0x5), 0xa5);
  Fixture f;
  f.show(f.body.expr(Type::bits(8), ir::Unary{ir::Unary::Op::kComplement, f.bits(8, 0x0f)}));
  EXPECT_EQ(f.shown(), 0xf0);
}

TEST(Interpreter, CastsTruncateAndExtend) {
  Fixture f;
  f.show(f.body.cast(Type::bits(16), f.body.cast(Type::bits(16, true), f.ints(8, -2))));
  EXPECT_EQ(f.shown(), 0xfffe);
  Fixture g;
  g.show(g.body.cast(Type::bits(4), g.bits(8, 0xab)));
  EXPECT_EQ(g.shown(), 0xb);
}

TEST(Interpreter, SlicesAndWideValues) {
  Fixture f;
  const BigInt wide = (BigInt(0xdeadbeef) << 1000) + 5;
  const ir::ExprId sum = f.body.binary(BinaryOp::kAdd, f.bits(2048, wide), f.bits(2048, BigInt(1) << 1000));
  f.show(f.body.expr(Type::bits(32), ir::Slice{sum, 1031, 1000}));
  EXPECT_EQ(f.shown(), 0xdeadbef0);
}

TEST(Interpreter, MuxTakesOneSide) {
  for (const bool side : {false, true}) {
    Fixture f;
    const ir::ExprId condition = f.body.constant(Type::boolean(), side ? 1 : 0);
    f.show(f.body.expr(Type::bits(8), ir::Mux{condition, f.bits(8, 1), f.bits(8, 2)}));
    EXPECT_EQ(f.shown(), side ? 1 : 2);
  }
}

TEST(Interpreter, IntrinsicsOfThePacket) {
  Fixture f;
  f.show(f.body.expr(Type::bits(32), ir::IntrinsicRef{ir::Intrinsic::kIngressPort}));
  EXPECT_EQ(f.shown({1, 2, 3}), 7);
  Fixture g;
  g.show(g.body.expr(Type::bits(32), ir::IntrinsicRef{ir::Intrinsic::kPacketLength}));
  EXPECT_EQ(g.shown({1, 2, 3}), 3);
}

// ---- headers and stacks ----

TEST(Interpreter, ValidityAndCopies) {
  Fixture f;
  const ir::HeaderId a = f.header("a", f.word);
  const ir::HeaderId b = f.header("b", f.word);
  f.body.assign(f.field(a), f.bits(32, 0x01020304));  // stored although invalid
  f.body.add(ir::SetValid{Fixture::ref(a)});
  f.body.add(ir::CopyHeader{Fixture::ref(b), Fixture::ref(a)});
  f.body.add(ir::SetInvalid{Fixture::ref(a)});
  f.emit(a);
  f.emit(b);
  EXPECT_EQ(f.bytes({}), (Bytes{1, 2, 3, 4}));
}

TEST(Interpreter, VariablesStartAtZeroForEachPacket) {
  Fixture f;
  const ir::VarId x = f.body.var("x", Type::bits(32));
  f.body.assign(x, f.body.binary(BinaryOp::kAdd, f.body.ref(x), f.bits(32, 1)));
  f.show(f.body.ref(x));
  f.finish();
  const manifest::Manifest manifest = codegen::describe(f.program);
  Interpreter interpreter = std::move(Interpreter::create(f.program, manifest).value());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(interpreter.run(0, {})->bytes, (Bytes{0, 0, 0, 1}));
}

struct StackFixture : Fixture {
  ir::StackId stack;
  std::vector<ir::HeaderId> elements;
  StackFixture() {
    const ir::HeaderTypeId byte = header_type("byte", {{"v", 8}});
    ir::Stack made;
    made.name = "s";
    made.type = byte;
    made.next_index = body.var("s.next", Type::bits(32));
    stack = program.stacks.add(made);
    for (std::uint32_t i = 0; i < 3; ++i) {
      const ir::HeaderId element = header("s[" + std::to_string(i) + "]", byte);
      program.headers.edit(element).stack = stack;
      program.headers.edit(element).index = i;
      program.stacks.edit(stack).elements.push_back(element);
      elements.push_back(element);
      emit(element);
    }
  }
  ir::HeaderRef at(std::uint32_t index) { return {{}, stack, bits(8, index)}; }
};

TEST(Interpreter, StackElementsAtARunTimeIndex) {
  StackFixture f;
  f.extract(f.elements[0]);
  f.extract(f.elements[1]);
  f.body.assign(f.body.field(f.at(1), 0), f.bits(8, 0xee));
  f.body.assign(f.body.field(f.at(9), 0), f.bits(8, 0xdd));  // does nothing
  f.body.add(ir::SetValid{f.at(9)});
  f.body.add(ir::CopyHeader{f.at(2), f.at(0)});
  f.show(f.body.binary(BinaryOp::kConcat, f.body.field(f.at(3), 0), f.body.field(f.at(1), 0)));
  EXPECT_EQ(f.bytes({0xaa, 0xbb, 0xcc}), (Bytes{0, 0, 0, 0xee, 0xaa, 0xee, 0xaa, 0xcc}));
}

TEST(Interpreter, AnElementOutOfBoundsIsInvalid) {
  StackFixture f;
  f.extract(f.elements[0]);
  f.body.add(ir::CopyHeader{f.at(0), f.at(200)});
  EXPECT_EQ(f.bytes({0xaa, 0xcc}), (Bytes{0xcc}));
}

TEST(Interpreter, PushAndPop) {
  StackFixture push;
  push.extract(push.elements[0]);
  push.extract(push.elements[1]);
  push.body.assign(push.program[push.stack].next_index, push.bits(32, 2));
  push.body.add(ir::ShiftStack{push.stack, 2});
  push.show(push.body.ref(push.program[push.stack].next_index));
  // Element 0 moves to 2, element 1 falls off, 0 and 1 come free.
  EXPECT_EQ(push.bytes({0xaa, 0xbb}), (Bytes{0, 0, 0, 3, 0xaa}));

  StackFixture pop;
  pop.extract(pop.elements[0]);
  pop.extract(pop.elements[1]);
  pop.body.assign(pop.program[pop.stack].next_index, pop.bits(32, 2));
  pop.body.add(ir::ShiftStack{pop.stack, -1});
  pop.show(pop.body.ref(pop.program[pop.stack].next_index));
  EXPECT_EQ(pop.bytes({0xaa, 0xbb}), (Bytes{0, 0, 0, 1, 0xbb}));
}

// ---- control flow ----

TEST(Interpreter, SwitchTakesTheCaseOrTheDefault) {
  for (const auto& [subject, expected] : std::vector<std::pair<int, int>>{{1, 10}, {2, 10}, {3, 30}, {4, 99}}) {
    Fixture f;
    ir::Builder one = f.body.nested();
    ir::Builder three = f.body.nested();
    ir::Builder other = f.body.nested();
    f.show(one, f.bits(32, 10));
    f.show(three, f.bits(32, 30));
    f.show(other, f.bits(32, 99));
    f.body.add(ir::Switch{f.bits(8, subject), {{{1, 2}, one.block()}, {{3}, three.block()}}, other.block()});
    EXPECT_EQ(f.shown(), expected);
  }
}

TEST(Interpreter, LeaveGoesBehindItsRegionThroughInnerOnes) {
  Fixture f;
  const ir::LabelId outer = f.program.labels.add({"outer"});
  const ir::LabelId inner = f.program.labels.add({"inner"});
  ir::Builder outer_body = f.body.nested();
  ir::Builder inner_body = f.body.nested();
  f.show(inner_body, f.bits(32, 1));
  inner_body.add(ir::Leave{outer});
  outer_body.add(ir::Region{inner, inner_body.block()});
  f.show(outer_body, f.bits(32, 2));  // jumped over
  f.body.add(ir::Region{outer, outer_body.block()});
  EXPECT_EQ(f.shown(), 1);
}

TEST(Interpreter, LoopRunsUntilLeft) {
  Fixture f;
  const ir::LabelId label = f.program.labels.add({"loop"});
  const ir::VarId i = f.body.var("i", Type::bits(32));
  ir::Builder body = f.body.nested();
  ir::Builder leave = f.body.nested();
  leave.add(ir::Leave{label});
  body.add(ir::If{body.binary(BinaryOp::kEq, body.ref(i), f.bits(32, 10)), leave.block(), {}});
  body.assign(i, body.binary(BinaryOp::kAdd, body.ref(i), f.bits(32, 1)));
  f.body.add(ir::Loop{label, body.block()});
  f.show(f.body.ref(i));
  EXPECT_EQ(f.shown(), 10);
}

TEST(Interpreter, AnEndlessLoopIsAFailure) {
  Fixture f;
  const ir::LabelId label = f.program.labels.add({"loop"});
  // Sound for the validator, as the Leave could run.
  ir::Builder body = f.body.nested();
  ir::Builder leave = f.body.nested();
  leave.add(ir::Leave{label});
  body.add(ir::If{f.body.constant(Type::boolean(), 0), leave.block(), {}});
  f.body.add(ir::Loop{label, body.block()});
  Options options;
  options.step_limit = 1000;
  const Result<Outcome> outcome = f.run({}, nullptr, options);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "the packet is not done after 1000 statements");
}

// ---- verdicts ----

TEST(Interpreter, Verdicts) {
  for (const ir::VerdictKind kind : {ir::VerdictKind::kDrop, ir::VerdictKind::kPass, ir::VerdictKind::kTx,
                                     ir::VerdictKind::kRedirect, ir::VerdictKind::kAborted}) {
    Fixture f;
    ir::Builder entry(f.program);
    entry.add(ir::Verdict{kind, kind == ir::VerdictKind::kRedirect ? f.bits(32, 3) : ir::ExprId{}});
    f.program.entry = entry.block();
    const Result<Outcome> outcome = f.run({9});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->verdict, kind);
    EXPECT_EQ(outcome->port, kind == ir::VerdictKind::kRedirect ? 3U : 7U);
    EXPECT_EQ(outcome->bytes, (Bytes{9}));
  }
}

// ---- externs ----

TEST(Interpreter, CallsExternsAndKeepsTheirState) {
  Fixture f;
  ir::ExternInstance instance;
  instance.type_name = "CounterArray";
  instance.name = "c";
  instance.arguments = {BigInt(4), false};
  const ir::ExternInstanceId counter = f.program.extern_instances.add(instance);
  ir::ExternFunction add;
  add.name = "CounterArray.add";
  add.params = {{"index", ir::ExternArgument::Direction::kIn}, {"value", ir::ExternArgument::Direction::kIn}};
  const ir::ExternFunctionId function = f.program.extern_functions.add(add);
  f.body.add(ir::CallExtern{
      function,
      counter,
      {{ir::ExternArgument::Direction::kIn, f.bits(32, 2)}, {ir::ExternArgument::Direction::kIn, f.bits(32, 5)}},
      {}});
  f.finish();
  const manifest::Manifest manifest = codegen::describe(f.program);
  ASSERT_EQ(manifest.counters.size(), 1U);
  EXPECT_EQ(manifest.counters[0].size, 4U);
  Interpreter interpreter = std::move(Interpreter::create(f.program, manifest).value());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(interpreter.run(0, {}));
  EXPECT_EQ(interpreter.read_counter(0, 2)->packets, 15);
  EXPECT_EQ(interpreter.read_counter(0, 1)->packets, 0);
  EXPECT_FALSE(interpreter.read_counter(0, 4));
  interpreter.reset_counter(0);
  EXPECT_EQ(interpreter.read_counter(0, 2)->packets, 0);
}

TEST(Interpreter, ExternResultsAreStored) {
  Fixture f;
  ir::ExternFunction clock;
  clock.name = "BPF_KTIME_GET_NS";
  clock.result = Type::bits(32);
  const ir::VarId now = f.body.var("now", Type::bits(32));
  f.body.add(ir::CallExtern{f.program.extern_functions.add(clock), {}, {}, f.body.ref(now)});
  f.show(f.body.ref(now));
  Options options;
  options.clock = [] { return std::uint64_t{0x500000042}; };
  const Result<Outcome> outcome = f.run({}, nullptr, options);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->bytes, (Bytes{0, 0, 0, 0x42}));
}

TEST(Interpreter, AUsersExternIsAFailureNotACrash) {
  Fixture f;
  ir::ExternFunction mine;
  mine.name = "mine";
  mine.is_user = true;
  f.body.add(ir::CallExtern{f.program.extern_functions.add(mine), {}, {}, {}});
  const Result<Outcome> outcome = f.run({});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("`mine`"), std::string::npos);
}

// ---- tables ----

struct TableFixture : Fixture {
  ir::TableId table;
  ir::VarId hit = body.var("hit", Type::boolean());
  ir::VarId action_run = body.var("action_run", Type::bits(32));
  TableFixture() {
    ir::Table made;
    made.name = "t";
    made.keys.push_back({"k", Type::bits(8), ir::MatchKind::kExact, {}});
    made.actions = {{"set", {{"value", Type::bits(8)}}, false, false}, {"NoAction", {}, false, false}};
    made.default_action = 1;
    made.entries.push_back({{{KeyMatch::Kind::kExact, 5, 0, 0, 0}}, 0, {77}, 0, true, {}});
    table = program.tables.add(made);
    const ir::HeaderId key = header("key", header_type("byte", {{"v", 8}}));
    extract(key);
    const ir::VarId value = body.var("value", Type::bits(8));
    const ir::VarId got = body.var("got", Type::bits(8));
    ir::Builder set = body.nested();
    set.assign(got, set.ref(value));
    ir::Builder nothing = body.nested();
    body.add(ir::ApplyTable{table, {field(key)}, {{{value}, set.block()}, {{}, nothing.block()}}, hit, action_run});
    const ir::ExprId flags =
        body.binary(BinaryOp::kConcat, body.cast(Type::bits(8), body.cast(Type::bits(1), body.ref(hit))),
                    body.cast(Type::bits(8), body.ref(action_run)));
    show(body.binary(BinaryOp::kConcat, flags, body.ref(got)));
  }
};

TEST(Interpreter, TablesRunTheActionOfTheEntryOrTheDefault) {
  TableFixture f;
  EXPECT_EQ(f.shown({5}), (1 << 16) + 77);
  EXPECT_EQ(f.shown({6}), 1 << 8) << "a miss runs NoAction";
}

TEST(Interpreter, TraceTellsWhatRan) {
  TableFixture f;
  f.finish();
  const std::vector<ir::TracePoint> points = ir::insert_trace(f.program, ir::TraceDetail::kAll);
  std::vector<TraceRecord> trace;
  ASSERT_TRUE(f.run({5}, &trace));
  std::string all;
  for (const TraceEvent& event : read_trace(f.program, points, trace, {})) all += event.text + "\n";
  EXPECT_NE(all.find("state start\nextract key: v=0x5\nparser prs accepts\n"), std::string::npos) << all;
  EXPECT_NE(all.find("table t with k=0x5: hit, action set(value=0x4d)\n"), std::string::npos) << all;
  EXPECT_NE(all.find("emit out\nverdict: pass\n"), std::string::npos) << all;
}

TEST(Interpreter, ValueSetsOnlyTellWhetherTheyHit) {
  for (const int key : {5, 6}) {
    Fixture f;
    ir::Table set;
    set.name = "set";
    set.is_value_set = true;
    set.keys.push_back({"k", Type::bits(8), ir::MatchKind::kExact, {}});
    const ir::TableId table = f.program.tables.add(set);
    const ir::VarId hit = f.body.var("hit", Type::boolean());
    f.body.add(ir::ApplyTable{table, {f.bits(8, key)}, {}, hit, {}});
    f.show(f.body.ref(hit));
    f.finish();
    const manifest::Manifest manifest = codegen::describe(f.program);
    Interpreter interpreter = std::move(Interpreter::create(f.program, manifest).value());
    ASSERT_TRUE(interpreter.table(0).insert({{{KeyMatch::Kind::kExact, 5, 0, 0, 0}}, 0, {}, 0, false}));
    EXPECT_EQ(interpreter.run(0, {})->bytes, (Bytes{0, 0, 0, static_cast<std::uint8_t>(key == 5 ? 1 : 0)}));
  }
}

}  // namespace
}  // namespace p4bpf::interp
