// One exact lookup. -D KEY_BYTES=4, 16 or 37 (an IPv6 five-tuple), -D SIZE=entries.
header Key {
#if KEY_BYTES == 37
    bit<128> src;
    bit<128> dst;
    bit<16>  src_port;
    bit<16>  dst_port;
    bit<8>   protocol;
#elif KEY_BYTES == 16
    bit<128> src;
#else
    bit<32> src;
#endif
}

#include "table.p4"

#if KEY_BYTES == 37
LOOK_UP(LookUp, packet.key.src: exact; packet.key.dst: exact; packet.key.src_port: exact;
                packet.key.dst_port: exact; packet.key.protocol: exact;)
#else
LOOK_UP(LookUp, packet.key.src: exact;)
#endif

xdp(ParseKey(), LookUp(), EmitKey()) main;
