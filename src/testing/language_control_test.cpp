// The rules of the language as controls show them, from P4 text to bytes: parameters, order of evaluation, assignment,
// comparison, branches, loops, leaving. One case for each rule; the packet is the header h followed by nothing.
#include <gtest/gtest.h>

#include "testing/p4_fixture.h"

namespace p4bpf::testing {
namespace {

struct ControlCase {
  const char* name;
  const char* top;     // declarations of the program
  const char* locals;  // declarations of the control
  const char* apply;
  const char* in;
  const char* out;  // "-": dropped
};

class ControlRule : public ::testing::TestWithParam<ControlCase> {};

TEST_P(ControlRule, Holds) {
  const ControlCase& rule = GetParam();
  P4Fixture program(control_program(rule.top, rule.locals, rule.apply));
  EXPECT_EQ(program.send(rule.in), rule.out);
}

const ControlCase kParameters[] = {
    {"InoutByReference", "void inc(inout bit<8> x) { x = x + 1; }\n", "", "inc(hdr.h.a);", "01020304", "0: 02020304"},
    {"OutStartsAtZero", "void keep(out bit<8> x) { }\n", "", "keep(hdr.h.a);", "01020304", "0: 00020304"},
    {"OverlappingInoutsCopyOutInOrder", "void two(inout bit<8> x, inout bit<8> y) { x = x + 1; y = y + 2; }\n", "",
     "two(hdr.h.a, hdr.h.a);", "01020304", "0: 03020304"},
    {"InIsTakenBeforeInoutChanges", "bit<8> f(in bit<8> x, inout bit<8> y) { y = 9; return x; }\n", "",
     "hdr.h.b = f(hdr.h.a, hdr.h.a);", "01020304", "0: 09010304"},
    {"LeftOperandIsTakenBeforeTheCall", "bit<8> f(inout bit<8> x) { x = x + 1; return x; }\n", "",
     "hdr.h.b = hdr.h.a + f(hdr.h.a);", "05020304", "0: 060b0304"},
    {"IndexOfAnInoutIsTakenOnce", "void f(inout bit<8> x, inout bit<8> i) { i = 1; x = 7; }\n", "bit<8> n = 0;",
     "hdr.s[0] = {1, 1, 1, 1}; hdr.s[1] = {2, 2, 2, 2}; f(hdr.s[n].a, n);", "01020304", "0: 010203040701010102020202"},
    {"SliceAsInout", "void f(inout bit<4> x) { x = x + 1; }\n", "", "f(hdr.h.a[7:4]);", "f2020304", "0: 02020304"},
    {"UnwantedOut", "bit<8> f(out bit<8> x) { x = 3; return 4; }\n", "", "hdr.h.a = f(_);", "01020304", "0: 04020304"},
    {"ActionSeesItsControlsVariables", "", "bit<8> n = 1; action a(inout bit<8> x) { x = 5; n = n + 1; x = x + n; }",
     "a(n); hdr.h.a = n;", "01020304", "0: 07020304"},
    {"ActionReadsItsArgumentOnce", "", "action a(in bit<8> x) { hdr.h.a = 9; hdr.h.b = x; }", "a(hdr.h.a);", "01020304",
     "0: 09010304"},
    {"LocalsStartAnewAtEachApplication",
     "control C(inout bit<8> x) { bit<8> n = 1; apply { n = n + 1; x = x + n; } }\n", "C() c;",
     "c.apply(hdr.h.a); c.apply(hdr.h.a);", "01020304", "0: 05020304"},
    {"ConstructorParameter", "control C(inout bit<8> x)(bit<8> k) { apply { x = x + k; } }\n", "C(3) c; C(4) d;",
     "c.apply(hdr.h.a); d.apply(hdr.h.b);", "01020304", "0: 04060304"},
    {"DirectApplication", "control C(inout bit<8> x) { apply { x = x + 1; } }\n", "", "C.apply(hdr.h.a);", "01020304",
     "0: 02020304"},
    {"NamedArguments", "bit<8> f(in bit<8> x, in bit<8> y) { return x - y; }\n", "", "hdr.h.a = f(y = 1, x = hdr.h.b);",
     "01050304", "0: 04050304"},
    {"DefaultArgument", "bit<8> f(in bit<8> x, in bit<8> y = 2) { return x - y; }\n", "", "hdr.h.a = f(hdr.h.b);",
     "01050304", "0: 03050304"},
    {"GenericFunction", "T pick<T>(in bool c, in T x, in T y) { if (c) { return x; } return y; }\n", "",
     "hdr.h.a = pick(hdr.h.b == 5, hdr.h.c, hdr.h.d);", "01050304", "0: 03050304"},
    {"StructAsInout", "void swap(inout Pair p) { p = { p.r, p.l }; }\n", "Pair q = { 1, 2 };",
     "swap(q); hdr.h.a = q.l; hdr.h.b = q.r;", "01050304", "0: 02010304"},
};
INSTANTIATE_TEST_SUITE_P(Parameters, ControlRule, ::testing::ValuesIn(kParameters),
                         [](const auto& one) { return one.param.name; });

const ControlCase kLeaving[] = {
    {"ReturnFromControl", "", "", "hdr.h.a = 9; if (hdr.h.b == 2) { return; } hdr.h.a = 8;", "01020304", "0: 09020304"},
    {"ReturnFromActionOnly", "", "action a() { if (hdr.h.b == 2) { return; } hdr.h.a = 8; }", "a(); hdr.h.c = 7;",
     "01020304", "0: 01020704"},
    {"ExitLeavesTheCallerToo", "control C(inout bit<8> x) { apply { x = 5; exit; } }\n", "C() c;",
     "c.apply(hdr.h.a); hdr.h.b = 9;", "01020304", "0: 05020304"},
    {"ExitCopiesOut", "control C(inout bit<8> x, in bit<8> y) { apply { x = x + y; exit; } }\n", "C() c;",
     "c.apply(hdr.h.a, hdr.h.a); hdr.h.b = 9;", "02020304", "0: 04020304"},
    {"ExitUnderAConditionCopiesOutOnBothWays",
     "control C(inout bit<8> x, in bit<8> y) { apply { x = x + y; if (x == 4) exit; x = 1; } }\n", "C() c;",
     "c.apply(hdr.h.a, hdr.h.a); hdr.h.b = 9;", "03020304", "0: 01090304"},
    {"ReturnInALoop",
     "bit<8> f(in bit<8> n) { for (bit<8> i = 0; i < 10; i = i + 1) { if (i == n) { return i + 1; } } return 99; }\n",
     "", "hdr.h.a = f(hdr.h.b); hdr.h.c = f(hdr.h.d);", "010203ff", "0: 030263ff"},
};
INSTANTIATE_TEST_SUITE_P(Leaving, ControlRule, ::testing::ValuesIn(kLeaving),
                         [](const auto& one) { return one.param.name; });

const ControlCase kExpressions[] = {
    {"AndStopsAtFalse", "bool f(inout bit<8> x) { x = 9; return true; }\n", "",
     "if (hdr.h.b == 3 && f(hdr.h.a)) { hdr.h.c = 8; }", "01020304", "0: 01020304"},
    {"OrStopsAtTrue", "bool f(inout bit<8> x) { x = 9; return true; }\n", "",
     "if (hdr.h.b == 2 || f(hdr.h.a)) { hdr.h.c = 8; }", "01020304", "0: 01020804"},
    {"ConditionalEvaluatesOneSide", "bit<8> f(inout bit<8> x) { x = 9; return 1; }\n", "",
     "hdr.h.c = hdr.h.b == 3 ? f(hdr.h.a) : 8;", "01020304", "0: 01020804"},
    {"ConditionalOfStructs", "", "Pair p = { 1, 2 }; Pair q = { 3, 4 };",
     "q = hdr.h.a == 1 ? p : q; hdr.h.a = q.l; hdr.h.b = q.r;", "01020304", "0: 01020304"},
    {"SliceAssignment", "", "", "hdr.h.a[3:2] = 2w1;", "ff020304", "0: f7020304"},
    {"SliceOfASlice", "", "", "hdr.h.a[6:1][1:0] = 0;", "ff020304", "0: f9020304"},
    {"PlusSlice", "", "", "hdr.h.b = (bit<8>) hdr.h.a[4+:4]; hdr.h.a[0+:4] = 1;", "a2020304", "0: a10a0304"},
    {"PlusSliceAtRunTime", "", "", "hdr.h.c = (bit<8>) hdr.h.a[hdr.h.b+:4]; hdr.h.a[hdr.h.b+:4] = 1;", "a2040304",
     "0: 12040a04"},
    {"CompoundAssignment", "", "", "hdr.h.a += 3; hdr.h.b <<= 1; hdr.h.c |= 8; hdr.h.d |+|= 255;", "01020304",
     "0: 04040bff"},
    {"NegativeConstants", "", "int<8> n = -3;", "n = n >> 1; hdr.h.a = (bit<8>) n; hdr.h.b = (bit<8>) (-n);",
     "01020304", "0: fe020304"},
    {"ListToStruct", "", "Pair p;", "p = { hdr.h.b, hdr.h.a }; hdr.h.c = p.l; hdr.h.d = p.r;", "01020304",
     "0: 01020201"},
    {"StructByName", "", "Pair p;", "p = { r = hdr.h.b, l = hdr.h.a }; hdr.h.c = p.l; hdr.h.d = p.r;", "01020304",
     "0: 01020102"},
    {"ListThatReadsItsTarget", "", "Pair p = { 1, 2 };", "p = { p.r, p.l }; hdr.h.a = p.l; hdr.h.b = p.r;", "07070304",
     "0: 02010304"},
    {"DefaultOfTheRest", "", "Pair p = { 1, 2 };", "p = { l = 5, ... }; hdr.h.a = p.l; hdr.h.b = p.r;", "07070304",
     "0: 05000304"},
    {"TupleElements", "", "tuple<bit<8>, bit<8>> t = { 3, 4 };", "hdr.h.a = t[0]; t = { hdr.h.c, 9 }; hdr.h.b = t[1];",
     "07070304", "0: 03090304"},
    {"TuplesAreCompared", "", "tuple<bit<8>, bool> t = { 3, true }; tuple<bit<8>, bool> u = { 3, false };",
     "hdr.h.a = t == u ? 8w1 : 2; u = { 3, true }; hdr.h.b = t == u ? 8w1 : 2;", "07070304", "0: 02010304"},
    {"EnumsAreCompared", "enum E { A, B }\n", "E e = E.B;", "if (e == E.B) { hdr.h.a = 9; }", "01020304",
     "0: 09020304"},
    {"SerializableEnumIsItsBits", "enum bit<8> E { A = 4, B = 7 }\n", "E e;",
     "e = (E) hdr.h.a; if (e == E.B) { hdr.h.b = E.A; }", "07020304", "0: 07040304"},
    {"ConcatAndCast", "", "", "bit<16> w = hdr.h.a ++ hdr.h.b; hdr.h.c = (bit<8>) (w >> 4);", "12340304",
     "0: 12342304"},
};
INSTANTIATE_TEST_SUITE_P(Expressions, ControlRule, ::testing::ValuesIn(kExpressions),
                         [](const auto& one) { return one.param.name; });

const ControlCase kHeaders[] = {
    {"SetValidKeepsFields", "", "", "hdr.o.a = 7; hdr.o.setValid(); hdr.o.b = 8; hdr.o.c = 9; hdr.o.d = 1;", "01020304",
     "0: 0102030407080901"},
    {"SetInvalidIsNotEmitted", "", "", "hdr.h.setInvalid();", "01020304", "0: "},
    {"HeaderAssignmentCopiesValidity", "", "", "hdr.o = hdr.h; hdr.h = hdr.s[0];", "01020304", "0: 01020304"},
    {"HeaderFromAList", "", "", "hdr.o = { 1, 2, hdr.h.a, 4 };", "09020304", "0: 0902030401020904"},
    {"InvalidHeaderLiteral", "", "", "hdr.h = {#};", "09020304", "0: "},
    {"HeadersAreEqualIfBothAreInvalid", "", "",
     "if (hdr.o == hdr.s[0]) { hdr.h.a = 1; } hdr.s[0].setValid(); if (hdr.o == hdr.s[0]) { "
     "hdr.h.b = 1; } hdr.s[0].setInvalid();",
     "09090304", "0: 01090304"},
    {"HeadersAreComparedByFields", "", "",
     "hdr.o = hdr.h; if (hdr.o == hdr.h) { hdr.h.a = 1; } if (hdr.o != hdr.h) { hdr.h.b = 2; } "
     "hdr.o.setInvalid();",
     "09090304", "0: 01020304"},
    {"UnionHasOneValidMember", "", "",
     "hdr.u.b = { 1, 2, 3, 4 }; hdr.u.t = { 5, 6 }; if (!hdr.u.b.isValid() && hdr.u.isValid()) { "
     "hdr.h.a = 9; }",
     "01020304", "0: 0902030400050006"},
    {"UnionSetValid", "", "", "hdr.u.b.setValid(); hdr.u.t.setValid(); hdr.u.t.x = 1; hdr.u.t.y = 2;", "01020304",
     "0: 0102030400010002"},
    {"UnionAssignment", "", "U v;", "hdr.u.b = { 1, 2, 3, 4 }; v.t = { 5, 6 }; hdr.u = v;", "01020304",
     "0: 0102030400050006"},
    {"UnionInvalid", "", "", "hdr.u.b = { 1, 2, 3, 4 }; hdr.u = {#};", "01020304", "0: 01020304"},
    {"StackAtARunTimeIndex", "", "", "hdr.s[hdr.h.a].setValid(); hdr.s[hdr.h.a].c = 7;", "01020304",
     "0: 0102030400000700"},
    {"StackIndexOutOfBoundsWritesNothing", "", "", "hdr.s[hdr.h.a].setValid(); hdr.s[hdr.h.a].c = 7;", "05020304",
     "0: 05020304"},
    {"PushFront", "", "", "hdr.s[0] = { 1, 1, 1, 1 }; hdr.s.push_front(1); hdr.s[0] = { 2, 2, 2, 2 };", "09020304",
     "0: 090203040202020201010101"},
    {"PopFront", "", "", "hdr.s[0] = { 1, 1, 1, 1 }; hdr.s[1] = { 2, 2, 2, 2 }; hdr.s.pop_front(1);", "09020304",
     "0: 0902030402020202"},
    {"StackAssignment", "", "B[2] t;", "t[1] = { 2, 2, 2, 2 }; hdr.s = t;", "09020304", "0: 0902030402020202"},
    {"SizeOfAStack", "", "", "hdr.h.a = (bit<8>) hdr.s.size;", "09020304", "0: 02020304"},
};
INSTANTIATE_TEST_SUITE_P(Headers, ControlRule, ::testing::ValuesIn(kHeaders),
                         [](const auto& one) { return one.param.name; });

const ControlCase kLoops[] = {
    {"For", "", "", "for (bit<8> i = 0; i < hdr.h.b; i = i + 1) { hdr.h.a = hdr.h.a + i; }", "01040304", "0: 07040304"},
    {"BreakAndContinue", "", "",
     "for (bit<8> i = 0; i < 10; i = i + 1) { if (i == 1) { continue; } if (i == 4) { break; } hdr.h.a = hdr.h.a + i; "
     "}",
     "01040304", "0: 06040304"},
    {"RangeIncludesBothEnds", "", "", "for (bit<8> i in 1 .. 3) { hdr.h.a = hdr.h.a + i; }", "01040304", "0: 07040304"},
    {"RangeUpToTheLargestValueEnds", "", "", "for (bit<8> i in 253 .. 255) { hdr.h.a = hdr.h.a + 1; }", "01040304",
     "0: 04040304"},
    {"EmptyRange", "", "", "for (bit<8> i in hdr.h.b .. hdr.h.c) { hdr.h.a = hdr.h.a + i; }", "01040304",
     "0: 01040304"},
    {"OverAStack", "", "",
     "hdr.s[0] = { 1, 1, 1, 1 }; hdr.s[1] = { 2, 2, 2, 2 }; for (B b in hdr.s) { hdr.h.a = hdr.h.a + b.a; } hdr.s = "
     "{ {#}, {#} };",
     "01040304", "0: 04040304"},
    {"LocalsAreNewInEachRound", "", "", "for (bit<8> i in 1 .. 3) { bit<8> n; n = n + i; hdr.h.a = n; }", "01040304",
     "0: 03040304"},
    {"SwitchOnAValue", "", "",
     "switch (hdr.h.a) { 1: 2: { hdr.h.b = 7; } 3: { hdr.h.b = 8; } default: { hdr.h.b = 9; } }", "02000304",
     "0: 02070304"},
    {"SwitchDefault", "", "", "switch (hdr.h.a) { 1: 2: { hdr.h.b = 7; } 5: default: { hdr.h.b = 9; } }", "05000304",
     "0: 05090304"},
    {"SwitchWithoutDefault", "", "", "switch (hdr.h.a) { 1: { hdr.h.b = 7; } }", "05000304", "0: 05000304"},
};
INSTANTIATE_TEST_SUITE_P(Loops, ControlRule, ::testing::ValuesIn(kLoops),
                         [](const auto& one) { return one.param.name; });

const ControlCase kTables[] = {
    {"HitAndAction", "",
     "action set(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a : exact; } actions = { set; NoAction; } const "
     "entries = { 1 : set(7); } default_action = NoAction; }",
     "if (t.apply().hit) { hdr.h.c = 9; }", "01020304", "0: 01070904"},
    {"Miss", "",
     "action set(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a : exact; } actions = { set; } const entries = { "
     "1 : "
     "set(7); } default_action = set(5); }",
     "if (t.apply().miss) { hdr.h.c = 9; }", "02020304", "0: 02050904"},
    {"ActionRun", "",
     "action x() { hdr.h.b = 1; } action y() { hdr.h.b = 2; } table t { key = { hdr.h.a : exact; } actions = { x; y; } "
     "const entries = { 1 : x(); 2 : y(); } const default_action = y(); }",
     "switch (t.apply().action_run) { x: { hdr.h.c = 7; } y: { "
     "hdr.h.c = 8; } }",
     "01020304", "0: 01010704"},
    {"ActionRunOfAMiss", "",
     "action x() { hdr.h.b = 1; } action y() { hdr.h.b = 2; } table t { key = { hdr.h.a : exact; } actions = { x; y; "
     "} const entries = { 1 : x(); } const default_action = y(); }",
     "switch (t.apply().action_run) { x: { hdr.h.c = 7; } default: { "
     "hdr.h.c = 8; } }",
     "05020304", "0: 05020804"},
    {"BoundArguments", "",
     "action a(inout bit<8> x, bit<8> v) { x = x + v; } table t { key = { hdr.h.a : exact; } actions = { a(hdr.h.b); } "
     "const entries = { 1 : a(hdr.h.b, 4); } const default_action = a(hdr.h.b, 1); }",
     "t.apply(); t.apply();", "01020304", "0: 010a0304"},
    {"NoActionIfNoDefault", "", "action x() { hdr.h.b = 1; } table t { key = { hdr.h.a : exact; } actions = { x; } }",
     "t.apply();", "01020304", "0: 01020304"},
    {"Keyless", "", "action x(bit<8> v) { hdr.h.b = v; } table t { actions = { x; } default_action = x(6); }",
     "t.apply();", "01020304", "0: 01060304"},
    {"FirstEntryWinsWithoutPriorities", "",
     "action x(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a : ternary; } actions = { x; "
     "NoAction; } const entries = { 1 &&& 1 : x(3); 1 : x(4); _ : x(5); } const default_action = NoAction; }",
     "t.apply();", "01020304", "0: 01030304"},
    {"LargestPriorityWins", "",
     "action x(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a : ternary; } actions = { x; NoAction; } "
     "entries = { priority = 1 : 1 &&& 1 : x(3); priority = 5 : 1 : x(4); } const default_action = NoAction; }",
     "t.apply();", "01020304", "0: 01040304"},
    {"SmallestPriorityWins", "",
     "action x(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a : ternary; } actions = { x; NoAction; } "
     "largest_priority_wins = false; entries = { priority = 1 : 1 &&& 1 : x(3); priority = 5 : 1 : x(4); } const "
     "default_action = "
     "NoAction; }",
     "t.apply();", "01020304", "0: 01030304"},
    {"RangeKey", "",
     "action x(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a : range; } actions = { x; NoAction; } const "
     "entries = { "
     "1 .. 4 : x(3); 5 .. 9 : x(4); } const default_action = NoAction; }",
     "t.apply();", "05020304", "0: 05040304"},
    {"LpmKey", "",
     "action x(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a : lpm; } actions = { x; NoAction; } const entries "
     "= { "
     "0x80 &&& 0x80 : x(3); 0xc0 &&& 0xc0 : x(4); } const default_action = NoAction; }",
     "t.apply();", "c1020304", "0: c1040304"},
    {"KeyIsAnExpression", "",
     "action x(bit<8> v) { hdr.h.b = v; } table t { key = { hdr.h.a + 1 : exact @name(\"k\"); hdr.h.isValid() : "
     "exact; } actions = { x; NoAction; } const entries = { (2, true) : x(3); } const default_action = NoAction; }",
     "t.apply();", "01020304", "0: 01030304"},
    {"ExitInAnAction", "",
     "action x() { hdr.h.b = 1; exit; } table t { key = { hdr.h.a : exact; } actions = { x; NoAction; } const entries "
     "= { 1 : x(); } const default_action = NoAction; }",
     "t.apply(); hdr.h.c = 9;", "01020304", "0: 01010304"},
};
INSTANTIATE_TEST_SUITE_P(Tables, ControlRule, ::testing::ValuesIn(kTables),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace p4bpf::testing
