// Declarations that make no sense.
#include <core.p4>
header A { bool f; H2 g; }            // expect unknown-name
header B { B f; }                     // expect bad-field
struct C { bit<0> f; bit<99999> g; }  // expect bad-width
const bit<8> k = k2;                  // expect unknown-name
typedef bit<8> T;
extern E { void f(); E(bit<8> x); }
control c(inout bit<8> x) {
    E(1, 2) e;                        // expect bad-call
    apply { }
}
bit<8> f(in bit<8> x) { return f(x); }  // expect recursion
control generic<T2>(in T2 x);
