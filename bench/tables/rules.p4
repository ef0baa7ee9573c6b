// One lookup among the rules of a firewall. -D PORT_MATCH=ternary or range, -D SIZE=rules.
header Key {
    bit<32> src;
    bit<32> dst;
    bit<16> src_port;
    bit<16> dst_port;
    bit<8>  protocol;
}

#include "table.p4"

LOOK_UP(LookUp, packet.key.src: ternary; packet.key.dst: ternary; packet.key.src_port: PORT_MATCH;
                packet.key.dst_port: PORT_MATCH; packet.key.protocol: ternary;)

xdp(ParseKey(), LookUp(), EmitKey()) main;
