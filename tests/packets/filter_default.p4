// A filter that never sets its result drops.
#include "harness.p4"
#include <ebpf_model.p4>

control Filter(inout Headers h, out bool accept) {
    apply {
    }
}

ebpfFilter(TestParser(), Filter()) main;
