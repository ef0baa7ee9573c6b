// Parsers with mistakes.
#include <core.p4>
header H { bit<8> f; }
parser no_start(packet_in p, out H h) {   // expect bad-state
    state first { transition accept; }
}
parser bad_states(packet_in p, out H h) {
    state start { transition nowhere; }   // expect bad-state
    state other { transition select(h.f) { 1: start; 300 &&& true: accept; } }  // expect type-mismatch
}
