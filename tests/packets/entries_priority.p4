// Entries written in the program: with priorities, and constant without; the control plane adds to them. A larger
// priority wins.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Data { bit<8> a; bit<8> b; }

struct Headers {
    Ethernet ethernet;
    Data     data;
}

parser EntryParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.data);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action set(bit<8> x) { h.data.b = x; }
    table fixed {
        key = { h.data.a: ternary; }
        actions = { set; }
        largest_priority_wins = true;
        const default_action = set(0xee);
        entries = {
            priority = 10: 0x10 &&& 0xf0: set(1);
            priority = 30: 0x11:          set(2);
            priority = 20: 0x01 &&& 0x0f: set(3);
        }
    }
    table open {
        key = { h.data.a: ternary @name("a"); }
        actions = { set; NoAction; }
        default_action = NoAction();
        size = 16;
        entries = {
            priority = 10: 0x20 &&& 0xf0: set(4);
        }
    }
    table ranged {
        key = { h.data.a: range; }
        actions = { set; NoAction; }
        const default_action = NoAction();
        const entries = {
            0x40 .. 0x4f: set(7);
            0x48 .. 0x5f: set(8);
        }
    }
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_TX;
        fixed.apply();
        open.apply();
        ranged.apply();
    }
}

control EntryDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.data);
    }
}

xdp(EntryParser(), Test(), EntryDeparser()) main;
