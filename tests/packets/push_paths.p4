// Headers that come and go on some ways through the program only: each way sends what it made, and fields keep what was stored in
// them while their header was invalid.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Command {
    bit<8>  op;
    bit<8>  then;
    bit<16> value;
}
header Tag {
    bit<4>  kind;
    bit<12> id;
    bit<8>  hops;
    bit<24> path;
    bit<16> type;
}
header Mark { bit<8> v; }
struct Headers {
    Ethernet outer;
    Ethernet ethernet;
    Tag      pushed;
    Tag      tag;
    Mark     mark;
    Command  command;
}

parser TestParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        transition select(h.ethernet.type) {
            0x88b6:  tag;
            default: command;
        }
    }
    state tag {
        packet.extract(h.tag);
        transition command;
    }
    state command {
        packet.extract(h.command);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    action push(bit<12> id) {
        h.pushed.setValid();
        h.pushed = { 3, id, 64, 0x010203, h.ethernet.type };
        h.ethernet.type = 0x88b6;
    }
    action push_outer(bit<48> dst) {
        h.outer.setValid();
        h.outer.dst = dst;
        h.outer.src = h.ethernet.src;
        h.outer.type = 0x1111;
    }
    action forget() { h.tag.setInvalid(); }
    action again() {
        // Comes back with the fields that it had.
        h.tag.setInvalid();
        h.tag.id = 0xabc;
        h.tag.setValid();
    }
    action drop() { output.output_action = xdp_action.XDP_DROP; }
    table first {
        key = { h.command.op: exact; }
        actions = { push; push_outer; forget; again; drop; NoAction; }
        const default_action = NoAction;
        const entries = {
            1: push(0x123);
            2: push_outer(0x020000000009);
            3: forget();
            4: again();
            5: drop();
            9: push(0x456);
        }
    }
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        h.mark.v = 7;
        first.apply();
        if (h.command.then == 1) {
            h.mark.setValid();
        } else if (h.command.then == 2) {
            // Of an invalid header: what was stored last, 0 at first.
            h.command.value = (bit<16>)h.mark.v + (bit<16>)h.pushed.id;
        } else if (h.command.then == 3) {
            h.mark.setValid();
            h.mark.v = h.pushed.hops;
            h.pushed.setInvalid();
        } else if (h.command.then == 4) {
            h.outer = h.ethernet;
            h.outer.src = 1;
        } else if (h.command.then == 5) {
            h.pushed = h.tag;
            h.pushed.hops = h.pushed.hops - 1;
        }
        if (h.pushed.isValid() && h.mark.isValid()) {
            h.mark.v = h.mark.v + 1;
        }
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.outer);
        packet.emit(h.ethernet);
        packet.emit(h.pushed);
        packet.emit(h.tag);
        packet.emit(h.mark);
        packet.emit(h.command);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
