// What the programs of the table benchmark share: a packet is the value that a lookup found and the key to look up. A table's only
// action writes its argument into the packet, where the loop that measures (lookup.h) sees it; the packet passes, since nobody would
// write into one that is dropped.
#ifndef BENCH_TABLE_P4
#define BENCH_TABLE_P4

#include <core.p4>
#include <xdp_model.p4>

header Found {
    bit<32> value;
    bit<32> unused;  // the key stands at a multiple of 8 bytes
}

struct Packet {
    Found found;
    Key   key;
}

parser ParseKey(packet_in bytes, out Packet packet) {
    state start {
        bytes.extract(packet.found);
        bytes.extract(packet.key);
        transition accept;
    }
}

control EmitKey(in Packet packet, packet_out bytes) {
    apply {
        bytes.emit(packet.found);
        bytes.emit(packet.key);
    }
}

#define LOOK_UP(NAME, KEYS)                                                             \
control NAME(inout Packet packet, in xdp_input input, out xdp_output output) {          \
    action found(bit<32> value) {                                                       \
        packet.found.value = value;                                                     \
    }                                                                                   \
    table entries {                                                                     \
        key = { KEYS }                                                                  \
        actions = { found; NoAction; }                                                  \
        const default_action = NoAction;                                                \
        size = SIZE;                                                                    \
    }                                                                                   \
    apply {                                                                             \
        output.output_port = 0;                                                         \
        output.output_action = xdp_action.XDP_PASS;                                     \
        entries.apply();                                                                \
    }                                                                                   \
}

#endif
