// A sparse CounterArray is indexed by anything and holds as many indices as its size.
#include "harness.p4"
#include <ebpf_model.p4>

control Filter(inout Headers h, out bool accept) {
    CounterArray(2, true) sparse;
    apply {
        accept = true;
        sparse.add(h.data.d, (bit<32>)h.data.a);
    }
}

ebpfFilter(TestParser(), Filter()) main;
