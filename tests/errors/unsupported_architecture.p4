// A package of no architecture that p4bpf knows.
// command: compile
#include <core.p4>
parser P(packet_in p);
package Nonsense(P p);
parser prs(packet_in p) { state start { transition accept; } }
Nonsense(prs()) main;  // expect unknown-architecture
