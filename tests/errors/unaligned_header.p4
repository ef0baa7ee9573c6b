// A header that is no whole number of bytes.
#include <core.p4>
#include <ebpf_model.p4>
header H { bit<8> f; bit<3> g; }  // expect unaligned-header
struct Headers { H h; }
parser prs(packet_in p, out Headers headers) {
    state start { p.extract(headers.h); transition accept; }
}
control flt(inout Headers headers, out bool accept) { apply { accept = true; } }
ebpfFilter(prs(), flt()) main;
