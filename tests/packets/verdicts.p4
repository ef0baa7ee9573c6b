// Every verdict of xdp_model: a packet is dropped, aborted, passed, sent back, or sent out of another port; a bad value of the enum is none.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

struct Headers { Ethernet ethernet; }

parser VerdictParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = (bit<32>)h.ethernet.dst[7:0];
        output.output_action = xdp_action.XDP_DROP;
        switch (h.ethernet.type) {
            1: { output.output_action = xdp_action.XDP_PASS; }
            2: { output.output_action = xdp_action.XDP_TX; }
            3: { output.output_action = xdp_action.XDP_REDIRECT; }
            4: { output.output_action = xdp_action.XDP_ABORTED; }
        }
        h.ethernet.src = (bit<48>)input.input_port;
    }
}

control VerdictDeparser(in Headers h, packet_out packet) {
    apply { packet.emit(h.ethernet); }
}

xdp(VerdictParser(), Test(), VerdictDeparser()) main;
