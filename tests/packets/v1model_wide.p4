// A flow's record of 1003 bits in a register: put together from its fields, some of them wide, and taken apart again.
#include <core.p4>
#include <v1model.p4>

header query_t {
  bit<8> cell;
  bit<8> small;
  bit<32> middle;
  bit<128> large;
}

header answer_t {
  bit<8> count;
  bit<8> last_small;
  bit<32> last_middle;
  bit<128> last_large;
  bit<64> recent;
}

struct Record {
  bit<3> flags;
  bit<8> count;
  bit<128> large;
  bit<32> middle;
  int<7> lowest;
  bit<64> recent;
  bit<8> small;
  bit<1> seen;
  bit<752> rest;
}

struct Headers {
  query_t query;
  answer_t answer;
}

struct Meta {
  Record record;
  bit<1003> packed;
}

parser WideParser(packet_in packet, out Headers hdr, inout Meta meta, inout standard_metadata_t sm) {
  state start {
    packet.extract(hdr.query);
    transition accept;
  }
}

control WideVerify(inout Headers hdr, inout Meta meta) {
  apply {}
}

control WideIngress(inout Headers hdr, inout Meta meta, inout standard_metadata_t sm) {
  register<bit<1003>>(7) records;

  action unpack() {
    records.read(meta.packed, (bit<32>)hdr.query.cell);
    meta.record.flags = meta.packed[1002:1000];
    meta.record.count = meta.packed[999:992];
    meta.record.large = meta.packed[991:864];
    meta.record.middle = meta.packed[863:832];
    meta.record.lowest = (int<7>)meta.packed[831:825];
    meta.record.recent = meta.packed[824:761];
    meta.record.small = meta.packed[760:753];
    meta.record.seen = meta.packed[752:752];
    meta.record.rest = meta.packed[751:0];
  }

  action pack() {
    meta.packed = meta.record.flags ++ meta.record.count ++ meta.record.large ++ meta.record.middle ++
                  (bit<7>)meta.record.lowest ++ (meta.record.recent ++ meta.record.small) ++ meta.record.seen ++
                  meta.record.rest;
    records.write((bit<32>)hdr.query.cell, meta.packed);
  }

  apply {
    unpack();
    hdr.answer.setValid();
    hdr.answer.count = meta.record.count;
    hdr.answer.last_small = meta.record.small;
    hdr.answer.last_middle = meta.record.middle ^ meta.record.rest[31:0] ^ (bit<32>)(int<32>)meta.record.lowest;
    hdr.answer.last_large = meta.record.large;
    hdr.answer.recent = meta.record.recent;

    meta.record.count = meta.record.count + 1;
    meta.record.small = hdr.query.small;
    meta.record.middle = hdr.query.middle;
    meta.record.large = hdr.query.large;
    meta.record.lowest = -1;
    meta.record.recent = meta.record.recent[55:0] ++ hdr.query.small;
    meta.record.rest = meta.record.rest[743:0] ++ hdr.query.small;
    pack();
    sm.egress_spec = 2;
  }
}

control WideEgress(inout Headers hdr, inout Meta meta, inout standard_metadata_t sm) {
  apply {}
}

control WideChecksum(inout Headers hdr, inout Meta meta) {
  apply {}
}

control WideDeparser(packet_out packet, in Headers hdr) {
  apply {
    packet.emit(hdr.answer);
  }
}

V1Switch(WideParser(), WideVerify(), WideIngress(), WideEgress(), WideChecksum(), WideDeparser()) main;
