// Hashes over fields, constants, values narrower than a byte, and values wider than a register.
#include "harness.p4"

struct Pair {
    bit<4>  high;
    bit<12> low;
}

control Test(inout Headers h, in xdp_input input, out xdp_output output) {
    apply {
        output.output_action = xdp_action.XDP_TX;
        output.output_port = 0;
        bit<32> result;
        Pair pair = { 0x1, h.data.c[11:0] };
        if (h.data.a == 0) {
            hash(result, HashAlgorithm.lookup3, { h.ethernet.dst, h.ethernet.src, h.data.e });
        } else if (h.data.a == 1) {
            hash(result, HashAlgorithm.crc32, { h.data.e, 8w0x39 });
        } else if (h.data.a == 2) {
            hash(result, HashAlgorithm.crc16, { h.data.e[63:56], h.data.e[55:0], 8w0x39 });
        } else if (h.data.a == 3) {
            hash(result, HashAlgorithm.csum16, h.data.e);
        } else if (h.data.a == 4) {
            hash(result, HashAlgorithm.xor16, { h.data.b, pair, h.data.e[2:0] });
        } else if (h.data.a == 5) {
            hash(result, HashAlgorithm.lookup3, h.ethernet.dst ++ h.ethernet.src ++ h.data.c);
        } else if (h.data.a == 6) {
            hash(result, HashAlgorithm.lookup3, {});
        } else {
            hash(h.data.d, HashAlgorithm.crc32, { h.data.b == 1, h.data.d[30:0] });
            result = h.data.d;
        }
        h.data.d = result;
    }
}

xdp(TestParser(), Test(), TestDeparser()) main;
