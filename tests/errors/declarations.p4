// Declarations that make no sense.
#include <core.p4>
header A { bool f; H2 g; }              // expect unknown-name
header B { B f; }                       // expect recursion
header V { varbit<8> f; varbit<8> g; }  // expect bad-field
struct C { bit<0> f; bit<99999> g; }    // expect bad-width
const bit<8> k = k2;                    // expect unknown-name
extern E { void f(); E(bit<8> x); E(bit<8> x, bit<8> y); }
extern bit<8> made<X>();
control c(inout bit<8> x) {
    E(1, 2, 3) e;                       // expect bad-call
    int counter;                        // expect bad-declaration
    apply { x = made(); }               // expect bad-type-argument
}
bit<8> f(in bit<8> x) { return f(x); }  // expect recursion
parser p(packet_in packet, out V v) {
    state start { packet.extract(v, 8); transition accept; }  // which of the two would be 8 bits long
}
