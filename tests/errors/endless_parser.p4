// A parser that goes round without taking anything from the packet.
// command: compile
#include <core.p4>
#include <ebpf_model.p4>
header H { bit<8> f; }
struct Headers { H h; }
parser prs(packet_in p, out Headers headers) {
    state start { p.extract(headers.h); transition again; }
    state again {                            // expect parser-loop
        transition select(headers.h.f) { 0: again; default: accept; }
    }
}
control flt(inout Headers headers, out bool accept) { apply { accept = true; } }
ebpfFilter(prs(), flt()) main;
