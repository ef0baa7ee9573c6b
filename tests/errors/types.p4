// Types that do not fit.
#include <core.p4>
header H { bit<8> f; bit<16> g; }
struct S { H h; bool b; }
control c(inout S s, in bit<8> x) {
    apply {
        s.h.f = s.h.g;                // expect type-mismatch
        s.b = s.h.f + s.b;            // expect bad-operand
        s.b = (bool)s.h.g;            // expect bad-cast
        x = 1;                        // expect not-an-lvalue
        s.h.f = s.h.f[9:2];           // expect bad-slice
        s.h.f = s.h.f[s.h.g:0];       // expect not-constant
        s.h.f = 300;                  // expect overflow
        if (s.h.f) { }                // expect type-mismatch
        s.h.setValid(1);              // expect bad-argument
    }
}
