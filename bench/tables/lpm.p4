// One longest prefix match. -D KEY_BYTES=4 or 16, -D SIZE=entries.
header Key {
    bit<(KEY_BYTES * 8)> dst;
}

#include "table.p4"

LOOK_UP(LookUp, packet.key.dst: lpm;)

xdp(ParseKey(), LookUp(), EmitKey()) main;
