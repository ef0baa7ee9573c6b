// VLAN access and trunk ports at the XDP hook: a tag is pushed on the way from an access port to the trunk and popped on the way back.
//
// `access` says for each access port its VLAN and its trunk; `trunk` says for each trunk and VLAN the access port. A frame
// that comes in tagged on an access port, or untagged or with an unknown VLAN on a trunk, is dropped.
//
//   p4bpf run examples/vlan.p4 --name vlan --detach -i 0@eth0 -i 1@eth1
//   p4bpf table add vlan:access port=0 push_tag vid=100 to=1
//   p4bpf table add vlan:trunk port=1 vid=100 pop_tag to=0
//
// Tests: vlan.stf.
#include <core.p4>
#include <xdp_model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}

header Vlan {
    bit<3>  priority_code;
    bit<1>  drop_eligible;
    bit<12> vid;
    bit<16> type;
}

struct Headers {
    Ethernet ethernet;
    Vlan     vlan;
}

parser VlanParser(packet_in packet, out Headers headers) {
    state start {
        packet.extract(headers.ethernet);
        transition select(headers.ethernet.type) {
            0x8100:  vlan;
            default: accept;
        }
    }
    state vlan {
        packet.extract(headers.vlan);
        transition accept;
    }
}

control VlanSwitch(inout Headers headers, in xdp_input input, out xdp_output output) {
    action drop() {
        output.output_action = xdp_action.XDP_DROP;
    }
    action push_tag(bit<12> vid, bit<32> to) {
        headers.vlan.setValid();
        headers.vlan.priority_code = 0;
        headers.vlan.drop_eligible = 0;
        headers.vlan.vid = vid;
        headers.vlan.type = headers.ethernet.type;
        headers.ethernet.type = 0x8100;
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = to;
    }
    table access {
        key = { input.input_port: exact @name("port"); }
        actions = { push_tag; drop; }
        default_action = drop;
        implementation = hash_table(64);
    }

    action pop_tag(bit<32> to) {
        headers.ethernet.type = headers.vlan.type;
        headers.vlan.setInvalid();
        output.output_action = xdp_action.XDP_REDIRECT;
        output.output_port = to;
    }
    table trunk {
        key = {
            input.input_port: exact @name("port");
            headers.vlan.vid: exact @name("vid");
        }
        actions = { pop_tag; drop; }
        default_action = drop;
        implementation = hash_table(4096);
    }

    apply {
        output.output_port = 0;
        if (headers.vlan.isValid()) {
            trunk.apply();
        } else {
            access.apply();
        }
    }
}

control VlanDeparser(in Headers headers, packet_out packet) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.vlan);
    }
}

xdp(VlanParser(), VlanSwitch(), VlanDeparser()) main;
