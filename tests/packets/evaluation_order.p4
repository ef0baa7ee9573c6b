// Sections 6.8 and 8.1: arguments, operands, and both sides of an assignment are evaluated from left to right as they are
// written, once each; the place of an out argument is found before the arguments behind it change anything.
#include "harness.p4"

header Cell {
    bit<8> z;
}

bit<8> next(inout bit<8> n) {
    n = n + 1;
    return n;
}

void put(inout bit<8> x, in bit<8> y) {
    x = x * 16 + y;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;

        bit<8> n = 1;
        put(n, next(n));                       // 1 * 16 + 2, although n is 2 by then
        h.data.a = n;                          // 0x12
        put(y = next(n), x = n);               // first 19 for y, then n, which is 19
        h.data.b = n;                          // 0x43
        n = 1;
        bit<8> v = next(n) * 16 + next(n);     // 2 * 16 + 3
        h.data.c = v ++ (n - next(n));         // 3 - 4

        Cell[2] s = {{5}, {7}};
        bit<8> i = 0;
        put(s[i].z, next(i));                  // s[0].z = 5 * 16 + 1
        i = 0;
        s[next(i) - 1].z += 1;                 // s[0].z = 0x52, i = 1
        s[next(i) - 1].z = next(i);            // s[1].z = 3
        h.data.d = s[0].z ++ s[1].z ++ i ++ 8w0;

        n = 10;
        bit<8> r = 0;
        switch (next(n)) {
            11: { r = n; }
            default: { r = 99; }
        }
        n = 1;
        bit<8> count = 0;
        for (bit<8> k in 0 .. next(n)) {       // the range is evaluated once
            count = count + 1;
        }
        v = n == 2 ? n : next(n);              // one branch only
        h.data.e = r ++ count ++ n ++ v ++ 32w0;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
