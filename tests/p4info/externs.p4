// What P4Info says of extern objects, of entries and defaults that stand in the program, and of keys behind those of a selector.
#include <core.p4>
#include <v1model.p4>

type bit<32> stamp_t;
@p4runtime_translation("example.org/port", 32)
type bit<9> port_t;
enum bit<8> Kind { a = 1, b = 2 }

header H {
  bit<32> dst;
  bit<16> flow;
  bit<8> kind;
  bit<8> more;
}
struct headers_t {
  H h;
}
struct meta_t {}
struct Learned {
  bit<32> dst;
  port_t port;
  Kind kind;
}
struct set_t {
  bit<16> flow;
  @match(lpm) @id(9) bit<32> dst;
}

parser MyParser(packet_in packet, out headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
  value_set<set_t>(4) flows;
  state start {
    packet.extract(hdr.h);
    transition select(hdr.h.flow, hdr.h.dst) {
      flows: reject;
      default: accept;
    }
  }
}
control MyVerify(inout headers_t hdr, inout meta_t meta) {
  apply {}
}
control MyIngress(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
  @brief("when a flow was seen")
  register<stamp_t>(1024) seen;
  register<bit<48>>(16) plain;
  register<int<16>>(8) level;
  register<bool>(8) flags;
  register<Kind>(4) kinds;
  @id(7) meter(64, MeterType.bytes) police;
  counter(32, CounterType.bytes) amount;
  direct_counter(CounterType.packets_and_bytes) routed;
  direct_meter<bit<2>>(MeterType.packets) rate;
  action_profile(128) hops;
  @max_group_size(64)
  @selector_size_semantics("sum_of_members") @max_member_weight(40)
  action_selector(HashAlgorithm.crc16, 256, 14) paths;

  action drop() {
    mark_to_drop(standard_metadata);
  }
  action send(port_t port, bit<12> vlan, @hidden bit<8> inner, bool tagged) {
    bit<2> color = 0;
    standard_metadata.egress_spec = (bit<9>)port;
    hdr.h.more = inner + (bit<8>)vlan[7:0] + (tagged ? 8w1 : 0);
    rate.read(color);
    digest<Learned>(1, { hdr.h.dst, port, Kind.a });
  }
  action mark(int<20> by) {
    hdr.h.dst = hdr.h.dst + (bit<32>)(int<32>)by;
  }
  table routes {
    key = { hdr.h.dst : lpm; }
    actions = { send; drop; mark; }
    default_action = send((port_t)5, 0xabc, 3, true);
    counters = routed;
    meters = rate;
    support_timeout = true;
  }
  table fixed {
    key = { hdr.h.kind : exact; }
    actions = { drop; mark; }
    const entries = {
      1 : drop();
      2 : mark(-3);
    }
    const default_action = mark(-2);
  }
  table started {
    key = { hdr.h.kind : ternary; }
    actions = { drop; NoAction; }
    entries = { 1 &&& 3 : drop(); }
    size = 16;
  }
  table empty {
    key = { hdr.h.more : exact; }
    actions = { drop; @defaultonly NoAction; }
    entries = { }
  }
  table next_hops {
    key = { hdr.h.dst : exact; }
    actions = { mark; drop; }
    implementation = hops;
  }
  table chosen {
    key = {
      hdr.h.kind : exact;
      hdr.h.flow : selector;
      hdr.h.more : exact;
      hdr.h.dst : selector;
      hdr.h.flow : exact @name("flow");
    }
    actions = { mark; drop; }
    implementation = paths;
  }
  table inline_chosen {
    key = {
      hdr.h.flow : selector;
      hdr.h.kind : exact;
    }
    actions = { mark; drop; }
    @name("ways") @max_group_size(200)
    implementation = action_selector(HashAlgorithm.identity, 1024, 10);
  }
  apply {
    stamp_t last;
    bit<48> p;
    int<16> l;
    bool f;
    Kind k;
    bit<2> color;
    seen.read(last, 0);
    plain.read(p, 0);
    level.read(l, 0);
    flags.read(f, 0);
    kinds.read(k, 0);
    seen.write(1, last);
    plain.write(1, p);
    level.write(1, l);
    flags.write(1, f);
    kinds.write(1, k);
    police.execute_meter(0, color);
    amount.count(0);
    hdr.h.more = (bit<8>)color;
    routes.apply();
    fixed.apply();
    started.apply();
    empty.apply();
    next_hops.apply();
    chosen.apply();
    inline_chosen.apply();
  }
}
control MyEgress(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
  apply {}
}
control MyCompute(inout headers_t hdr, inout meta_t meta) {
  apply {}
}
control MyDeparser(packet_out packet, in headers_t hdr) {
  apply {
    packet.emit(hdr.h);
  }
}
V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyCompute(), MyDeparser()) main;
