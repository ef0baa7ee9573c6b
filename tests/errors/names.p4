// Names that are not there, there twice, or of another sort.
#include <core.p4>
header H { bit<8> f; }
struct S { H h; }
const bit<8> twice = 1;
const bit<8> twice = 2;               // expect duplicate-name
control c(inout S s, in bit<8> x) {
    action a() { s.h.f = y; }         // expect unknown-name
    Nothing z;                        // expect unknown-name
    apply {
        s.h.g = 1;                    // expect unknown-member
        s.h.f = H;                    // expect not-a-value
        x v;                          // expect not-a-type
        undefined_action();           // expect unknown-name
    }
}
