// `typedef` is another name, `type` another type; values go in and out by cast.
#include "harness.p4"

type bit<16> Port;
typedef bit<8> Small;

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        Port port = (Port)h.data.c;
        Small small = h.data.a;
        h.data.d = (bit<32>)(bit<16>)port;
        h.data.b = port == (Port)0x1234 ? small : 8w0;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
