// What P4Info says of a program: ids that are given and made, annotations in both forms, types with names, headers for the controller,
// scopes of actions, value sets, constant defaults.
#include <core.p4>
#include <v1model.p4>

@p4runtime_translation("example.org/port", 32)
type bit<9> port_t;
@p4runtime_translation("example.org/vrf", string)
type bit<10> vrf_t;
type bit<48> mac_t;

enum bit<16> EtherType {
  ipv4 = 0x0800,
  arp = 0x0806
}

header ethernet_t {
  bit<48> dst;
  bit<48> src;
  bit<16> type;
}

header ipv4_t {
  bit<64> before;
  bit<8> ttl;
  bit<8> protocol;
  bit<16> checksum;
  bit<32> src;
  bit<32> dst;
}

@controller_header("packet_in")
header packet_in_header_t {
  port_t ingress_port;
  @padding bit<7> unused;
}

@controller_header("packet_out")
header packet_out_header_t {
  @id(2) bit<9> egress_port;
  bit<7> queue;
}

struct headers_t {
  ethernet_t ethernet;
  ipv4_t ipv4;
}

struct meta_t {
  vrf_t vrf;
  port_t port;
}

struct key_t {
  @match(ternary) bit<16> type;
  bit<9> port;
}

parser MyParser(packet_in packet, out headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
  value_set<bit<16>>(4) pvs;
  value_set<key_t>(8) tunnels;
  state start {
    packet.extract(hdr.ethernet);
    transition select(hdr.ethernet.type, standard_metadata.ingress_port) {
      tunnels: accept;
      (pvs, _): ipv4;
      default: accept;
    }
  }
  state ipv4 {
    packet.extract(hdr.ipv4);
    transition accept;
  }
}

control MyVerify(inout headers_t hdr, inout meta_t meta) {
  apply {}
}

control MyIngress(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t standard_metadata) {
  @brief("packets and bytes by port")
  counter(512, CounterType.packets_and_bytes) ports;

  action drop() {
    mark_to_drop(standard_metadata);
  }
  @brief("to a next hop")
  action ipv4_forward(mac_t dstAddr, @id(7) @format("PORT") bit<9> port, EtherType kind) {
    hdr.ethernet.dst = (bit<48>)dstAddr;
    hdr.ethernet.type = kind;
    standard_metadata.egress_spec = port;
    ports.count((bit<32>)port);
  }
  @id(0x01000123)
  action set_vrf(vrf_t vrf) {
    meta.vrf = vrf;
  }

  @entry_restriction("hdr.ipv4.dst != \"0.0.0.0\"")
  @sai_table(ACL, 1)
  @weights[low=1, high=2, name="w"]
  table ipv4_lpm {
    key = {
      meta.vrf : exact @name("vrf");
      hdr.ipv4.dst : lpm;
    }
    actions = {
      ipv4_forward;
      @tableonly set_vrf;
      @defaultonly drop;
    }
    size = 2048;
    const default_action = drop();
  }
  @hidden
  table not_shown {
    key = { hdr.ethernet.type : exact; }
    actions = { NoAction; }
  }
  table acl {
    key = {
      hdr.ipv4.src : ternary @id(5);
      hdr.ipv4.protocol : range @name("protocol");
      hdr.ethernet.type : optional;
    }
    actions = { drop; set_vrf; }
  }

  apply {
    if (hdr.ipv4.isValid()) {
      ipv4_lpm.apply();
      acl.apply();
    }
    not_shown.apply();
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
    packet.emit(hdr.ethernet);
    packet.emit(hdr.ipv4);
  }
}

@pkginfo[name="described.p4", version="2", organization="p4bpf"]
V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyCompute(), MyDeparser()) main;
