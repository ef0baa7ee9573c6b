// Section 6.8: headers, unions and stacks of an out parameter start invalid, also inside of structs; what the argument was
// does not matter. Others keep what they were.
#include "harness.p4"

header One {
    bit<8> x;
}
header_union Either {
    One one;
    Data data;
}
struct Many {
    One one;
    One[2] stack;
    Either either;
    bit<8> plain;
}

control Look(out Many m, out bit<8> seen) {
    apply {
        seen = 0;
        if (m.one.isValid()) { seen[0:0] = 1; }
        if (m.stack[0].isValid()) { seen[1:1] = 1; }
        if (m.stack[1].isValid()) { seen[2:2] = 1; }
        if (m.either.isValid()) { seen[3:3] = 1; }
        m.plain = 7;
        m.stack[1] = { 9 };
    }
}

void look(out One one, inout One other) {
    if (!one.isValid() && other.isValid()) { other.x = 0x55; }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        Many m;
        m.one = { 1 };
        m.stack[0] = { 2 };
        m.stack[1] = { 3 };
        m.either.one = { 4 };
        m.plain = 5;
        Look.apply(m, h.data.a);
        if (!m.one.isValid() && !m.stack[0].isValid() && m.stack[1].isValid() && !m.either.isValid()) {
            h.data.b = m.plain;
        }
        h.data.c = m.stack[1].x ++ 8w0;
        One other = { 1 };
        look(m.stack[1], other);
        h.data.d = other.x ++ (m.stack[1].isValid() ? 8w1 : 8w0) ++ 16w0;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
