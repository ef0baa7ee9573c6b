// CounterArray of ebpf_model, dense and sparse: increment, add, an index out of bounds. Every packet is accepted.
#include <core.p4>
#include <ebpf_model.p4>

header Data {
    bit<96> addresses;
    bit<16> type;
    bit<8>  index;
    bit<8>  amount;
    bit<32> wide;
}

struct Headers { Data data; }

parser CountParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.data);
        transition accept;
    }
}

control Count(inout Headers h, out bool accept) {
    CounterArray(16, false) dense;
    CounterArray(1024, true) sparse;
    apply {
        accept = true;
        dense.increment((bit<32>)h.data.index);
        sparse.add(h.data.wide, (bit<32>)h.data.amount);
    }
}

ebpfFilter(CountParser(), Count()) main;
