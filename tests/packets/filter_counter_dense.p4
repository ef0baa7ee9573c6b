// CounterArray: increment and add; an index beyond its size counts nothing.
#include "harness.p4"
#include <ebpf_model.p4>

control Filter(inout Headers h, out bool accept) {
    CounterArray(4, false) dense;
    apply {
        accept = true;
        dense.increment((bit<32>)h.data.a);
        dense.add(h.data.d, (bit<32>)h.data.c);
    }
}

ebpfFilter(TestParser(), Filter()) main;
