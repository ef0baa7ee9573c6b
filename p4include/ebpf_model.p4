// A packet filter: a parser, then a control that accepts or refuses the packet, which leaves unchanged.
#ifndef _EBPF_MODEL_P4_
#define _EBPF_MODEL_P4_

#include <core.p4>

match_kind {
    range,    // between two bounds, both included
    optional  // equal, or anything
}

// Counters of 32 bits that the program counts up and the control plane reads.
extern CounterArray {
    // Indices run from 0 to `max_index` - 1. A sparse array takes any index and counts at most `max_index` different ones.
    CounterArray(bit<32> max_index, bool sparse);
    // Adds one to the counter at `index`; where the array has no room for it nothing happens.
    void increment(in bit<32> index);
    // Adds `value` likewise.
    void add(in bit<32> index, in bit<32> value);
}

// Values for a table's property `implementation`. Each takes the number of entries.
// array_table: entries are numbered from 0 and always there.
extern array_table {
    array_table(bit<32> size);
}
// hash_table: entries come and go.
extern hash_table {
    hash_table(bit<32> size);
}

parser parse<H>(packet_in packet, out H headers);
control filter<H>(inout H headers, out bool accept);

package ebpfFilter<H>(parse<H> prs, filter<H> filt);

#endif
