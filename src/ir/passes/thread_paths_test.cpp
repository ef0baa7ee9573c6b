// Paths: what stands behind branches is copied where they leave headers valid on some ways only, and nowhere else.
#include <gtest/gtest.h>

#include <algorithm>

#include "ir/passes/propagate_values.h"
#include "ir/passes/remove_dead_code.h"
#include "ir/passes/test_program.h"

namespace p4bpf::ir {
namespace {

void both(Program& program, PassContext& context) {
  propagate_values(program, context);
  remove_dead_code(program, context);
}

class ThreadPathsTest : public ::testing::Test, protected TestProgram {
 protected:
  std::string result() { return after(both); }
  /// Something unknown.
  ExprId length_is(int bytes) {
    const ExprId length = main().expr(Type::bits(32), IntrinsicRef{Intrinsic::kPacketLength});
    return main().binary(BinaryOp::kEq, length, main().constant(Type::bits(32), bytes));
  }
  Builder push(HeaderRef header, int value) {
    Builder made = main().nested();
    made.add(SetValid{header});
    made.assign(made.field(header, 0), byte(value));
    return made;
  }
  void deparse() {
    Builder body = main().nested();
    body.add(Emit{a});
    body.add(Emit{b});
    main().add(Deparse{body.block()});
    main().add(Verdict{VerdictKind::kPass, {}});
  }
};

TEST_F(ThreadPathsTest, EachWayIsDeparsedForItself) {
  main().add(If{length_is(1), push(a, 4).block(), push(b, 5).block()});
  deparse();
  EXPECT_EQ(result(),
            "if (packet_length == 32w1) {\n  a.setValid();\n  deparse {\n    a.f = 8w4;\n    a.g = 8w0;\n    emit(a);\n"
            "  }\n  pass();\n} else {\n  b.setValid();\n  deparse {\n    b.f = 8w5;\n    b.g = 8w0;\n    emit(b);\n"
            "  }\n  pass();\n}\n");
}

TEST_F(ThreadPathsTest, WaysOfOneKindStayTogether) {
  Builder inner = push(a, 1);
  Builder otherwise = main().nested();
  otherwise.add(If{length_is(2), push(a, 2).block(), push(a, 3).block()});
  main().add(If{length_is(1), inner.block(), otherwise.block()});
  deparse();
  const std::string text = result();
  EXPECT_EQ(text.find("deparse"), text.rfind("deparse")) << text;
}

TEST_F(ThreadPathsTest, WhatDoesNotAskIsNotCopied) {
  main().add(If{length_is(1), push(a, 4).block(), {}});
  finish_with(x);
  EXPECT_EQ(result(), "redirect(32w0);\n");
}

TEST_F(ThreadPathsTest, ATableIsNotCopied) {
  main().add(If{length_is(1), push(a, 4).block(), {}});
  Builder set = main().nested(), nop = main().nested();
  const VarId value = main().var("value", Type::bits(8));
  set.assign(set.field(a, 1), set.ref(value));
  main().add(ApplyTable{table("t"), {main().ref(x)}, {{{value}, set.block()}, {{}, nop.block()}}, {}, {}});
  deparse();
  const std::string text = result();
  EXPECT_EQ(text.find("t.apply"), text.rfind("t.apply")) << text;
  EXPECT_EQ(text.find("deparse"), text.rfind("deparse")) << text;
}

TEST_F(ThreadPathsTest, AReturnTakesItsWay) {
  const LabelId label = program.labels.add({"return"});
  Builder body = main().nested(), early = main().nested();
  early.add(SetValid{a});
  early.add(Leave{label});
  body.add(If{length_is(1), early.block(), {}});
  body.add(SetValid{b});
  main().add(Region{label, body.block()});
  deparse();
  const std::string text = result();
  EXPECT_EQ(text.find("leave"), std::string::npos) << text;
  EXPECT_EQ(text.find("if (a.isValid"), std::string::npos) << text;
  EXPECT_NE(text.find("emit(a)"), std::string::npos) << text;
  EXPECT_NE(text.find("emit(b)"), std::string::npos) << text;
}

TEST_F(ThreadPathsTest, ManyBranchesDoNotGrowWithoutEnd) {
  std::vector<HeaderRef> headers;
  for (int i = 0; i < 16; ++i) headers.push_back({program.headers.add({"h", type, {}, 0, {}}), {}, {}});
  for (int i = 0; i < 16; ++i) main().add(If{length_is(i), push(headers[static_cast<std::size_t>(i)], i).block(), {}});
  Builder body = main().nested();
  for (const HeaderRef& header : headers) body.add(Emit{header});
  main().add(Deparse{body.block()});
  main().add(Verdict{VerdictKind::kPass, {}});
  const std::string text = result();
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 3000);
}

TEST_F(ThreadPathsTest, WhatAParserExtractsIsNotWrittenAgain) {
  const ParserId parser = this->parser("p");
  program.blocks.edit(program.parsers.edit(parser).states[0].body).statements.push_back({{}, Extract{a, {}}});
  main().add(RunParser{parser});
  Builder body = main().nested(), inside = main().nested();
  inside.add(Emit{a});
  body.add(If{main().binary(BinaryOp::kEq, main().field(a, 0), byte(7)), inside.block(), {}});
  main().add(Deparse{body.block()});
  main().add(Verdict{VerdictKind::kPass, {}});
  const std::string text = result();
  EXPECT_EQ(text.find("a.f = "), std::string::npos) << text;
}

}  // namespace
}  // namespace p4bpf::ir
