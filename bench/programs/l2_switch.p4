// A learning switch's fast path: known source address at its port, known destination, out of that port. What is unknown
// goes to the kernel, where whoever learns addresses sees it.
#include <core.p4>
#include <xdp_model.p4>
#include "headers.p4"

struct Headers {
    Ethernet ethernet;
}

parser ParseEthernet(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition accept;
    }
}

control Switch(inout Headers headers, in xdp_input input, out xdp_output output) {
    action forward(bit<32> port) {
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = port;
    }
    action to_kernel() {
        output.output_action = xdp_action.XDP_PASS;
    }
    table sources {
        key = {
            headers.ethernet.src: exact @name("src");
            input.input_port:     exact @name("port");
        }
        actions = { NoAction; }
        const default_action = NoAction;
        size = 65536;
    }
    table destinations {
        key = { headers.ethernet.dst: exact @name("dst"); }
        actions = { forward; to_kernel; }
        const default_action = to_kernel;
        size = 65536;
    }
    apply {
        output.output_port = 0;
        if (sources.apply().hit) {
            destinations.apply();
        } else {
            to_kernel();
        }
    }
}

control DeparseEthernet(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
    }
}

xdp(ParseEthernet(), Switch(), DeparseEthernet()) main;
