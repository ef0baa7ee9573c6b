// v1model: a packet that grows at the front in one pass and shrinks in the next, and the other way round. The first byte says how many passes
// it still takes; odd ones put a shim of 20 bytes in front, even ones take it away with what stands behind it.
#include <core.p4>
#include <v1model.p4>

header Order {
    bit<8>  passes;
    bit<8>  mode;    // 1: shrink by more than has been pushed, 2: begin with the shrinking
    bit<16> mark;
    bit<64> rest;
    bit<16> type;
}
header Shim {
    bit<8>   passes;
    bit<8>   mode;
    bit<48>  mark;
    bit<32>  filling;
    bit<16>  type;   // where the kernel looks for a type
    bit<48>  end;
}
header Extra {
    bit<64> words;
}
struct Headers {
    Shim  shim;
    Order order;
    Extra extra;
}
struct Meta {}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        transition select(packet.lookahead<bit<64>>()[47:0]) {
            0x5348494d5348: shim;
            default: order;
        }
    }
    state shim {
        packet.extract(headers.shim);
        transition order;
    }
    state order {
        packet.extract(headers.order);
        transition select(headers.order.mode) {
            1: extra;
            2: extra;
            default: accept;
        }
    }
    state extra {
        packet.extract(headers.extra);
        transition accept;
    }
}
control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}
control In(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = 2;
    }
}
control Out(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        bit<8> passes = headers.order.passes;
        if (headers.shim.isValid()) {
            headers.shim.setInvalid();
            if (headers.order.mode == 1) {
                headers.extra.setInvalid();
                headers.order.mode = 0;
            }
        } else if (passes != 0) {
            if (headers.order.mode == 2) {
                headers.extra.setInvalid();
                headers.order.mode = 0;
            } else {
                headers.shim.setValid();
                headers.shim = { passes, 0, 0x5348494d5348, 0, headers.order.type, 0x010203040506 };
            }
        }
        if (passes != 0) {
            headers.order.passes = passes - 1;
            recirculate_preserving_field_list(0);
        }
    }
}
control Update(inout Headers headers, inout Meta meta) {
    apply {}
}
control Write(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.shim);
        packet.emit(headers.order);
        packet.emit(headers.extra);
    }
}
V1Switch(Parse(), Verify(), In(), Out(), Update(), Write()) main;
