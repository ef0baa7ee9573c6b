// A filter passes a packet as it came, whatever it writes to its headers; a rejecting parser drops.
#include "harness.p4"
#include <ebpf_model.p4>

control Filter(inout Headers h, out bool accept) {
    apply {
        accept = h.data.a == 1;
        h.data.b = 0xff;
        h.data.setInvalid();
    }
}

ebpfFilter(TestParser(), Filter()) main;
