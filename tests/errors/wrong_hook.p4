// xdp_model runs at XDP only.
// command: compile --hook tc
#include <core.p4>
#include <xdp_model.p4>
struct Headers { }
parser prs(packet_in p, out Headers headers) { state start { transition accept; } }
control sw(inout Headers headers, in xdp_input input, out xdp_output output) {
    apply { output.output_action = xdp_action.XDP_PASS; output.output_port = 0; }
}
control dep(in Headers headers, packet_out packet) { apply { } }
xdp(prs(), sw(), dep()) main;                // expect hook-unable
