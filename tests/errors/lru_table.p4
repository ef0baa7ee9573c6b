// A table that makes room for new entries can have exact keys only. And a hash is chosen when the program is compiled.
// command: compile
#include <core.p4>
#include <xdp_model.p4>
header H { bit<32> a; bit<32> b; }
struct Headers { H h; }
parser p(packet_in packet, out Headers headers) {
    state start { packet.extract(headers.h); transition accept; }
}
control c(inout Headers headers, in xdp_input input, out xdp_output output) {
    action nop() {}
    table prefixes {                               // expect unsupported
        key = { headers.h.a: lpm; }
        actions = { nop; }
        implementation = lru_table(16);
    }
    apply {
        HashAlgorithm chosen = HashAlgorithm.crc32;
        if (headers.h.b == 1) {
            chosen = HashAlgorithm.crc16;
        }
        bit<32> result;
        hash(result, chosen, { headers.h.a });     // expect unsupported
        headers.h.b = result;
        prefixes.apply();
    }
}
control d(in Headers headers, packet_out packet) { apply { packet.emit(headers.h); } }
xdp(p(), c(), d()) main;
