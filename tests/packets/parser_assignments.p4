// Parsers compute: variables, calls of functions, assignments to headers and conditionals.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Byte { bit<8> v; }
struct Headers {
    Ethernet ethernet;
    Byte     first;
    Byte     second;
    Byte     third;
}

bit<8> plus_one(in bit<8> x) {
    return x + 1;
}

parser TestParser(packet_in packet, out Headers h) {
    bit<8> sum = 5;
    state start {
        packet.extract(h.ethernet);
        packet.extract(h.first);
        sum = sum + h.first.v;
        if (sum > 10) {
            h.second.setValid();
            h.second.v = plus_one(sum);
        } else {
            sum = 0;
        }
        h.first.v = sum;
        transition accept;
    }
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
    }
}

control TestDeparser(in Headers h, packet_out packet) {
    apply {
        packet.emit(h);
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
