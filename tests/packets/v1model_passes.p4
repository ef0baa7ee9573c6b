// v1model: packets that change from pass to pass: a header more or less each time round, replicas that differ, clones of a packet
// that has been changed. The low byte of the type says what is done, the first byte of the payload how often.
#include <core.p4>
#include <v1model.p4>

header Ethernet {
    bit<48> dst;
    bit<48> src;
    bit<8>  type;
    bit<8>  what;
}
header Count {
    bit<8> rounds;
    bit<8> tags;
}
header Tag {
    bit<8>  number;
    bit<24> value;
}
struct Headers {
    Ethernet ethernet;
    Count    count;
    Tag[4]   tags;
}
struct Meta {
    @field_list(1)
    bit<8>   round;
    @field_list(1, 2)
    bit<128> wide;
    @field_list(2)
    bool     flag;
}

parser Parse(packet_in packet, out Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(headers.ethernet);
        packet.extract(headers.count);
        transition select(headers.count.tags) {
            0: accept;
            default: tag;
        }
    }
    state tag {
        packet.extract(headers.tags.next);
        transition select(headers.count.tags - (bit<8>)headers.tags.lastIndex) {
            1: accept;
            default: tag;
        }
    }
}
control Verify(inout Headers headers, inout Meta meta) {
    apply {}
}
control In(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        standard.egress_spec = 2;
        headers.ethernet.dst = 0xd;
        if (headers.ethernet.what == 4 && meta.round == 0) {
            // The clone has neither the new address nor one tag less.
            headers.tags.pop_front(1);
            headers.count.tags = headers.count.tags - 1;
            meta.flag = true;
            meta.wide = 0x0102030405060708090a0b0c0d0e0f10;
            clone_preserving_field_list(CloneType.I2E, 5, 2);
        } else if (headers.ethernet.what == 5) {
            standard.mcast_grp = 3;
            meta.wide = 0x1112131415161718191a1b1c1d1e1f20;
        } else if (headers.ethernet.what == 6 && meta.round < 3) {
            headers.ethernet.src = 0x66;
            headers.count.setInvalid();
            meta.round = meta.round + 1;
            meta.wide = meta.wide + 0x10000000000000000000000000001;
            resubmit_preserving_field_list(1);
        } else if (headers.ethernet.what == 7) {
            clone(CloneType.I2E, 6);
        }
    }
}
control Out(inout Headers headers, inout Meta meta, inout standard_metadata_t standard) {
    apply {
        if (headers.ethernet.what == 1 && meta.round < headers.count.rounds) {  // a tag more each time
            headers.tags.push_front(1);
            headers.tags[0].setValid();
            headers.tags[0].number = meta.round;
            headers.tags[0].value = 0xabcdef;
            headers.count.tags = headers.count.tags + 1;
            meta.round = meta.round + 1;
            recirculate_preserving_field_list(1);
        } else if (headers.ethernet.what == 2 && meta.round < headers.count.rounds) {  // a tag less
            headers.tags.pop_front(1);
            headers.count.tags = headers.count.tags - 1;
            meta.round = meta.round + 1;
            recirculate_preserving_field_list(1);
        } else if (headers.ethernet.what == 3) {  // for ever
            recirculate_preserving_field_list(1);
        } else if (headers.ethernet.what == 4) {
            headers.ethernet.src = meta.flag ? meta.wide[127:80] : 0;
        } else if (headers.ethernet.what == 5) {
            headers.ethernet.src = meta.wide[47:0];
            if (standard.egress_rid == 11) {
                headers.tags.push_front(1);
                headers.tags[0].setValid();
                headers.tags[0].number = (bit<8>)standard.egress_rid;
                headers.tags[0].value = (bit<24>)standard.egress_port;
                headers.count.tags = headers.count.tags + 1;
            } else if (standard.egress_rid == 12) {
                headers.tags.pop_front(1);
                headers.count.tags = headers.count.tags - 1;
            } else if (standard.egress_rid == 13) {
                mark_to_drop(standard);
            }
        } else if (headers.ethernet.what == 6) {
            headers.count.rounds = meta.round;
            headers.ethernet.src = meta.wide[127:80] + meta.wide[47:0];
        }
    }
}
control Update(inout Headers headers, inout Meta meta) {
    apply {}
}
control Deparse(packet_out packet, in Headers headers) {
    apply {
        packet.emit(headers.ethernet);
        packet.emit(headers.count);
        packet.emit(headers.tags);
    }
}
V1Switch(Parse(), Verify(), In(), Out(), Update(), Deparse()) main;
