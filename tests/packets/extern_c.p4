// Functions whose bodies are C (extern_c.c): scalars in and out, a header, a value wider than 64 bits.
// compile with --extern extern_c.c
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Data {
    bit<8>  a;
    bit<16> b;
    bit<32> sum;
    bit<128> wide;
}

extern bit<32> add_up(in bit<8> a, in bit<16> b);
extern void split(in bit<16> value, out bit<8> high, inout bit<8> low);
extern bool looks_good(in Ethernet eth);
extern void reverse(inout bit<128> value);

struct Headers {
    Ethernet ethernet;
    Data     data;
}

parser ExternParser(packet_in packet, out Headers h) {
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.data);
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_port = 0;
        output.output_action = xdp_action.XDP_DROP;
        if (looks_good(h.ethernet)) {
            output.output_action = xdp_action.XDP_TX;
            h.data.sum = add_up(h.data.a, h.data.b);
            bit<8> high;
            bit<8> low = 1;
            split(h.data.b, high, low);
            h.data.b = low ++ high;
            reverse(h.data.wide);
        }
    }
}

control ExternDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h.ethernet);
        packet.emit(h.data);
    }
}

xdp(ExternParser(), Test(), ExternDeparser()) main;
