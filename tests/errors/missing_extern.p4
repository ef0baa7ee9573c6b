// An extern function of the program's own without a body in C.
// command: compile
#include <core.p4>
#include <ebpf_model.p4>
extern bit<8> nowhere(in bit<8> x);          // expect no-extern-body
struct Headers { }
parser prs(packet_in p, out Headers headers) { state start { transition accept; } }
control flt(inout Headers headers, out bool accept) { apply { accept = nowhere(1) == 1; } }
ebpfFilter(prs(), flt()) main;
