// A header with options of any length: summed with them, moved with them, compared with others', with fields behind them; a
// header that the parser gave up on stays out of the packet.
#include <core.p4>
#include <v1model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<16> type;
}
header Options {
    bit<8>      bytes;
    bit<8>      next;
    bit<16>     checksum;
    varbit<320> options;
    bit<4>      low;
    bit<12>     end;
}
header Label { bit<24> value; }
struct Headers {
    Ethernet ethernet;
    Label    label;
    Options  first;
    Options  second;
}
struct Meta {}

parser Parse(packet_in packet, out Headers h, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(h.ethernet);
        transition select(h.ethernet.type) {
            0x88b5: options;
            default: accept;
        }
    }
    state options {
        packet.extract(h.first, (bit<32>)packet.lookahead<bit<8>>() << 3);
        transition select(h.first.next) {
            1: more;
            default: accept;
        }
    }
    state more {
        packet.extract(h.second, (bit<32>)packet.lookahead<bit<8>>() << 3);
        transition accept;
    }
}
control Verify(inout Headers h, inout Meta meta) {
    apply {}
}
control Change(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    Options kept;
    apply {
        standard.egress_spec = standard.ingress_port;
        if (standard.parser_error != error.NoError) {
            standard.egress_spec = 9;
            h.ethernet.src = (bit<48>)(standard.parser_error == error.HeaderTooShort ? 32w1 : 2);
        } else if (h.second.isValid()) {
            if (h.first.options == h.second.options) {
                h.label.setValid();
                h.label.value = 0xabcdef;
                h.second.setInvalid();
            } else if (standard.ingress_port == 2) {
                kept = h.first;
                h.first = h.second;
                h.second = kept;
                h.first.options = kept.options;
            }
        } else if (standard.ingress_port == 3) {
            h.first.low = 0xf;
        } else if (standard.ingress_port == 4) {
            bit<16> all;
            hash(all, HashAlgorithm.xor16, 16w0, { h.first.bytes, h.first.options, h.first.low, h.first.end }, 32w65536);
            h.ethernet.dst = (bit<48>)all;
        }
    }
}
control Leave(inout Headers h, inout Meta meta, inout standard_metadata_t standard) {
    apply {}
}
control Update(inout Headers h, inout Meta meta) {
    apply {
        update_checksum(h.first.isValid(), { h.first.bytes, h.first.next, h.first.options, h.first.low, h.first.end },
                        h.first.checksum, HashAlgorithm.csum16);
    }
}
control Deparse(packet_out packet, in Headers h) {
    apply {
        packet.emit(h);
    }
}
V1Switch(Parse(), Verify(), Change(), Leave(), Update(), Deparse()) main;
