// The rules of expressions, one test for each part of section 8 of the specification (P4_16 1.2.5).
#include "frontend/types/test_support.h"

namespace p4bpf::check {
namespace {

TEST(Expressions, NamesOfSection6_9) {
  expect_rules({
      {"a name is known behind its declaration", "const bit<8> a = 1;\nconst bit<8> b = a;", ""},
      {"not before", "const bit<8> b = a;\nconst bit<8> a = 1;", "1 unknown-name"},
      {"a type is no value", "struct S {}\nconst bit<8> b = S;", "2 not-a-value"},
      {"a value is no type", "const bit<8> b = 1;\nconst b c = 1;", "2 not-a-type"},
      {"a leading dot means the top level", "const bit<8> a = 1;\nvoid f(out bit<8> r) { bit<16> a = 2; r = .a; }", ""},
      {"twice in one scope", "const bit<8> a = 1;\nconst bit<8> a = 2;", "2 duplicate-name"},
  });
}

TEST(Expressions, ImplicitCastsOfSection8_11_2) {
  expect_rules({
      {"int to bits", "const bit<8> a = 5;", ""},
      {"widths differ", "const bit<8> a = 5w5;", "1 type-mismatch"},
      {"sign differs", "const bit<8> a = 8s5;", "1 type-mismatch"},
      {"bool is no number", "const bit<1> a = true;", "1 type-mismatch"},
      {"enum to its representation", "enum bit<8> E { A = 1 }\nconst bit<8> a = E.A;", ""},
      {"not back", "enum bit<8> E { A = 1 }\nconst E a = 8w1;", "2 type-mismatch"},
      {"an int meets bits", "bit<8> f(in bit<8> x) { return x + 1; }", ""},
  });
}

TEST(Expressions, ExplicitCastsOfSection8_11_1) {
  expect_rules({
      {"width", "const bit<8> a = (bit<8>)16w5;", ""},
      {"sign", "const int<8> a = (int<8>)8w5;", ""},
      {"not both at once", "const int<8> a = (int<8>)16w5;", "1 bad-cast"},
      {"bit<1> and bool", "const bool a = (bool)1w1;\nconst bit<1> b = (bit<1>)true;", ""},
      {"wider than one bit", "const bool a = (bool)2w1;", "1 bad-cast"},
      {"int to bool: 0 and 1 only", "const bool a = (bool)3;", "1 bad-cast"},
      {"new types", "type bit<8> T;\nconst T a = (T)8w5;\nconst bit<8> b = (bit<8>)a;", ""},
      {"new types take their own base only", "type bit<8> T;\nconst T a = (T)16w5;", "2 bad-cast"},
      {"bits to a serializable enum", "enum bit<8> E { A = 1 }\nconst E a = (E)8w7;", ""},
  });
}

TEST(Expressions, ArithmeticOfSections8_6To8_8) {
  expect_rules({
      {"widths must agree", "bit<8> f(in bit<8> a, in bit<16> b) { return a + b; }", "1 bad-operand"},
      {"no saturation of int", "const int a = 1 |+| 2;", "1 bad-operand"},
      {"saturation", "const bit<8> a = 8w250 |+| 10;", ""},
      {"division by zero", "const int a = 5 / 0;", "1 bad-operand"},
      {"a negative modulus", "const int a = -5 % 3;", "1 bad-operand"},
      {"no division of signed bits", "const int<8> a = 8s4 / 8s2;", "1 bad-operand"},
      {"~ needs a width", "const int a = ~5;", "1 bad-operand"},
      {"! needs bool", "const bool a = !5;", "1 bad-operand"},
      {"&& needs bool", "const bool a = 1w1 && true;", "1 bad-operand"},
      {"a shift amount is unsigned", "bit<8> f(in bit<8> a, in int<8> b) { return a << b; }", "1 bad-operand"},
      {"a shift amount is not negative", "bit<8> f(in bit<8> a) { return a << -1; }", "1 bad-operand"},
      {"an int is shifted by what is known", "bit<8> f(in bit<8> a) { return 1 << a; }", "1 not-constant"},
      {"concatenation", "const bit<12> a = 4w1 ++ 8w2;", ""},
      {"concatenation needs widths", "const bit<12> a = 4w1 ++ 2;", "1 bad-operand"},
      {"strings join", "const string s = \"a\" ++ \"b\";", ""},
      {"order is for numbers", "const bool a = true < false;", "1 bad-operand"},
      {"equality wants one type", "bool f(in bit<8> a, in bool b) { return a == b; }", "1 bad-operand"},
      {"no equality of type variables", "bool f<T>(in T a, in T b) { return a == b; }", "1 bad-operand"},
  });
}

TEST(Expressions, BitsOfSection8_6) {
  expect_rules({
      {"a slice", "const bit<4> a = 8w0xab[7:4];", ""},
      {"out of range", "const bit<4> a = 8w0xab[8:5];", "1 bad-slice"},
      {"the wrong way round", "const bit<4> a = 8w0xab[4:7];", "1 bad-slice"},
      {"of a bool", "const bit<1> a = true[0:0];", "1 bad-slice"},
      {"bounds are known", "bit<1> f(in bit<8> a, in bit<8> i) { return a[i:i]; }", "1 not-constant; 1 not-constant"},
      {"lo +: width at run time", "bit<4> f(in bit<8> a, in bit<8> i) { return a[i+:4]; }", ""},
      {"its width is known", "bit<4> f(in bit<8> a, in bit<8> i) { return a[0+:i]; }", "1 not-constant"},
      {"a slice is an l-value", "void f(inout bit<8> a) { a[3:0] = 1; }", ""},
  });
}

TEST(Expressions, ListsAndStructsOfSections8_12To8_17) {
  expect_rules({
      {"a list to a struct", "struct S { bit<8> a; bool b; }\nconst S s = { 1, true };", ""},
      {"too short", "struct S { bit<8> a; bool b; }\nconst S s = { 1 };", "2 type-mismatch"},
      {"too short, with ...", "struct S { bit<8> a; bool b; }\nconst S s = { 1, ... };", ""},
      {"by name", "struct S { bit<8> a; bool b; }\nconst S s = { b = true, a = 1 };", ""},
      {"an unknown field", "struct S { bit<8> a; }\nconst S s = { x = 1 };", "2 unknown-member"},
      {"a field is missing", "struct S { bit<8> a; bool b; }\nconst S s = { a = 1 };", "2 type-mismatch"},
      {"a field given twice", "struct S { bit<8> a; }\nconst S s = { a = 1, a = 2 };", "2 duplicate-name"},
      {"a cast names the struct", "struct S { bit<8> a; }\nconst S s = (S){ a = 1 };", ""},
      {"an invalid header", "header H { bit<8> a; }\nvoid f(out H h) { h = {#}; }", ""},
      {"is no number", "void f(out bit<8> h) { h = {#}; }", "1 type-mismatch"},
      {"a tuple is no struct", "struct S { bit<8> a; }\nvoid f(in tuple<bit<8>> t, out S s) { s = t; }",
       "2 type-mismatch"},
      {"elements of a tuple", "bit<8> f(in tuple<bool, bit<8>> t) { return t[1]; }", ""},
      {"out of range", "bit<8> f(in tuple<bool, bit<8>> t) { return t[2]; }", "1 bad-operand"},
      {"a list of a list type", "const list<bit<8>> l = { 1, 2, 3 };", ""},
  });
}

TEST(Expressions, StacksOfSection8_18) {
  expect_rules({
      {"size is known", "header H { bit<8> a; }\nvoid f(in H[3] s) { bit<32> n = s.size; }", ""},
      {"index out of range", "header H { bit<8> a; }\nvoid f(in H[3] s) { bit<8> n = s[3].a; }", "2 bad-operand"},
      {"next is for parsers", "header H { bit<8> a; }\nvoid f(inout H[3] s) { s.next.a = 1; }", "2 unknown-member"},
      {"push by a known count", "header H { bit<8> a; }\nvoid f(inout H[3] s, in bit<8> n) { s.push_front(n); }",
       "2 not-constant"},
      {"push and pop", "header H { bit<8> a; }\nvoid f(inout H[3] s) { s.push_front(1); s.pop_front(2); }", ""},
      {"an `in` stack stays", "header H { bit<8> a; }\nvoid f(in H[3] s) { s.pop_front(1); }", "2 not-an-lvalue"},
  });
}

TEST(Expressions, ConditionsOfSection8_5_1) {
  expect_rules({
      {"the condition is bool", "bit<8> f(in bit<8> a) { return a ? 1 : 2; }", "1 type-mismatch"},
      {"the context gives no width", "bit<8> f(in bool a) { return a ? 1 : 2; }", "1 type-mismatch"},
      {"one type", "void f(in bool a) { bit<8> r = a ? 8w1 : true; }", "1 type-mismatch"},
  });
}

TEST(Expressions, ValuesOfSection18_1) {
  const auto checked = check_text(
      "const int a = (1 << 70) - 3 * 4;\nconst bit<8> b = 250 + 10;\nconst int<8> c = -(8s100 + 8s100);\n"
      "const bit<8> d = 8w200 |+| 100;\nconst bit<4> e = 8w0xa5[7:4];\nenum bit<4> E { X = 3, Y = X }\nconst bit<4> g "
      "= E.Y;\n"
      "const bool h = { 1, true } == (tuple<bit<4>, bool>){ 1, true };");
  EXPECT_EQ(checked->errors(), "");
  const auto value = [&](const char* name) {
    return std::get<BigInt>(checked->program.constant_of_decl[checked->find(name)]->value);
  };
  EXPECT_EQ(value("a"), (BigInt(1) << 70) - 12);
  EXPECT_EQ(value("b"), 4);
  EXPECT_EQ(value("c"), 56);
  EXPECT_EQ(value("d"), 255);
  EXPECT_EQ(value("e"), 10);
  EXPECT_EQ(value("g"), 3);
}

TEST(Expressions, LimitsOfThisCompiler) {
  expect_rules({
      {"widths", "const bit<2048> a = 1;\nconst bit<2049> b = 1;", "2 bad-width"},
      {"negative widths", "const bit<-2> a = 1;", "1 bad-width"},
      {"an int of 2048 bits", "const int a = 1 << 2047;\nconst int b = 1 << 2048;", "2 bad-width"},
      {"no endless shift", "const int a = 1 << 4000000000;", "1 bad-width"},
  });
}

TEST(Expressions, WarnsOfLostBits) {
  const auto checked = check_text("const bit<8> a = 300;");
  ASSERT_EQ(checked->diagnostics.all().size(), 1u);
  EXPECT_EQ(checked->diagnostics.all().front().kind, DiagnosticKind::kOverflow);
}

}  // namespace
}  // namespace p4bpf::check
